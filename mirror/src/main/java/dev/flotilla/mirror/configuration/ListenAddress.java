package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;

/**
 * Where a listener accepts connections.
 *
 * @param host an address or a name of this machine
 * @param port a TCP port; 0 lets the system choose a free one
 */
public record ListenAddress(String host, int port) {
    private static final int HIGHEST_PORT = 65_535;

    public ListenAddress {
        host = HostAndPort.checkedHost(host);
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("no TCP port: " + port);
        }
    }

    static Setting<ListenAddress> read(Settings settings, String defaultHost, int defaultPort) {
        var host = settings.optional("host", defaultHost, HostAndPort::checkedHost);
        var port = settings.integer("port", defaultPort, 0, HIGHEST_PORT);
        return settings.build(() -> new ListenAddress(host.get(), port.get()));
    }

    /** As it stands in a URL: {@code 127.0.0.1:8080}, {@code [::1]:8080}. */
    @Override
    public String toString() {
        return HostAndPort.inUrl(host) + ":" + port;
    }
}
