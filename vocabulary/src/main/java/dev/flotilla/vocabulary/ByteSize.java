package dev.flotilla.vocabulary;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An amount of bytes, never negative. Written as in {@code 50 GiB}: binary units ({@code KiB}, {@code MiB}, {@code GiB},
 * {@code TiB}) and decimal ones ({@code kB}, {@code MB}, {@code GB}, {@code TB}), or {@code B}; a bare number means
 * bytes.
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,18})\\s*([A-Za-z]*)");
    private static final Map<String, Long> FACTORS = Map.of(
            "", 1L,
            "b", 1L,
            "kb", 1_000L,
            "mb", 1_000_000L,
            "gb", 1_000_000_000L,
            "tb", 1_000_000_000_000L,
            "kib", 1L << 10,
            "mib", 1L << 20,
            "gib", 1L << 30,
            "tib", 1L << 40);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size can't be negative: " + bytes);
        }
    }

    public static ByteSize ofKiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 10));
    }

    public static ByteSize ofMiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 20));
    }

    public static ByteSize ofGiB(long count) {
        return new ByteSize(Math.multiplyExact(count, 1L << 30));
    }

    /** Parses a written size; {@link IllegalArgumentException} says what would have been right. */
    public static ByteSize parse(String text) {
        var matcher = WRITTEN.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no size: write a whole number and a unit, as in 50 GiB");
        }
        Long factor = FACTORS.get(matcher.group(2).toLowerCase(Locale.ROOT));
        if (factor == null) {
            throw new IllegalArgumentException(
                    "'" + matcher.group(2) + "' is no unit of size: use B, KiB, MiB, GiB or TiB");
        }
        try {
            return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("'" + text + "' is too large: the limit is 8 EiB", tooLarge);
        }
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest binary unit that leaves a number of at least one, with one decimal where it isn't whole. */
    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long scale = 1;
        while (unit < units.length - 1 && bytes / scale >= 1024) {
            scale <<= 10;
            unit++;
        }
        return bytes % scale == 0
                ? bytes / scale + " " + units[unit]
                : String.format(Locale.ROOT, "%.1f %s", (double) bytes / scale, units[unit]);
    }
}
