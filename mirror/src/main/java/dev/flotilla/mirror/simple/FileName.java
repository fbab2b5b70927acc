package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of file names that a mirror handles, and how they stand in a URL's path.
 *
 * <p>A name is 1 to 255 characters of ASCII: letters, digits, {@code . _ - + ! ~} and {@code ( ) , = @} and blank, which
 * some old sdists have; it begins with a letter, digit or underscore, does not end with a dot or blank and not with
 * {@code .metadata}, which belongs to PEP 658.
 */
final class FileName {
    static final int LONGEST = 255;

    /**
     * How many projects a file's name may be tried for. Each costs a page; names of real sdists have one or two dashes
     * before something that looks like a version.
     */
    private static final int MOST_PROJECTS = 8;

    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+!-]*");
    private static final String RAW_IN_PATHS = "+!~._-";
    private static final String ENCODED_IN_PATHS = " (),=@";

    /** What stands in paths as it is, by character of ASCII: pages have thousands of names, which are all looked at. */
    private static final boolean[] RAW = new boolean[128];

    static {
        for (char c = 0; c < RAW.length; c++) {
            RAW[c] = isAlphanumeric(c) || RAW_IN_PATHS.indexOf(c) >= 0;
        }
    }

    private static final List<String> SDIST_ENDINGS =
            List.of(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.z", ".tar", ".tgz", ".tbz", ".zip");
    private static final List<String> OTHER_ENDINGS =
            List.of(".whl", ".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg", "-variants.json");

    private FileName() {}

    static boolean isValid(String name) {
        int length = name.length();
        if (length == 0 || length > LONGEST || name.endsWith(FilePath.METADATA_SUFFIX)) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (!isRaw(c) && ENCODED_IN_PATHS.indexOf(c) < 0) {
                return false;
            }
        }
        char first = name.charAt(0);
        char last = name.charAt(length - 1);
        return (isAlphanumeric(first) || first == '_') && last != '.' && last != ' ';
    }

    static boolean isWheel(String name) {
        return name.endsWith(".whl");
    }

    /** Whether the name ends as files of Python projects do (the ending decides what a listing's link is). */
    static boolean isDistribution(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return isSdist(name) || OTHER_ENDINGS.stream().anyMatch(lower::endsWith);
    }

    /** The name as a segment of a path, in the one spelling that links use. */
    static String toPath(String name) {
        if (isRaw(name)) {
            return name;
        }
        var path = new StringBuilder(name.length() + 8);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (isRaw(c)) {
                path.append(c);
            } else {
                path.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 0xf));
            }
        }
        return path.toString();
    }

    /**
     * The name that a path's segment spells, or null where it spells none. Besides the spelling of links it takes those of
     * clients that quote more, such as {@code %2B} for {@code +}, and of those that quote less; never an encoded letter,
     * digit, dot, dash or underscore, and no lower-case digits: no client writes these.
     */
    static @Nullable String fromPath(String segment) {
        if (segment.length() > 3 * LONGEST) {
            return null;
        }
        if (isRaw(segment)) {
            return isValid(segment) ? segment : null;
        }
        var name = new StringBuilder(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == ' ') {
                return null;
            }
            if (c == '%') {
                if (i + 2 >= segment.length()) {
                    return null;
                }
                int decoded = hexValue(segment.charAt(i + 1)) * 16 + hexValue(segment.charAt(i + 2));
                if (decoded < 0 || isAlphanumeric((char) decoded) || "._-".indexOf(decoded) >= 0) {
                    return null;
                }
                c = (char) decoded;
                i += 2;
            }
            name.append(c);
        }
        return isValid(name.toString()) ? name.toString() : null;
    }

    /** The projects to which a file of this name can belong, the likeliest first. */
    static List<ProjectName> projects(String name) {
        if (isWheel(name) || name.endsWith("-variants.json")) {
            int dash = name.indexOf('-');
            return dash > 0 && ProjectName.isValid(name.substring(0, dash))
                    ? List.of(ProjectName.of(name.substring(0, dash)))
                    : List.of();
        }
        String stem = withoutEnding(name);
        var beforeVersion = new ArrayList<String>();
        var others = new ArrayList<String>();
        for (int dash = stem.lastIndexOf('-'); dash > 0; dash = stem.lastIndexOf('-', dash - 1)) {
            (beginsVersion(stem, dash + 1) ? beforeVersion : others).add(stem.substring(0, dash));
        }
        beforeVersion.addAll(others);
        if (beforeVersion.isEmpty()) {
            beforeVersion.add(stem);
        }
        SequencedSet<ProjectName> names = new LinkedHashSet<>();
        for (String written : beforeVersion) {
            if (names.size() < MOST_PROJECTS && ProjectName.isValid(written)) {
                names.add(ProjectName.of(written));
            }
        }
        return List.copyOf(names);
    }

    /** What follows the project's name, in any spelling, and a dash; empty where the name doesn't begin so. */
    static Optional<String> afterProject(ProjectName project, String name) {
        for (int dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
            String written = name.substring(0, dash);
            if (ProjectName.isValid(written) && ProjectName.of(written).equals(project)) {
                return Optional.of(name.substring(dash + 1));
            }
        }
        return Optional.empty();
    }

    /** The version in the name of a wheel or an sdist of {@code project}; empty where it tells none. */
    static Optional<String> version(ProjectName project, String name) {
        Optional<String> rest = afterProject(project, name);
        Optional<String> written = isWheel(name)
                ? rest.filter(tags -> tags.indexOf('-') > 0).map(tags -> tags.substring(0, tags.indexOf('-')))
                : rest.filter(ignored -> isSdist(name)).map(FileName::withoutEnding);
        return written.filter(version -> VERSION.matcher(version).matches());
    }

    private static boolean isSdist(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return SDIST_ENDINGS.stream().anyMatch(lower::endsWith);
    }

    /** The name without what says which kind of file it is. */
    static String withoutEnding(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String ending : SDIST_ENDINGS) {
            if (lower.endsWith(ending)) {
                return name.substring(0, name.length() - ending.length());
            }
        }
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /** PEP 440: a version begins with a digit, perhaps after a "v". */
    private static boolean beginsVersion(String text, int at) {
        int start = at < text.length() && (text.charAt(at) == 'v' || text.charAt(at) == 'V') ? at + 1 : at;
        return start < text.length() && text.charAt(start) >= '0' && text.charAt(start) <= '9';
    }

    private static boolean isRaw(char c) {
        return c < RAW.length && RAW[c];
    }

    private static boolean isRaw(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isRaw(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static char hexDigit(int value) {
        return "0123456789ABCDEF".charAt(value);
    }

    /** The value of an upper-case digit; far below zero where it is none. */
    private static int hexValue(char digit) {
        int value = "0123456789ABCDEF".indexOf(digit);
        return value < 0 ? -1000 : value;
    }
}
