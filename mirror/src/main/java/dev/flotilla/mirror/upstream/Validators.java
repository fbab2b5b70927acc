package dev.flotilla.mirror.upstream;

import java.util.Optional;

/**
 * What an upstream gave to ask again with (RFC 9110, section 8.8): the entity tag and the date of modification, both
 * verbatim, each at most 512 characters (a longer one is dropped).
 */
public record Validators(Optional<String> etag, Optional<String> lastModified) {
    private static final int LONGEST = 512;

    public Validators {
        etag = etag.filter(Validators::isSendable);
        lastModified = lastModified.filter(Validators::isSendable);
    }

    /** No validators: the next request is unconditional. */
    public static Validators none() {
        return new Validators(Optional.empty(), Optional.empty());
    }

    public boolean isEmpty() {
        return etag.isEmpty() && lastModified.isEmpty();
    }

    /** The entity tag where it is a strong one, which alone may join parts of a body (RFC 9110, section 13.1.5). */
    public Optional<String> strongEtag() {
        return etag.filter(tag -> tag.startsWith("\""));
    }

    private static boolean isSendable(String value) {
        return !value.isEmpty() && value.length() <= LONGEST && value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }
}
