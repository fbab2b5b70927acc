package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
        return settings.build(() -> new WheelSettings(
                path.get(),
                new UpstreamIndex(NAME, source.get(), List.of(), Optional.empty(), credentials.get()),
                largest.get(),
                look.get(),
                lifetime.get()));
    }
}
