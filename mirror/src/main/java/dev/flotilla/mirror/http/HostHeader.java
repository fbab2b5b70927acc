package dev.flotilla.mirror.http;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The strict grammar of a {@code Host} field that may be repeated into a file (RFC 9110, section 7.2): a DNS name, an IPv4
 * address or a bracketed IPv6 address, with or without a port. Anything else could carry lines or addresses of an
 * attacker's choice into a client's configuration.
 */
record HostHeader(String host, String hostAndPort) {
    private static final int LONGEST = 260;
    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final Pattern GRAMMAR =
            Pattern.compile("(" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9A-Fa-f:.]{2,45}\\])(?::([0-9]{1,5}))?");
    private static final int HIGHEST_PORT = 65_535;

    static Optional<HostHeader> parse(String written) {
        if (written.length() > LONGEST) {
            return Optional.empty();
        }
        var matcher = GRAMMAR.matcher(written);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String port = matcher.group(2);
        if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > HIGHEST_PORT)) {
            return Optional.empty();
        }
        return Optional.of(new HostHeader(String.valueOf(matcher.group(1)), written));
    }
}
