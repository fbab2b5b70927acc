package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the fleet's keys are and how long what they sign holds.
 *
 * @param folder holds the keys and the chain of roots
 * @param lifetime of what online keys sign: after this time without renewal nodes take up no release any more; they go on
 *     serving
 * @param targetsLifetime of a release itself, whose key may be offline
 * @param rootLifetime of a root
 * @param wheelsThreshold how many different keys have to sign what the role for wheels says
 */
public record TrustSettings(
        Path folder, Duration lifetime, Duration targetsLifetime, Duration rootLifetime, int wheelsThreshold) {
    private static final int MOST_WHEELS_KEYS = 10;

    static Setting<TrustSettings> read(Settings settings, Path base) {
        var folder = settings.optional("folder", "trust");
        // Long enough for a controller that sleeps over the holidays, short enough to end a stolen release's use.
        var lifetime = settings.duration("lifetime", Duration.ofDays(30), Duration.ofMinutes(1), Duration.ofDays(365));
        // A release is as good as its keys; its freshness is told by the timestamp.
        var targets = settings.duration(
                "targets-lifetime", Duration.ofDays(365), Duration.ofMinutes(1), Duration.ofDays(3650));
        // Custodians who have to come together are asked rarely.
        var root = settings.duration("root-lifetime", Duration.ofDays(3650), Duration.ofDays(1), Duration.ofDays(3650));
        // One, for it signs again and again where nobody watches: a second key in the same place is stolen with the
        // first.
        var wheels = settings.integer("wheels-threshold", 1, 1, MOST_WHEELS_KEYS);
        return settings.build(() ->
                new TrustSettings(base.resolve(folder.get()), lifetime.get(), targets.get(), root.get(), wheels.get()));
    }
}
