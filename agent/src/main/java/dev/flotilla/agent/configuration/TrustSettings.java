package dev.flotilla.agent.configuration;

import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/** Reads {@code trust { … }}: how much an agent takes from a repository that it doesn't trust yet. */
final class TrustSettings {
    private static final ByteSize LEAST = ByteSize.ofKiB(1);

    /** A document is held in memory while it is judged, and an agent's heap is 32 MiB. */
    private static final ByteSize MOST = ByteSize.ofMiB(8);

    private TrustSettings() {}

    static Setting<TrustLimits> read(Settings settings) {
        var root = document(settings, "root", TrustLimits.USUAL.root());
        var timestamp = document(settings, "timestamp", TrustLimits.USUAL.timestamp());
        var snapshot = document(settings, "snapshot", TrustLimits.USUAL.snapshot());
        var targets = document(settings, "targets", TrustLimits.USUAL.targets());
        var rotations = settings.integer("rotations", TrustLimits.USUAL.rotations(), 1, 10_000);
        var roles = settings.integer("roles", TrustLimits.USUAL.roles(), 1, 1000);
        var life = settings.duration(
                "longest-life", TrustLimits.USUAL.longestLife(), Duration.ZERO, Duration.ofDays(36_500));
        return settings.build(() -> new TrustLimits(
                root.get(), timestamp.get(), snapshot.get(), targets.get(), rotations.get(), roles.get(), life.get()));
    }

    private static Setting<ByteSize> document(Settings settings, String key, ByteSize usual) {
        return settings.optional(key, usual, text -> {
            var size = ByteSize.parse(text);
            if (size.compareTo(LEAST) < 0 || size.compareTo(MOST) > 0) {
                throw new IllegalArgumentException(size + " is not between " + LEAST + " and " + MOST);
            }
            return size;
        });
    }
}
