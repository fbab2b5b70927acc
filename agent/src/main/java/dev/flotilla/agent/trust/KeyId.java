package dev.flotilla.agent.trust;

import java.util.regex.Pattern;

/** Names a key in metadata: 64 lower-case hexadecimal digits, the SHA-256 of its canonical form (TUF 1.0, section 4.2). */
public record KeyId(String value) implements Comparable<KeyId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public KeyId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("no key id (64 lower-case hexadecimal digits): '" + value + "'");
        }
    }

    @Override
    public int compareTo(KeyId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
