package dev.flotilla.mirror.configuration;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A host with or without a port, as in {@code files.example.org}, {@code 10.0.0.7:8080} or {@code [::1]:8080}. Without a
 * port, the one of the scheme is meant. The host is in lower case and without the brackets of an IPv6 address.
 */
public record HostAndPort(String host, OptionalInt port) {
    private static final int HIGHEST_PORT = 65_535;
    private static final int LONGEST_HOST = 253;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*\\.?");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]{2,39}|[0-9a-f:]{2,30}[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern WRITTEN = Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+))(?::([0-9]{1,5}))?");

    public HostAndPort {
        host = checkedHost(host);
        if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > HIGHEST_PORT)) {
            throw new IllegalArgumentException("no TCP port: " + port.getAsInt());
        }
    }

    /** Parses a written host; {@link IllegalArgumentException} says what would have been right. */
    public static HostAndPort parse(String written) {
        var matcher = WRITTEN.matcher(written);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + written + "' is no host: write name, name:port or [IPv6]:port");
        }
        String bracketed = matcher.group(1);
        String plain = matcher.group(2);
        String port = matcher.group(3);
        return new HostAndPort(
                bracketed == null ? String.valueOf(plain) : bracketed,
                port == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port)));
    }

    /** {@code host} in lower case, where it is a name or an address; {@link IllegalArgumentException} otherwise. */
    static String checkedHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        boolean address = lower.indexOf(':') >= 0;
        if (lower.length() > LONGEST_HOST
                || !(address ? IPV6 : NAME).matcher(lower).matches()) {
            throw new IllegalArgumentException("'" + host + "' is neither the name of a host nor an address");
        }
        return lower;
    }

    static String inUrl(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    @Override
    public String toString() {
        return port.isPresent() ? inUrl(host) + ":" + port.getAsInt() : inUrl(host);
    }
}
