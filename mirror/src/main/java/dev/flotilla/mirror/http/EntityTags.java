package dev.flotilla.mirror.http;

import java.util.function.Predicate;

/** Comparison of entity tags (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2). */
final class EntityTags {
    private EntityTags() {}

    /** Says of one tag of a field, quotes included and without {@code W/}, whether it is meant. */
    private interface Tag {
        boolean isCurrent(String field, int start, int end);
    }

    /** Whether an {@code If-None-Match} field names {@code current}, by weak comparison as that field wants it. */
    static boolean anyMatches(String field, String current) {
        return any(
                field,
                true,
                (text, start, end) ->
                        end - start == current.length() && text.regionMatches(start, current, 0, current.length()));
    }

    /** The same for what has several tags: {@code isCurrent} is asked with quotes. */
    static boolean anyMatches(String field, Predicate<String> isCurrent) {
        return any(field, true, (text, start, end) -> isCurrent.test(text.substring(start, end)));
    }

    /** Whether an {@code If-Match} field names what {@code isCurrent} knows, by strong comparison as that field wants it. */
    static boolean anyIsStrongly(String field, Predicate<String> isCurrent) {
        return any(field, false, (text, start, end) -> isCurrent.test(text.substring(start, end)));
    }

    private static boolean any(String field, boolean weakOnes, Tag tag) {
        int at = 0;
        int length = field.length();
        while (at < length) {
            char c = field.charAt(at);
            if (c == ' ' || c == '\t' || c == ',') {
                at++;
            } else if (c == '*') {
                return true;
            } else {
                boolean weak = field.startsWith("W/", at);
                int start = weak ? at + 2 : at;
                int end = start < length && field.charAt(start) == '"' ? field.indexOf('"', start + 1) : -1;
                if (end < 0) {
                    return false;
                }
                if ((weakOnes || !weak) && tag.isCurrent(field, start, end + 1)) {
                    return true;
                }
                at = end + 1;
            }
        }
        return false;
    }
}
