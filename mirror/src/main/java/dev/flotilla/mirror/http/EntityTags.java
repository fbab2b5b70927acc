package dev.flotilla.mirror.http;

/** Comparison of entity tags (RFC 9110, sections 8.8.3, 13.1.2 and 13.1.5). */
final class EntityTags {
    private EntityTags() {}

    /** Whether an {@code If-None-Match} field names {@code current}, by weak comparison as that field wants it. */
    static boolean anyMatches(String field, String current) {
        int at = 0;
        int length = field.length();
        while (at < length) {
            char c = field.charAt(at);
            if (c == ' ' || c == '\t' || c == ',') {
                at++;
            } else if (c == '*') {
                return true;
            } else {
                int start = field.startsWith("W/", at) ? at + 2 : at;
                int end = start < length && field.charAt(start) == '"' ? field.indexOf('"', start + 1) : -1;
                if (end < 0) {
                    return false;
                }
                if (end + 1 - start == current.length() && field.regionMatches(start, current, 0, current.length())) {
                    return true;
                }
                at = end + 1;
            }
        }
        return false;
    }

    /** Whether an {@code If-Range} field names {@code current}, by strong comparison. A date never does: ours are tags. */
    static boolean isStrongly(String field, String current) {
        return field.strip().equals(current);
    }
}
