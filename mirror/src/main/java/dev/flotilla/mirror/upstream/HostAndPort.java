package dev.flotilla.mirror.upstream;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A host that the mirror may connect to: a lower-case DNS name, an IPv4 address or an IPv6 address (held in brackets,
 * as in an address), and a port from 1 to 65535.
 */
public record HostAndPort(String host, int port) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int LONGEST_NAME = 253;
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

    public HostAndPort {
        host = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
        boolean named = host.length() <= LONGEST_NAME && NAME.matcher(host).matches() && !host.contains("..");
        if (!named && !IPV6.matcher(host).matches()) {
            throw new IllegalArgumentException("no host name or address: '" + host + "'");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("no port (1 to 65535): " + port);
        }
    }

    /**
     * Parses {@code host} or {@code host:port}; a host without a port gets {@code defaultPort}.
     * {@link IllegalArgumentException} says what is wrong.
     */
    public static HostAndPort parse(String written, int defaultPort) {
        String text = written.strip().toLowerCase(Locale.ROOT);
        int colon = text.lastIndexOf(':');
        if (colon <= text.lastIndexOf(']')) {
            return new HostAndPort(text, defaultPort);
        }
        String digits = text.substring(colon + 1);
        if (!digits.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("no port in '" + written + "': write host or host:port");
        }
        return new HostAndPort(text.substring(0, colon), Integer.parseInt(digits));
    }

    /** Host and port of an absolute {@code http} or {@code https} address. */
    public static HostAndPort of(URI location) {
        String host = location.getHost();
        if (host == null) {
            throw new IllegalArgumentException("no host in " + location);
        }
        int port = location.getPort() == -1 ? defaultPort(location) : location.getPort();
        return new HostAndPort(host.toLowerCase(Locale.ROOT), port);
    }

    /** The port that the scheme of {@code location} implies. */
    public static int defaultPort(URI location) {
        return "https".equalsIgnoreCase(location.getScheme()) ? HTTPS_PORT : HTTP_PORT;
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
