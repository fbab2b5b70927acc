package dev.flotilla.mirror.configuration;

import dev.flotilla.clients.Constraints;
import dev.flotilla.clients.HostName;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.List;
import java.util.Optional;

/**
 * What clients are told of the fleet that this mirror is part of.
 *
 * @param name the name in DNS of the region; absent where there is no fleet
 * @param globalName the name of the whole fleet
 * @param platforms for which wheels are built
 * @param constraints what holds versions of clients that say nothing else
 */
public record ClientSettings(
        Optional<HostName> name,
        Optional<HostName> globalName,
        List<PlatformSlug> platforms,
        Optional<Constraints> constraints) {
    public ClientSettings {
        platforms = List.copyOf(platforms);
    }

    static Setting<ClientSettings> read(Settings settings) {
        var name = settings.optional("name", HostName::parse);
        var globalName = settings.optional("global-name", HostName::parse);
        var platforms = settings.list("platforms", List.of(), ClientSettings::platform);
        var constraints = settings.optional("constraints", Constraints::new);
        return settings.build(
                () -> new ClientSettings(name.get(), globalName.get(), platforms.get(), constraints.get()));
    }

    private static PlatformSlug platform(String text) {
        return PlatformSlug.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("'" + text
                        + "' is no platform: write distribution-version-architecture, such as debian-12-x86_64"));
    }
}
