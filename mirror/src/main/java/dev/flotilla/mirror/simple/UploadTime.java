package dev.flotilla.mirror.simple;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.util.Optional;

/**
 * The time of an upload as indexes write it (PEP 700): {@code yyyy-mm-ddThh:mm:ss}, up to nine decimals, {@code Z}. Offsets
 * other than {@code Z} are taken too, since clients take them and indexes other than PyPI send them.
 */
final class UploadTime {
    private static final String SHAPE = "dddd-dd-ddTdd:dd:dd";
    private static final int MOST_DECIMALS = 9;

    private UploadTime() {}

    static Optional<Instant> parse(String written) {
        return isWritten(written) ? instant(written) : Optional.empty();
    }

    /** Whether {@link #parse} gives a time. */
    static boolean isValid(String written) {
        return isWritten(written) && (isUsual(written) || instant(written).isPresent());
    }

    private static Optional<Instant> instant(String written) {
        try {
            return Optional.of(OffsetDateTime.parse(written).toInstant());
        } catch (DateTimeException noSuchTime) {
            return Optional.empty();
        }
    }

    /** Whether it has the right characters in the right places. */
    private static boolean isWritten(String text) {
        if (text.length() <= SHAPE.length()) {
            return false;
        }
        for (int i = 0; i < SHAPE.length(); i++) {
            char expected = SHAPE.charAt(i);
            if (expected == 'd' ? !isDigit(text.charAt(i)) : text.charAt(i) != expected) {
                return false;
            }
        }
        int at = SHAPE.length();
        if (text.charAt(at) == '.') {
            int decimals = at + 1;
            at = decimals;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
            if (at == decimals || at - decimals > MOST_DECIMALS) {
                return false;
            }
        }
        return isZone(text, at);
    }

    private static boolean isZone(String text, int at) {
        int length = text.length() - at;
        if (length == 1) {
            return text.charAt(at) == 'Z';
        }
        return length == 6
                && (text.charAt(at) == '+' || text.charAt(at) == '-')
                && isDigit(text.charAt(at + 1))
                && isDigit(text.charAt(at + 2))
                && text.charAt(at + 3) == ':'
                && isDigit(text.charAt(at + 4))
                && isDigit(text.charAt(at + 5));
    }

    /** Whether it is surely a time: of thousands on a page, which all have to be looked at, next to none isn't. */
    private static boolean isUsual(String written) {
        int month = number(written, 5, 7);
        int day = number(written, 8, 10);
        return month >= 1
                && month <= 12
                && day >= 1
                && (day <= 28
                        || day <= YearMonth.of(number(written, 0, 4), month).lengthOfMonth())
                && number(written, 11, 13) <= 23
                && number(written, 14, 16) <= 59
                && number(written, 17, 19) <= 59
                && written.endsWith("Z");
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = 10 * number + (text.charAt(i) - '0');
        }
        return number;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
