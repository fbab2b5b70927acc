package dev.flotilla.controller.fleet;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An SSH server that leads to machines which aren't reached directly, written as OpenSSH's {@code ProxyJump}:
 * {@code [user@]host[:port]}.
 *
 * @param user as whom; absent: as whom the machines are gone to
 * @param host an address or a name
 */
public record JumpHost(Optional<String> user, String host, int port) {
    private static final int USUAL_PORT = 22;
    private static final Pattern WRITTEN =
            Pattern.compile("(?:([^@\\s]+)@)?(?:\\[([0-9A-Fa-f:.]+)]|([^@:\\s\\[\\]]+))(?::([0-9]{1,5}))?");

    /** Where nothing is in between, for a node behind none in a fleet that has one. */
    private static final String NONE = "none";

    /** Empty for {@code none}; {@link IllegalArgumentException} says what is wrong. */
    static Optional<JumpHost> parse(String text) {
        if (text.equals(NONE)) {
            return Optional.empty();
        }
        Matcher written = WRITTEN.matcher(text);
        if (!written.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no jump host: write [user@]host[:port], an IPv6 address in brackets, or none");
        }
        String host = written.group(2) != null ? written.group(2) : written.group(3);
        int port = written.group(4) == null ? USUAL_PORT : NodeLogin.port(written.group(4));
        return Optional.of(new JumpHost(Optional.ofNullable(written.group(1)), host, port));
    }

    /** The name under which its host key is pinned: {@code jump/host}, with the port where it isn't SSH's own. */
    public String name() {
        return "jump/" + host + (port == USUAL_PORT ? "" : ":" + port);
    }
}
