package dev.flotilla.clients;

import java.util.Locale;
import java.util.regex.Pattern;

/** A name in DNS by which clients know a region or a fleet (RFC 1123, section 2.1), in lower case, at most 253 characters. */
public record HostName(String value) {
    private static final int LONGEST = 253;
    private static final String LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?";
    private static final Pattern GRAMMAR = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");

    public HostName {
        if (value.length() > LONGEST || !GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is no name of a host: write one as in east.mirror.example.org");
        }
    }

    /** Parses a name in any case. */
    public static HostName parse(String text) {
        return new HostName(text.toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return value;
    }
}
