package dev.flotilla.agent.bucket;

/** The version of an object's content, as the bucket gave it, quotes included (RFC 9110, section 8.8.3). At most 256 characters. */
public record ETag(String value) {
    private static final int LONGEST_CHARACTERS = 256;

    public ETag {
        if (value.isBlank()
                || value.length() > LONGEST_CHARACTERS
                || value.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
            throw new IllegalArgumentException("no entity tag: '" + value + "'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
