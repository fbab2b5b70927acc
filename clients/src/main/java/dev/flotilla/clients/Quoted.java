package dev.flotilla.clients;

/** Any text as one value of a language, whatever is in it. What can't be a value there is refused. */
final class Quoted {
    private static final char SPACE = 0x20;
    private static final char DELETE = 0x7f;

    private Quoted() {}

    /** A word of a POSIX shell (section 2.2.2): all but the single quote stands for itself between single quotes. */
    static String shell(String text) {
        return "'" + withoutNul(text).replace("'", "'\\''") + "'";
    }

    /** A string of JSON (RFC 8259, section 7), which is one of YAML, too (1.2.2, section 7.3.1). */
    static String json(String text) {
        return escaped(text);
    }

    /** A basic string of TOML (1.0.0). */
    static String toml(String text) {
        return escaped(text);
    }

    /** A string of Groovy between single quotes, in which nothing is expanded. */
    static String groovy(String text) {
        return "'" + plain(text).replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** What stands behind {@code key =} in a file of pip, whose parser (Python's RawConfigParser) knows no quotes. */
    static String pip(String text) {
        if (text.isBlank() || !text.strip().equals(text)) {
            throw new IllegalArgumentException("pip.conf can't hold '" + text + "': it would lose the space around it");
        }
        return plain(text);
    }

    private static String escaped(String text) {
        var written = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                written.append('\\').appendCodePoint(c);
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("half a character is no text");
            } else if (c < SPACE || (c >= DELETE && Character.isBmpCodePoint(c))) {
                written.append("\\u%04x".formatted(c));
            } else {
                written.appendCodePoint(c);
            }
        });
        return written.append('"').toString();
    }

    private static String plain(String text) {
        if (text.chars()
                .anyMatch(c -> c < SPACE
                        || c == DELETE
                        || Character.getType(c) == Character.LINE_SEPARATOR
                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                        || c == 0x85)) {
            throw new IllegalArgumentException("a value here has one line and no control characters");
        }
        return text;
    }

    private static String withoutNul(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a word of a shell has no NUL");
        }
        return text;
    }
}
