package dev.flotilla.vocabulary;

/** Lower-case hexadecimal digits, in which all digests are written here. */
public final class HexDigits {
    /** By character of ASCII. A table and no comparisons: which digit comes next can't be foreseen, so every branch costs. */
    private static final byte[] WRONG = new byte[128];

    static {
        for (char c = 0; c < WRONG.length; c++) {
            WRONG[c] = (byte) ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? 0 : 1);
        }
    }

    private HexDigits() {}

    /** Whether {@code text} is nothing but them; it is where it is empty. */
    public static boolean fill(String text) {
        return fill(text, 0, text.length());
    }

    /** Whether {@code text} is nothing but them from {@code from} to before {@code to}. */
    public static boolean fill(String text, int from, int to) {
        int wrong = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            wrong |= c >> 7 | WRONG[c & 0x7f];
        }
        return wrong == 0;
    }
}
