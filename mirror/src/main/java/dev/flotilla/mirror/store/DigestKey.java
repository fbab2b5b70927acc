package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.HexDigits;
import dev.flotilla.vocabulary.Sha256;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SHA-256 digest as four longs, a third of the heap that its digits take: a large store holds a million of them. Immutable;
 * what extends it is equal to every key of the same digest.
 */
class DigestKey {
    private static final HexFormat HEX = HexFormat.of();
    private static final int DIGITS_OF_LONG = 16;
    static final int DIGITS = 64;

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    DigestKey(DigestKey other) {
        first = other.first;
        second = other.second;
        third = other.third;
        fourth = other.fourth;
    }

    private DigestKey(CharSequence hex) {
        first = part(hex, 0);
        second = part(hex, 1);
        third = part(hex, 2);
        fourth = part(hex, 3);
    }

    static DigestKey of(Sha256 digest) {
        return new DigestKey(digest.hex());
    }

    /** The digest of which {@code name} has the 64 lower-case digits; empty where it is no such name. */
    static Optional<DigestKey> ofName(String name) {
        return isHex(name, DIGITS) ? Optional.of(new DigestKey(name)) : Optional.empty();
    }

    /** Whether {@code name} is {@code length} lower-case hexadecimal digits. */
    static boolean isHex(String name, int length) {
        return name.length() == length && HexDigits.fill(name);
    }

    private static long part(CharSequence hex, int index) {
        return HexFormat.fromHexDigitsToLong(hex, index * DIGITS_OF_LONG, (index + 1) * DIGITS_OF_LONG);
    }

    Sha256 sha256() {
        return new Sha256(
                HEX.toHexDigits(first) + HEX.toHexDigits(second) + HEX.toHexDigits(third) + HEX.toHexDigits(fourth));
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof DigestKey key
                        && first == key.first
                        && second == key.second
                        && third == key.third
                        && fourth == key.fourth);
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(first);
    }

    @Override
    public String toString() {
        return sha256().hex();
    }
}
