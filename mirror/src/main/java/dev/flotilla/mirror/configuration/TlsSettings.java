package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How clients come by HTTPS, beside plain HTTP.
 *
 * @param address where
 * @param certificate a PEM file (RFC 7468) with the certificate and those that lead to its authority, its own first
 * @param key a PEM file with its private key, without a passphrase
 * @param look time between two looks at whether the files are others
 * @param handshakeTimeOut when a connection is given up whose client doesn't come to an end with the handshake
 * @param engine who does the arithmetic
 * @param streams how many requests one connection may carry at once (RFC 9113, section 5.1.2)
 */
public record TlsSettings(
        ListenAddress address,
        Path certificate,
        Path key,
        Duration look,
        Duration handshakeTimeOut,
        TlsEngine engine,
        int streams) {
    static Setting<TlsSettings> read(Settings settings) {
        var address = ListenAddress.read(settings, "0.0.0.0", 8443);
        var certificate = settings.required("certificate", TlsSettings::file);
        var key = settings.required("key", TlsSettings::file);
        var second = Duration.ofSeconds(1);
        var look = settings.duration("look", Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofHours(1));
        var handshake = settings.duration("handshake-time-out", Duration.ofSeconds(10), second, Duration.ofMinutes(5));
        var engine = settings.optional("engine", TlsEngine.AUTO, TlsEngine::parse);
        var streams = settings.integer("streams", 128, 1, 10_000);
        return settings.build(() -> new TlsSettings(
                address.get(), certificate.get(), key.get(), look.get(), handshake.get(), engine.get(), streams.get()));
    }

    private static Path file(String text) {
        var path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("'" + text
                    + "' has to be absolute, as in /etc/flotilla/tls/mirror.pem: it is a file of the machine");
        }
        return path;
    }
}
