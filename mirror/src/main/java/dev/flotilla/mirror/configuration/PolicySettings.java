package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.policy.NamePatterns;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NamePattern;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the rules of what is served. */
final class PolicySettings {
    private PolicySettings() {}

    static Setting<Policy> read(Settings settings) {
        var block = settings.list("block", List.of(), NamePattern::new);
        var allow = settings.list("allow", List.of(), NamePattern::new);
        var privateNames = settings.list("private-names", List.of(), NamePattern::new);
        var largestFile = settings.optional("largest-file", ByteSize::parse);
        var largestProject = settings.optional("largest-project", ByteSize::parse);
        var cooldown = settings.duration("cooldown", Duration.ZERO, Duration.ZERO, Duration.ofDays(3650));
        var remembered = settings.integer("remembered", Policy.open().remembered(), 1, 100_000_000);
        return settings.build(() -> new Policy(
                NamePatterns.of(block.get()),
                NamePatterns.of(allow.get()),
                NamePatterns.of(privateNames.get()),
                largestFile.get(),
                largestProject.get(),
                Optional.of(cooldown.get()).filter(Duration::isPositive),
                remembered.get()));
    }
}
