package dev.flotilla.mirror.simple;

/** What text of a page may be, so that both forms can carry it, and how it is shown in messages. */
final class Texts {
    private static final int LONGEST_SHOWN = 80;

    private Texts() {}

    /** Text of one line: no control characters, no half of a surrogate pair. */
    static boolean isLine(String text) {
        return isCarried(text, false);
    }

    /** Text of any number of lines: tabs and line ends too. */
    static boolean isProse(String text) {
        return isCarried(text, true);
    }

    private static boolean isCarried(String text, boolean lines) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                if (!lines || (c != '\n' && c != '\r' && c != '\t')) {
                    return false;
                }
            } else if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** {@code text} fit for a log line: printable ASCII only, cut where it is long. */
    static String shown(String text) {
        var shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < LONGEST_SHOWN; i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return text.length() > LONGEST_SHOWN ? shown.append("...").toString() : shown.toString();
    }
}
