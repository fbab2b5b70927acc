package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.jspecify.annotations.Nullable;

/**
 * Finds out while a file comes whether it is the expected one. For one thread at a time. SHA-256 is always computed,
 * BLAKE2b-256, which costs more, only where it is expected.
 */
public final class Verification {
    private static final int BLAKE2B_BITS = 256;
    private static final int REHEARSAL_BYTES = 1 << 16;

    private final Expected expected;
    private final MessageDigest sha256 = Sha256.digester();
    private final @Nullable Blake2bDigest blake2b;
    private long size;

    /**
     * Computes both digests once, for nothing: their classes, of which some are in a signed archive that is verified when it is
     * first read, take a tenth of a second that the first client of a new process would wait for.
     */
    public static void rehearse() {
        var bytes = new byte[REHEARSAL_BYTES];
        String blake2b = "0".repeat(2 * BLAKE2B_BITS / Byte.SIZE);
        var expected = new Expected(OptionalLong.of(bytes.length), Optional.empty(), Optional.of(blake2b));
        var rehearsal = new Verification(expected);
        rehearsal.update(bytes, 0, bytes.length);
        if (rehearsal.finish().problem().isEmpty()) {
            throw new IllegalStateException("no bytes have a BLAKE2b-256 digest of zeros");
        }
    }

    public Verification(Expected expected) {
        this.expected = expected;
        this.blake2b = expected.blake2b().isPresent() ? new Blake2bDigest(BLAKE2B_BITS) : null;
    }

    /** Takes in the next bytes. */
    public void update(byte[] bytes, int from, int length) {
        sha256.update(bytes, from, length);
        if (blake2b != null) {
            blake2b.update(bytes, from, length);
        }
        size += length;
    }

    /** Judges length and digests of all bytes that came; to be called once. */
    public Finding finish() {
        Sha256 digest = Sha256.finish(sha256);
        return new Finding(digest, difference(digest));
    }

    private Optional<String> difference(Sha256 digest) {
        if (expected.size().isPresent() && expected.size().getAsLong() != size) {
            return Optional.of(
                    "it has " + size + " bytes in place of " + expected.size().getAsLong());
        }
        if (expected.sha256().isPresent() && !expected.sha256().get().equals(digest)) {
            return Optional.of("its SHA-256 digest is " + digest + " in place of "
                    + expected.sha256().get());
        }
        if (blake2b != null) {
            String found = hex(blake2b);
            if (!expected.blake2b().equals(Optional.of(found))) {
                return Optional.of("its BLAKE2b-256 digest is " + found + " in place of "
                        + expected.blake2b().orElseThrow());
            }
        }
        return Optional.empty();
    }

    private static String hex(Blake2bDigest digest) {
        var raw = new byte[BLAKE2B_BITS / Byte.SIZE];
        digest.doFinal(raw, 0);
        return HexFormat.of().formatHex(raw);
    }

    /**
     * What all bytes turned out to be.
     *
     * @param digest their SHA-256 digest
     * @param problem how they differ from what was expected; absent where they are right
     */
    public record Finding(Sha256 digest, Optional<String> problem) {}
}
