package dev.flotilla.controller.fleet;

import java.util.Locale;
import java.util.regex.Pattern;

/** A full DNS name in lower case without its last dot (RFC 1035, section 2.3), at most 253 characters. */
public record DnsName(String value) implements Comparable<DnsName> {
    private static final int LONGEST = 253;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*");

    public DnsName {
        if (value.length() > LONGEST) {
            throw new IllegalArgumentException("'" + value + "' is too long for a DNS name: at most " + LONGEST
                    + " characters, and it has " + value.length());
        }
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "' is no DNS name: write one as in mirror.example.org");
        }
    }

    /** Parses a name as people and servers write it: any case, with or without a last dot. */
    public static DnsName parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return new DnsName(lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower);
    }

    /** The name with {@code labels} (one, or several with dots) put in front. */
    public DnsName below(String labels) {
        return new DnsName(labels + "." + value);
    }

    public boolean isAtOrBelow(DnsName other) {
        return value.equals(other.value) || value.endsWith("." + other.value);
    }

    @Override
    public int compareTo(DnsName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
