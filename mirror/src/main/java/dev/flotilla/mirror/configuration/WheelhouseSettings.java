package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.policy.NamePatterns;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.wheels.PrefetchSettings;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.PlatformSlug;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads where wheels that were built for the fleet come from. */
final class WheelhouseSettings {
    /** What logs and metrics call the place of the wheels, among the upstreams. */
    private static final String NAME = "wheelhouse";

    private WheelhouseSettings() {}

    static Setting<WheelSettings> read(Settings settings) {
        var path = settings.optional("path", StoreSettings::parsedPath);
        var source = settings.required("source", URI::create);
        var credentials = settings.optionalSection("credentials", CredentialSettings::read);
        var largest = settings.size("largest-index", WheelSettings.LARGEST_INDEX, ByteSize.ofKiB(1));
        var look = settings.duration("look", WheelSettings.LOOK, Duration.ofMillis(100), Duration.ofHours(1));
        var lifetime = settings.duration("lifetime", WheelSettings.LIFETIME, Duration.ZERO, Duration.ofDays(1));
        var prefetch = settings.optionalSection("prefetch", WheelhouseSettings::prefetch);
        return settings.build(() -> new WheelSettings(
                path.get(),
                new UpstreamIndex(NAME, source.get(), List.of(), Optional.empty(), credentials.get()),
                largest.get(),
                look.get(),
                lifetime.get(),
                prefetch.get()));
    }

    private static Setting<PrefetchSettings> prefetch(Settings settings) {
        var projects = settings.list("projects", List.of(), NamePattern::new);
        var platforms = settings.list("platforms", List.of(), WheelhouseSettings::platform);
        var budget = settings.size("budget", PrefetchSettings.BUDGET, ByteSize.ofKiB(1));
        var percent = settings.integer("percent", PrefetchSettings.PERCENT, 1, 100);
        var parallel = settings.integer("parallel", PrefetchSettings.PARALLEL, 1, 32);
        var rate = settings.size("rate", PrefetchSettings.RATE, ByteSize.ofKiB(1));
        var again = settings.duration("again", PrefetchSettings.AGAIN, Duration.ofMillis(100), Duration.ofDays(1));
        return settings.build(() -> new PrefetchSettings(
                NamePatterns.of(projects.get()),
                Set.copyOf(platforms.get()),
                budget.get(),
                percent.get(),
                parallel.get(),
                rate.get(),
                again.get()));
    }

    private static PlatformSlug platform(String text) {
        return PlatformSlug.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("'" + text
                        + "' is no platform: ‹distribution›-‹version›-‹architecture›, as in debian-12-x86_64"));
    }
}
