package dev.flotilla.mirror.simple;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One element of {@code Accept} or {@code Accept-Encoding}: a range in lower case, without parameters, and its quality in
 * thousandths (RFC 9110, section 12.4.2).
 */
record AcceptedRange(String value, int quality) {
    static final int LEAST_QUALITY = 1;

    private static final int FULL_QUALITY = 1000;
    private static final Pattern RANGE = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z/-]+");
    private static final Pattern QUALITY = Pattern.compile("(?:0(?:\\.([0-9]{0,3}))?|1(?:\\.0{0,3})?)");

    /** The first {@code most} elements; those that are malformed are left out. */
    static List<AcceptedRange> parse(String header, int most) {
        var ranges = new ArrayList<AcceptedRange>();
        String[] elements = header.toLowerCase(Locale.ROOT).split(",", most + 1);
        for (int i = 0; i < elements.length && i < most; i++) {
            String[] parts = elements[i].split(";", -1);
            String value = parts[0].strip();
            int quality = quality(parts);
            if (quality >= 0 && RANGE.matcher(value).matches()) {
                ranges.add(new AcceptedRange(value, quality));
            }
        }
        return ranges;
    }

    /** In thousandths; below zero where it is malformed. */
    private static int quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                Matcher written = QUALITY.matcher(parameter.substring(2));
                if (!written.matches()) {
                    return -1;
                }
                String thousandths = written.group(1);
                return parameter.charAt(2) == '1'
                        ? FULL_QUALITY
                        : thousandths == null ? 0 : Integer.parseInt((thousandths + "000").substring(0, 3));
            }
        }
        return FULL_QUALITY;
    }
}
