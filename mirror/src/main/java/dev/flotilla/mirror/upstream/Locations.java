package dev.flotilla.mirror.upstream;

import java.net.URI;

/** Which addresses can be asked for at all, whoever named them. */
final class Locations {
    private static final int LONGEST = 4096;

    private Locations() {}

    /** Whether {@code location} is absolute, by http or https, with a plain host and without credentials or fragment. */
    static boolean isPlain(URI location) {
        String scheme = location.getScheme();
        return ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))
                && location.getHost() != null
                && location.getRawUserInfo() == null
                && location.getRawFragment() == null
                && location.getPort() != 0
                && location.getPort() <= 65535
                && location.toString().length() <= LONGEST;
    }

    static boolean isEncrypted(URI location) {
        return "https".equalsIgnoreCase(location.getScheme());
    }
}
