package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.util.Optional;

/**
 * What operators get.
 *
 * @param address where they, health checks and scrapers come. Loopback: nobody else sees it
 * @param purgeToken what has to be known to purge pages; without it nobody can
 */
public record OperationsSettings(ListenAddress address, Optional<TokenFile> purgeToken) {
    static Setting<OperationsSettings> read(Settings settings) {
        var address = ListenAddress.read(settings, "127.0.0.1", 8081);
        var purgeToken = settings.optional("purge-token-file", TokenFile::parse);
        return settings.build(() -> new OperationsSettings(address.get(), purgeToken.get()));
    }
}
