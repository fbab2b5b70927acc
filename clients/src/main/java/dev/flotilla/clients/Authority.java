package dev.flotilla.clients;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Host and port as they stand in a URL and in a {@code Host} field (RFC 9110, section 7.2), by a grammar so strict that they may be
 * repeated into a file: a DNS name, an IPv4 address or a bracketed IPv6 address, with or without a port. Anything else could carry
 * lines or addresses of an attacker's choice into a client's configuration.
 *
 * @param host without a port, as pip's {@code trusted-host} takes it
 * @param hostAndPort as it stands in a URL
 */
public record Authority(String host, String hostAndPort) {
    private static final int LONGEST = 260;
    private static final String LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
    private static final Pattern GRAMMAR =
            Pattern.compile("(" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9A-Fa-f:.]{2,45}\\])(?::([0-9]{1,5}))?");
    private static final int HIGHEST_PORT = 65_535;

    public Authority {
        if (!hostAndPort.startsWith(host) || !isWritten(hostAndPort)) {
            throw new IllegalArgumentException("'" + hostAndPort + "' is no host with or without a port");
        }
    }

    /** Empty where the text is anything else. */
    public static Optional<Authority> parse(String written) {
        if (!isWritten(written)) {
            return Optional.empty();
        }
        int colon = written.lastIndexOf(':');
        String host = colon > written.lastIndexOf(']') ? written.substring(0, colon) : written;
        return Optional.of(new Authority(host, written));
    }

    /** A host at a port. */
    public static Authority of(String host, int port) {
        return new Authority(host, host + ":" + port);
    }

    private static boolean isWritten(String text) {
        if (text.length() > LONGEST) {
            return false;
        }
        var matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        String port = matcher.group(2);
        return port == null || (Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= HIGHEST_PORT);
    }
}
