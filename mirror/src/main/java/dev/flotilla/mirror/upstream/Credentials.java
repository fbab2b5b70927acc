package dev.flotilla.mirror.upstream;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * How the mirror logs in at an upstream (RFC 7617, RFC 6750). They go to the index's own host and port, and nowhere else
 * unless that is said.
 *
 * @param authorization the value of the header field
 * @param toFileHosts whether the upstream's other file hosts get them too
 * @param overPlainHttp whether they may be sent without encryption to other hosts than this machine itself
 */
public record Credentials(Secret authorization, boolean toFileHosts, boolean overPlainHttp) {
    private static final int LONGEST = 16 * 1024;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1]");

    /** A name and a password. {@link IllegalArgumentException} says what is wrong, without saying the password. */
    public static Credentials basic(String username, Secret password, boolean toFileHosts, boolean overPlainHttp) {
        if (username.isEmpty() || username.indexOf(':') >= 0 || hasControls(username)) {
            throw new IllegalArgumentException("username can't be empty or have a colon or control characters");
        }
        if (password.reveal().isEmpty() || password.reveal().length() > LONGEST || hasControls(password.reveal())) {
            throw new IllegalArgumentException(
                    "the secret is empty, longer than " + LONGEST + " characters, or has control characters");
        }
        byte[] both = (username + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
        return new Credentials(
                new Secret("Basic " + Base64.getEncoder().encodeToString(both)), toFileHosts, overPlainHttp);
    }

    /** A token. {@link IllegalArgumentException} says what is wrong, without saying the token. */
    public static Credentials bearer(Secret token, boolean toFileHosts, boolean overPlainHttp) {
        if (token.reveal().length() > LONGEST || !TOKEN.matcher(token.reveal()).matches()) {
            throw new IllegalArgumentException("the secret is no bearer token: letters, digits and -._~+/ with = at its"
                    + " end, at most " + LONGEST + " characters");
        }
        return new Credentials(new Secret("Bearer " + token.reveal()), toFileHosts, overPlainHttp);
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** Whether nobody on the way to {@code location} could read them, or that was said not to matter. */
    boolean maySafelyGoTo(URI location) {
        return overPlainHttp
                || Locations.isEncrypted(location)
                || LOOPBACK.matcher(HostAndPort.of(location).host()).matches();
    }
}
