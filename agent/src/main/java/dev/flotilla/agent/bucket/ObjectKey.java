package dev.flotilla.agent.bucket;

import java.util.Optional;
import java.util.regex.Pattern;

/** The name of an object in a bucket: segments of plain characters joined by {@code /}; at most 1,024 characters. */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
    private static final int LONGEST_CHARACTERS = 1024;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*");

    public ObjectKey {
        if (value.length() > LONGEST_CHARACTERS || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("no object key: '" + value + "'");
        }
    }

    /** The key that a text is, if it is one. */
    public static Optional<ObjectKey> parse(String text) {
        return text.length() <= LONGEST_CHARACTERS && FORM.matcher(text).matches()
                ? Optional.of(new ObjectKey(text))
                : Optional.empty();
    }

    @Override
    public int compareTo(ObjectKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
