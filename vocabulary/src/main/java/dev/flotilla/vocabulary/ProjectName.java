package dev.flotilla.vocabulary;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A project's name in its normal form: lower case, runs of {@code -}, {@code _} and {@code .} as one {@code -} (PEP 503,
 * "Normalized Names"; the valid characters are those of PEP 508). At most 200 characters.
 */
public record ProjectName(String normal) implements Comparable<ProjectName> {
    private static final int LONGEST = 200;
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]");
    private static final Pattern SEPARATORS = Pattern.compile("[-_.]+");

    public ProjectName {
        if (!isNormal(normal)) {
            throw new IllegalArgumentException("no normal project name: '" + normal + "'");
        }
    }

    /** Normalises a name as people write it; {@link IllegalArgumentException} where it can't be a project's name. */
    public static ProjectName of(String written) {
        if (isNormal(written)) {
            return new ProjectName(written);
        }
        if (written.length() > LONGEST || !VALID.matcher(written).matches()) {
            throw new IllegalArgumentException("no project name: '" + written
                    + "' (letters, digits, '-', '_' and '.', beginning and ending with a letter or digit, at most "
                    + LONGEST + " characters)");
        }
        return new ProjectName(SEPARATORS.matcher(written).replaceAll("-").toLowerCase(Locale.ROOT));
    }

    /** Whether {@code text} can be a project's name, in normal form or not. */
    public static boolean isValid(String text) {
        return text.length() <= LONGEST && VALID.matcher(text).matches();
    }

    private static boolean isNormal(String text) {
        int length = text.length();
        if (length == 0 || length > LONGEST) {
            return false;
        }
        char previous = '-';
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!plain && (c != '-' || previous == '-')) {
                return false;
            }
            previous = c;
        }
        return previous != '-';
    }

    @Override
    public int compareTo(ProjectName other) {
        return normal.compareTo(other.normal);
    }

    @Override
    public String toString() {
        return normal;
    }
}
