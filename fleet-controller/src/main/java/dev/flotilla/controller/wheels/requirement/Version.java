package dev.flotilla.controller.wheels.requirement;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A version of a project, in the order of PEP 440. Versions are equal where the order has them equal: {@code 1.0} and {@code 1.0.0} are.
 * Written in at most 255 characters and with numbers below 10^18, which no real one comes near. Immutable.
 */
public final class Version implements Comparable<Version> {
    private static final int LONGEST = 255;
    private static final int MOST_DIGITS = 18;

    /** PEP 440, appendix B. */
    private static final Pattern WRITTEN = Pattern.compile("v?(?:([0-9]+)!)?([0-9]+(?:\\.[0-9]+)*)"
            + "(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?"
            + "(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]+)?)?"
            + "(?:[-_.]?(dev)[-_.]?([0-9]+)?)?"
            + "(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?");

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Comparator<List<Long>> RELEASES = Version::releases;

    private static final Comparator<Version> ORDER = Comparator.comparingLong((Version version) -> version.epoch)
            .thenComparing(version -> version.release, RELEASES)
            .thenComparing(Version::phase)
            .thenComparingLong(version -> version.pre.orElse(0))
            .thenComparingLong(version -> version.post.orElse(-1))
            .thenComparingLong(version -> version.dev.orElse(Long.MAX_VALUE))
            .thenComparing(version -> version.local, Version::locals);

    private final long epoch;
    private final List<Long> release;
    private final String letter;
    private final OptionalLong pre;
    private final OptionalLong post;
    private final OptionalLong dev;
    private final List<String> local;

    private Version(
            long epoch,
            List<Long> release,
            String letter,
            OptionalLong pre,
            OptionalLong post,
            OptionalLong dev,
            List<String> local) {
        this.epoch = epoch;
        this.release = List.copyOf(release);
        this.letter = letter;
        this.pre = pre;
        this.post = post;
        this.dev = dev;
        this.local = List.copyOf(local);
    }

    /** The version that this text is, in any spelling; {@link IllegalArgumentException} where it is none. */
    public static Version of(String text) {
        return parse(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + text + "' is no version (PEP 440), such as 1.2.3"));
    }

    /** As {@link #of}; empty where it is none. */
    public static Optional<Version> parse(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        Matcher parts = WRITTEN.matcher(plain);
        if (plain.length() > LONGEST || !parts.matches() || hasLongNumber(plain)) {
            return Optional.empty();
        }
        String pre = parts.group(3);
        String postNumber = parts.group(5) == null ? parts.group(7) : parts.group(5);
        boolean isPost = parts.group(5) != null || parts.group(6) != null;
        return Optional.of(new Version(
                number(parts.group(1)),
                List.of(parts.group(2).split("\\.")).stream().map(Long::valueOf).toList(),
                pre == null
                        ? ""
                        : switch (pre) {
                            case "a", "alpha" -> "a";
                            case "b", "beta" -> "b";
                            default -> "rc";
                        },
                pre == null ? OptionalLong.empty() : OptionalLong.of(number(parts.group(4))),
                isPost ? OptionalLong.of(number(postNumber)) : OptionalLong.empty(),
                parts.group(8) == null ? OptionalLong.empty() : OptionalLong.of(number(parts.group(9))),
                parts.group(10) == null
                        ? List.of()
                        : List.of(parts.group(10).split("[-_.]")).stream()
                                .map(Version::segment)
                                .toList()));
    }

    private static boolean hasLongNumber(String text) {
        return NUMBER.matcher(text).results().anyMatch(digits -> digits.end() - digits.start() > MOST_DIGITS);
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String segment(String text) {
        return NUMBER.matcher(text).matches() ? Long.toString(Long.parseLong(text)) : text;
    }

    /** An alpha, beta, release candidate, or anything on the way to a release. */
    public boolean isPrerelease() {
        return pre.isPresent() || dev.isPresent();
    }

    boolean isPostrelease() {
        return post.isPresent();
    }

    boolean isLocal() {
        return !local.isEmpty();
    }

    long epoch() {
        return epoch;
    }

    /** At least one number. */
    List<Long> release() {
        return release;
    }

    /** Without what somebody appended to it where it was built. */
    Version withoutLocal() {
        return isLocal() ? new Version(epoch, release, letter, pre, post, dev, List.of()) : this;
    }

    /** The first of all versions on the way to this one. */
    Version firstOnTheWay() {
        return new Version(epoch, release, letter, pre, post, OptionalLong.of(0), List.of());
    }

    /** The version that this one comes after, where this one is {@code .postN} of it or on the way there. */
    Version withoutPost() {
        return new Version(epoch, release, letter, pre, OptionalLong.empty(), OptionalLong.empty(), List.of());
    }

    /** What is on the way to a release comes before its alphas, those before betas and candidates, then the release. */
    private String phase() {
        return pre.isPresent() ? letter : dev.isPresent() && post.isEmpty() ? "" : "z";
    }

    private static int releases(List<Long> one, List<Long> other) {
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            int order = Long.compare(i < one.size() ? one.get(i) : 0, i < other.size() ? other.get(i) : 0);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** Numbers are after words, and what has more segments is after what it begins with. */
    private static int locals(List<String> one, List<String> other) {
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            boolean number = isNumber(one.get(i));
            boolean otherNumber = isNumber(other.get(i));
            int order = number && otherNumber
                    ? Long.compare(Long.parseLong(one.get(i)), Long.parseLong(other.get(i)))
                    : number != otherNumber
                            ? Boolean.compare(number, otherNumber)
                            : one.get(i).compareTo(other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(one.size(), other.size());
    }

    private static boolean isNumber(String segment) {
        return segment.charAt(0) >= '0'
                && segment.charAt(0) <= '9'
                && NUMBER.matcher(segment).matches();
    }

    @Override
    public int compareTo(Version other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Version version && compareTo(version) == 0;
    }

    @Override
    public int hashCode() {
        int significant = release.size();
        while (significant > 1 && release.get(significant - 1) == 0) {
            significant--;
        }
        return Objects.hash(epoch, release.subList(0, significant), letter, pre, post, dev, local);
    }

    /** In normal form, with the numbers that it was written with. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        if (epoch > 0) {
            text.append(epoch).append('!');
        }
        text.append(release.stream().map(String::valueOf).collect(Collectors.joining(".")));
        pre.ifPresent(number -> text.append(letter).append(number));
        post.ifPresent(number -> text.append(".post").append(number));
        dev.ifPresent(number -> text.append(".dev").append(number));
        if (isLocal()) {
            text.append('+').append(String.join(".", local));
        }
        return text.toString();
    }
}
