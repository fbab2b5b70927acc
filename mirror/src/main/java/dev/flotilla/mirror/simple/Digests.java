package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.HexDigits;
import dev.flotilla.vocabulary.Sha256;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The digests of one file as pages carry them, in the order of their algorithms' names: {@code sha256} with 64 lower-case
 * hexadecimal digits (PEP 503, 691). Immutable.
 */
public final class Digests {
    static final String SHA256 = "sha256";

    private static final int LONGEST_ALGORITHM = 32;
    private static final int LONGEST_HEX = 256;
    private static final Digests NONE = new Digests(new String[0]);

    /** Algorithm, digits, and so on: an array, since pages have thousands of files and most of these one digest. */
    private final String[] pairs;

    private Digests(String[] pairs) {
        this.pairs = pairs;
    }

    public static Digests none() {
        return NONE;
    }

    /** Digests by algorithm; {@link IllegalArgumentException} where one is none. */
    public static Digests of(Map<String, String> hexByAlgorithm) {
        Digests all = NONE;
        for (var digest : hexByAlgorithm.entrySet()) {
            all = all.with(digest.getKey(), digest.getValue());
        }
        return all;
    }

    /** These and one more by an algorithm that isn't among them; {@link IllegalArgumentException} where it is none. */
    Digests with(String algorithm, String hex) {
        String problem = problem(algorithm, hex);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        return added(algorithm, hex);
    }

    /** The same of a digest in which {@link #problem} found nothing wrong. */
    Digests added(String algorithm, String hex) {
        int at = 0;
        while (at < pairs.length && pairs[at].compareTo(algorithm) < 0) {
            at += 2;
        }
        var more = new String[pairs.length + 2];
        System.arraycopy(pairs, 0, more, 0, at);
        more[at] = algorithm;
        more[at + 1] = hex;
        System.arraycopy(pairs, at, more, at + 2, pairs.length - at);
        return new Digests(more);
    }

    /** Why {@code hex} can't be a digest by {@code algorithm} to be added here, or null where it can. */
    @Nullable
    String problem(String algorithm, String hex) {
        if (!isAlgorithm(algorithm)) {
            return "'" + Texts.shown(algorithm) + "' is no name of a hash algorithm";
        }
        if (hex.isEmpty()
                || hex.length() > LONGEST_HEX
                || !HexDigits.fill(hex)
                || (algorithm.equals(SHA256) && hex.length() != 64)) {
            return "the " + algorithm + " digest '" + Texts.shown(hex) + "' is none";
        }
        return indexOf(algorithm) < 0 ? null : "two digests by " + algorithm;
    }

    static boolean isAlgorithm(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= LONGEST_ALGORITHM;
    }

    private int indexOf(String algorithm) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(algorithm)) {
                return i;
            }
        }
        return -1;
    }

    public boolean isEmpty() {
        return pairs.length == 0;
    }

    int count() {
        return pairs.length / 2;
    }

    /** The name of the algorithm of the digest at {@code index}. */
    String algorithm(int index) {
        return pairs[2 * index];
    }

    /** The hexadecimal digits of the digest at {@code index}. */
    String hex(int index) {
        return pairs[2 * index + 1];
    }

    /** Which of them a form carries that has room for one: SHA-256 or else the first; empty where there is none. */
    Digests one() {
        int best = Math.max(0, indexOf(SHA256));
        return count() < 2 ? this : new Digests(Arrays.copyOfRange(pairs, best, best + 2));
    }

    public Optional<Sha256> sha256() {
        int at = indexOf(SHA256);
        return at < 0 ? Optional.empty() : Optional.of(new Sha256(pairs[at + 1]));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digests that && Arrays.equals(pairs, that.pairs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pairs);
    }

    @Override
    public String toString() {
        return Arrays.toString(pairs);
    }
}
