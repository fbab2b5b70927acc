package dev.flotilla.vocabulary;

import java.util.regex.Pattern;

/** The rule for names that become DNS labels, bucket keys and folders: one rule, so that a name fits everywhere. */
final class DnsLabel {
    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    private DnsLabel() {}

    static void check(String kind, String value) {
        if (!LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "' is no name for a " + kind
                    + ": use lower-case letters, digits and '-', beginning with a letter, at most 63 characters");
        }
    }
}
