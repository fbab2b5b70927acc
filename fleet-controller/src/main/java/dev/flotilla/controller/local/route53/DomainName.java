package dev.flotilla.controller.local.route53;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A fully qualified domain name in the form in which Route 53 keeps it: lower case, with a trailing dot (Developer
 * Guide, "DNS domain name format"). Only letters, digits, hyphens and underscores are known here: no escapes and no
 * wildcards.
 *
 * <p>Names are ordered as in listings: by the labels from the right, each followed by its dot (API Reference,
 * ListResourceRecordSets, "Sort order").
 *
 * @param text for example {@code mirror.flotilla.test.}
 */
record DomainName(String text) implements Comparable<DomainName> {
    private static final int LENGTH_LIMIT = 255;
    private static final Pattern FORM = Pattern.compile("([a-z0-9_-]{1,63}\\.)+");

    DomainName {
        if (text.length() > LENGTH_LIMIT || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no domain name that the stand-in knows");
        }
    }

    /** Reads a name in any case, with or without the trailing dot. */
    static DomainName parse(String written) {
        String lower = written.toLowerCase(Locale.ROOT);
        return new DomainName(lower.endsWith(".") ? lower : lower + ".");
    }

    /** True for the zone's own name and for every name below it. */
    boolean isWithin(DomainName zone) {
        return text.equals(zone.text) || isBelow(zone);
    }

    boolean isBelow(DomainName other) {
        return text.length() > other.text.length() && text.endsWith("." + other.text);
    }

    /** The labels from the right, each with its dot: {@code com.example.www.}. */
    String reversed() {
        List<String> labels =
                new ArrayList<>(List.of(text.substring(0, text.length() - 1).split("\\.", -1)));
        return String.join(".", labels.reversed()) + ".";
    }

    @Override
    public int compareTo(DomainName other) {
        return reversed().compareTo(other.reversed());
    }

    @Override
    public String toString() {
        return text;
    }
}
