package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a file before it came. At least one digest is: nothing enters the store unverified.
 *
 * @param size how many bytes it has
 * @param sha256 its SHA-256 digest, as a page or a path has it
 * @param blake2b its BLAKE2b-256 digest as 64 hexadecimal digits, as PyPI's paths carry it
 */
public record Expected(OptionalLong size, Optional<Sha256> sha256, Optional<String> blake2b) {
    public Expected {
        if (sha256.isEmpty() && blake2b.isEmpty()) {
            throw new IllegalArgumentException("a file without any digest can't be verified");
        }
        if (size.isPresent() && size.getAsLong() < 0) {
            throw new IllegalArgumentException("a size can't be negative: " + size.getAsLong());
        }
    }

    /** What {@code path} itself says about its file. */
    public static Expected by(FilePath path) {
        return new Expected(OptionalLong.empty(), path.sha256(), path.blake2b());
    }
}
