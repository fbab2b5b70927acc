package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A file's path as a key of fixed size: the first 128 bits of the path's SHA-256 digest, so that a million of them stay
 * small in memory and every name on disk has the same length.
 */
record PathKey(long high, long low) {
    private static final int HEX_DIGITS = 32;

    static PathKey of(FilePath path) {
        return parse(
                Sha256.of(path.path().getBytes(StandardCharsets.UTF_8)).hex().substring(0, HEX_DIGITS));
    }

    /** The key of which {@code hex} is the name on disk; empty where it is no such name. */
    static Optional<PathKey> ofName(String hex) {
        return hex.length() == HEX_DIGITS && hex.chars().allMatch(HexFormat::isHexDigit)
                ? Optional.of(parse(hex))
                : Optional.empty();
    }

    private static PathKey parse(String hex) {
        return new PathKey(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16));
    }

    String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
