package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.Sha256;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Digests by algorithm as pages carry them: {@code sha256} to 64 lower-case hexadecimal digits (PEP 503, 691). */
final class Digests {
    static final String SHA256 = "sha256";

    private static final Pattern ALGORITHM = Pattern.compile("[a-z0-9_-]{1,32}");
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,256}");

    private Digests() {}

    static boolean isAlgorithm(String name) {
        return ALGORITHM.matcher(name).matches();
    }

    /** Why {@code hex} can't be a digest by {@code algorithm}, or null where it can. */
    static @Nullable String problem(String algorithm, String hex) {
        if (!isAlgorithm(algorithm)) {
            return "'" + Texts.shown(algorithm) + "' is no name of a hash algorithm";
        }
        if (!HEX.matcher(hex).matches() || (algorithm.equals(SHA256) && hex.length() != 64)) {
            return "the " + algorithm + " digest '" + Texts.shown(hex) + "' is none";
        }
        return null;
    }

    static void require(Map<String, String> hashes) {
        hashes.forEach((algorithm, hex) -> {
            String problem = problem(algorithm, hex);
            if (problem != null) {
                throw new IllegalArgumentException(problem);
            }
        });
    }

    static Optional<Sha256> sha256(Map<String, String> hashes) {
        return Optional.ofNullable(hashes.get(SHA256)).map(Sha256::new);
    }
}
