package dev.flotilla.vocabulary;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 digest as 64 lower-case hexadecimal digits (FIPS 180-4). */
public record Sha256(String hex) implements Comparable<Sha256> {
    private static final int HEX_DIGITS = 64;
    private static final int BLOCK_BYTES = 64 << 10;

    public Sha256 {
        if (hex.length() != HEX_DIGITS || !HexDigits.fill(hex)) {
            throw new IllegalArgumentException("no SHA-256 digest (64 lower-case hexadecimal digits): " + hex);
        }
    }

    /** The digest of all of {@code content}. */
    public static Sha256 of(byte[] content) {
        return ofRaw(digester().digest(content));
    }

    /** The digest of all that is still to be read; {@code content} stays open. */
    public static Sha256 of(InputStream content) throws IOException {
        MessageDigest digester = digester();
        byte[] block = new byte[BLOCK_BYTES];
        for (int read = content.read(block); read >= 0; read = content.read(block)) {
            digester.update(block, 0, read);
        }
        return finish(digester);
    }

    /** Finishes {@code digester}, which {@link #digester()} made. */
    public static Sha256 finish(MessageDigest digester) {
        return ofRaw(digester.digest());
    }

    /** A fresh digester for content that comes in parts. */
    public static MessageDigest digester() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static Sha256 ofRaw(byte[] digest) {
        return new Sha256(HexFormat.of().formatHex(digest));
    }

    @Override
    public int compareTo(Sha256 other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
