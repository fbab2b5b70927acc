package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a listener accepts connections.
 *
 * @param host an address or a name of this machine
 * @param port a TCP port; 0 lets the system choose a free one
 */
public record ListenAddress(String host, int port) {
    private static final int HIGHEST_PORT = 65_535;
    private static final int LONGEST_HOST = 253;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]{2,45}");

    public ListenAddress {
        host = checkedHost(host);
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("no TCP port: " + port);
        }
    }

    static Setting<ListenAddress> read(Settings settings, String defaultHost, int defaultPort) {
        var host = settings.optional("host", defaultHost, ListenAddress::checkedHost);
        var port = settings.integer("port", defaultPort, 0, HIGHEST_PORT);
        return settings.build(() -> new ListenAddress(host.get(), port.get()));
    }

    private static String checkedHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        boolean address = lower.indexOf(':') >= 0;
        if (lower.length() > LONGEST_HOST
                || !(address ? IPV6 : NAME).matcher(lower).matches()) {
            throw new IllegalArgumentException("'" + host + "' is neither the name of a host nor an address");
        }
        return lower;
    }

    /** Where somebody on this machine reaches it: whoever listens on all addresses listens on loopback, too. */
    public ListenAddress fromThisMachine() {
        return switch (host) {
            case "0.0.0.0" -> new ListenAddress("127.0.0.1", port);
            case "::", "0:0:0:0:0:0:0:0" -> new ListenAddress("::1", port);
            default -> this;
        };
    }

    /** As it stands in a URL: {@code 127.0.0.1:8080}, {@code [::1]:8080}. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
