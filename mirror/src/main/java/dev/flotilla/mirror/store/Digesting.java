package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.jspecify.annotations.Nullable;

/** Computes the digests of a file while it comes. For one thread at a time. */
final class Digesting {
    private static final int BLAKE2B_BITS = 256;

    private final MessageDigest sha256 = Sha256.digester();
    private final @Nullable Blake2bDigest blake2b;

    /** @param withBlake2b whether the BLAKE2b-256 digest is wanted, too: it costs more than SHA-256 */
    Digesting(boolean withBlake2b) {
        this.blake2b = withBlake2b ? new Blake2bDigest(BLAKE2B_BITS) : null;
    }

    void update(byte[] bytes, int from, int length) {
        sha256.update(bytes, from, length);
        if (blake2b != null) {
            blake2b.update(bytes, from, length);
        }
    }

    /** The digests of all bytes; to be called once. */
    Digests finish() {
        return new Digests(Sha256.finish(sha256), Optional.ofNullable(blake2b).map(Digesting::hex));
    }

    private static String hex(Blake2bDigest digest) {
        var raw = new byte[BLAKE2B_BITS / Byte.SIZE];
        digest.doFinal(raw, 0);
        return HexFormat.of().formatHex(raw);
    }

    /** The digests of one file. */
    record Digests(Sha256 sha256, Optional<String> blake2b) {}
}
