package dev.flotilla.mirror.files;

import dev.flotilla.mirror.files.FileOffer.MetadataOffer;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.Sha256;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/** A file as an upstream would have it. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Sample(byte[] content, FilePath path) {
    /** A file of {@code size} bytes with a path in PyPI's own form. */
    static Sample of(int size) {
        return of(content(size), "harbour-1.0-py3-none-any.whl");
    }

    static Sample of(byte[] content, String filename) {
        return new Sample(content, new FilePath.ByBlake2b(blake2b(content), filename, false));
    }

    /** A file with a path by its SHA-256 digest. */
    static Sample bySha256(int size) {
        byte[] content = content(size);
        return new Sample(content, new FilePath.BySha256(Sha256.of(content), "harbour-1.0-py3-none-any.whl", false));
    }

    static byte[] content(int size) {
        var content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static String blake2b(byte[] content) {
        var digest = new Blake2bDigest(256);
        digest.update(content, 0, content.length);
        var raw = new byte[32];
        digest.doFinal(raw, 0);
        return HexFormat.of().formatHex(raw);
    }

    Sha256 sha256() {
        return Sha256.of(content);
    }

    /** As a page offers it, with digest and size. */
    FileOffer.Offered offeredBy(ScriptedServer upstream) {
        return new FileOffer.Offered(
                upstream.at("/packages/" + path.path()),
                Optional.of(sha256()),
                OptionalLong.of(content.length),
                MetadataOffer.none());
    }

    /** As a plain page offers it, with a digest only. */
    FileOffer.Offered offeredWithoutSizeBy(ScriptedServer upstream) {
        return new FileOffer.Offered(
                upstream.at("/packages/" + path.path()),
                Optional.of(sha256()),
                OptionalLong.empty(),
                MetadataOffer.none());
    }
}
