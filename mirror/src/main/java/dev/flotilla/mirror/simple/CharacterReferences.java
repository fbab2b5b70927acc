package dev.flotilla.mirror.simple;

import java.nio.charset.Charset;
import org.jsoup.nodes.Entities;

/** Decodes the character references in an attribute's value (HTML standard, section 13.2.5.72 and following). */
final class CharacterReferences {
    /** What the numbers 128 to 159 mean in HTML. */
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

    private static final int REPLACEMENT = 0xFFFD;
    private static final int LONGEST_NAME = 32;

    private final String text;
    private final StringBuilder decoded;
    private int position;

    private CharacterReferences(String text) {
        this.text = text;
        this.decoded = new StringBuilder(text.length());
    }

    static String decode(String text) {
        return text.indexOf('&') < 0 ? text : new CharacterReferences(text).decode();
    }

    private String decode() {
        while (position < text.length()) {
            char c = text.charAt(position);
            boolean reference = c == '&' && (at(position + 1) == '#' ? decodeNumber() : decodeName());
            if (!reference) {
                decoded.append(c);
                position++;
            }
        }
        return decoded.toString();
    }

    /** As in attributes: a name without a semicolon counts only if it is an old one and no "=" follows. */
    private boolean decodeName() {
        int end = position + 1;
        while (isAlphanumeric(at(end)) && end - position <= LONGEST_NAME) {
            end++;
        }
        String name = text.substring(position + 1, end);
        boolean closed = at(end) == ';';
        if (name.isEmpty() || (!closed && (at(end) == '=' || !Entities.isBaseNamedEntity(name)))) {
            return false;
        }
        String value = Entities.getByName(name);
        if (value.isEmpty()) {
            return false;
        }
        decoded.append(value);
        position = closed ? end + 1 : end;
        return true;
    }

    private boolean decodeNumber() {
        boolean hex = at(position + 2) == 'x' || at(position + 2) == 'X';
        int radix = hex ? 16 : 10;
        int start = position + (hex ? 3 : 2);
        int end = start;
        int number = 0;
        while (digit(end, radix) >= 0) {
            number = Math.min(number * radix + digit(end, radix), Character.MAX_CODE_POINT + 1);
            end++;
        }
        if (end == start) {
            return false;
        }
        if (number == 0 || number > Character.MAX_CODE_POINT || (number >= 0xD800 && number <= 0xDFFF)) {
            number = REPLACEMENT;
        }
        if (number >= 0x80 && number <= 0x9F) {
            decoded.append(new String(new byte[] {(byte) number}, WINDOWS_1252));
        } else {
            decoded.appendCodePoint(number);
        }
        position = at(end) == ';' ? end + 1 : end;
        return true;
    }

    /** The character at {@code index}, or NUL behind the end. */
    private char at(int index) {
        return index < text.length() ? text.charAt(index) : '\0';
    }

    private int digit(int index, int radix) {
        char c = at(index);
        return c < 128 ? Character.digit(c, radix) : -1;
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
