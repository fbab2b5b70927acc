package dev.flotilla.mirror.http;

/**
 * What a {@code Range} field asks of a content of known length (RFC 9110, section 14.2). Several ranges are answered with
 * the whole, as section 14.2 allows: no client of ours sends them, and joining them would cost more than it saves.
 */
sealed interface ByteRange {
    /** Everything, with status 200: no range, one of another unit, several, or none that the grammar knows. */
    record Whole() implements ByteRange {}

    /** One part, with status 206. */
    record Part(long offset, long length) implements ByteRange {}

    /** A range that begins behind the end, with status 416. */
    record Unsatisfiable() implements ByteRange {}

    static ByteRange parse(String field, long contentLength) {
        String unit = "bytes=";
        if (!field.regionMatches(true, 0, unit, 0, unit.length()) || field.indexOf(',') >= 0) {
            return new Whole();
        }
        String spec = field.substring(unit.length()).strip();
        int dash = spec.indexOf('-');
        if (dash < 0) {
            return new Whole();
        }
        long first = number(spec.substring(0, dash));
        long last = number(spec.substring(dash + 1));
        boolean noFirst = dash == 0;
        boolean noLast = dash == spec.length() - 1;
        if ((!noFirst && first < 0) || (!noLast && last < 0) || (noFirst && noLast)) {
            return new Whole();
        }
        if (noFirst) {
            long length = Math.min(last, contentLength);
            return length == 0 ? new Unsatisfiable() : new Part(contentLength - length, length);
        }
        if (!noLast && last < first) {
            return new Whole();
        }
        if (first >= contentLength) {
            return new Unsatisfiable();
        }
        long end = noLast ? contentLength - 1 : Math.min(last, contentLength - 1);
        return new Part(first, end - first + 1);
    }

    /** The number, clamped to what a length can be, or −1 where it is none. */
    private static long number(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return value;
    }
}
