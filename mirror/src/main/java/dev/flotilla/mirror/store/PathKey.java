package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file's path as a key of fixed size: the first 128 bits of the path's SHA-256 digest, so that a million of them stay
 * small in memory and every name on disk has the same length. Immutable; what extends it is equal to every key of the same
 * path.
 */
class PathKey {
    private static final int DIGITS = 32;

    private final long high;
    private final long low;

    PathKey(PathKey other) {
        high = other.high;
        low = other.low;
    }

    private PathKey(String hex) {
        high = HexFormat.fromHexDigitsToLong(hex, 0, DIGITS / 2);
        low = HexFormat.fromHexDigitsToLong(hex, DIGITS / 2, DIGITS);
    }

    static PathKey of(FilePath path) {
        return new PathKey(
                Sha256.of(path.path().getBytes(StandardCharsets.UTF_8)).hex().substring(0, DIGITS));
    }

    /** The key of which {@code name} is the name on disk; empty where it is no such name. */
    static Optional<PathKey> ofName(String name) {
        return DigestKey.isHex(name, DIGITS) ? Optional.of(new PathKey(name)) : Optional.empty();
    }

    String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other || (other instanceof PathKey key && high == key.high && low == key.low);
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(high);
    }

    @Override
    public String toString() {
        return hex();
    }
}
