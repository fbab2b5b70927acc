package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the fleet's keys are and how long what they sign holds.
 *
 * @param folder holds the private keys and {@code root.json}
 * @param lifetime after this time nodes take up no release any more until it is signed again; they go on serving
 */
public record TrustSettings(Path folder, Duration lifetime) {
    static Setting<TrustSettings> read(Settings settings, Path base) {
        var folder = settings.optional("folder", "trust");
        // Long enough for a controller that sleeps over the holidays, short enough to end a stolen release's use.
        var lifetime = settings.duration("lifetime", Duration.ofDays(30), Duration.ofMinutes(1), Duration.ofDays(365));
        return settings.build(() -> new TrustSettings(base.resolve(folder.get()), lifetime.get()));
    }
}
