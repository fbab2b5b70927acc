package dev.flotilla.controller.difference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The texts of a file before and after a change; never shown but for their {@link #difference}, which leaves secrets out.
 *
 * @param before empty where there is no file yet
 */
public record Contents(String before, String after) {
    /** What is behind such a name in a configuration. Files and variables that hold secrets are named otherwise, and may be read. */
    private static final Pattern SECRET = Pattern.compile(
            "^(\\s*\"?(?:[\\w.-]*[-_.])?(?:secret|password|passphrase|token)\"?\\s*[=:]\\s*).+$",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private static final String HIDDEN = "(hidden)";

    /** What changes in a configuration; at least one line. */
    public List<String> difference() {
        return orHidden(UnifiedDifference.of(masked(before), masked(after)));
    }

    /** What changes in a file of {@code NAME=VALUE} lines, of which no value is shown; at least one line. */
    public List<String> differenceOfVariables() {
        Map<String, String> values = new HashMap<>();
        before.lines().forEach(line -> values.put(name(line), line));
        List<String> old = before.lines().map(Contents::withoutValue).toList();
        List<String> fresh = new ArrayList<>();
        after.lines()
                .forEach(line -> fresh.add(
                        values.containsKey(name(line)) && !line.equals(values.get(name(line)))
                                ? withoutValue(line) + ", another one"
                                : withoutValue(line)));
        return orHidden(UnifiedDifference.of(String.join("\n", old), String.join("\n", fresh)));
    }

    private static List<String> orHidden(List<String> difference) {
        return difference.isEmpty() ? List.of("(only what is hidden, or how lines end)") : difference;
    }

    private static String masked(String text) {
        return SECRET.matcher(text).replaceAll("$1" + HIDDEN);
    }

    private static String name(String line) {
        int equals = line.indexOf('=');
        return equals < 0 ? line : line.substring(0, equals);
    }

    /** A line that is no assignment may be the rest of a secret. */
    private static String withoutValue(String line) {
        return line.isBlank() ? "" : line.indexOf('=') < 0 ? HIDDEN : name(line) + "=" + HIDDEN;
    }

    /** The texts may hold secrets. */
    @Override
    public String toString() {
        return "contents of " + before.length() + " and " + after.length() + " characters";
    }
}
