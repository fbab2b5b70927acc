package dev.flotilla.controller.ssh;

import dev.flotilla.vocabulary.Sha256;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The public key by which a machine shows who it is.
 *
 * @param base64 the key as it goes over the wire (RFC 4253, section 6.6), in Base64
 */
public record PublicHostKey(String base64) {
    private static final Pattern TYPE = Pattern.compile("[a-z0-9@.-]{1,64}");

    public PublicHostKey {
        byte[] blob = Base64.getDecoder().decode(base64);
        if (!TYPE.matcher(type(blob)).matches()) {
            throw new IllegalArgumentException("no type of key stands at its beginning");
        }
    }

    static PublicHostKey of(byte[] blob) {
        return new PublicHostKey(Base64.getEncoder().encodeToString(blob));
    }

    /** Reads it as a machine has it in {@code ssh_host_ed25519_key.pub}: type, key, and perhaps a comment. */
    public static PublicHostKey parse(String line) {
        String[] words = line.strip().split("\\s+", 3);
        try {
            var key = new PublicHostKey(words.length < 2 ? "" : words[1]);
            if (key.type().equals(words[0])) {
                return key;
            }
        } catch (IllegalArgumentException unreadable) {
            throw new IllegalArgumentException(problem(line), unreadable);
        }
        throw new IllegalArgumentException(problem(line));
    }

    private static String problem(String line) {
        return "'" + line + "' is no host key: write it as in /etc/ssh/ssh_host_ed25519_key.pub, type and key";
    }

    byte[] blob() {
        return Base64.getDecoder().decode(base64);
    }

    /** What kind of key it is, such as {@code ssh-ed25519}. */
    public String type() {
        return type(blob());
    }

    private static String type(byte[] blob) {
        try {
            var bytes = ByteBuffer.wrap(blob);
            int length = bytes.getInt();
            if (length < 0 || length > bytes.remaining()) {
                throw new IllegalArgumentException("it ends too early");
            }
            return new String(blob, Integer.BYTES, length, StandardCharsets.US_ASCII);
        } catch (BufferUnderflowException shorter) {
            throw new IllegalArgumentException("it ends too early", shorter);
        }
    }

    /** For people, such as {@code SHA256:… (ssh-ed25519)}. */
    public String shown() {
        return fingerprint() + " (" + type() + ")";
    }

    /** As {@code ssh-keygen -l} shows it: {@code SHA256:} and the digest in Base64 without padding. */
    public String fingerprint() {
        return "SHA256:"
                + Base64.getEncoder()
                        .withoutPadding()
                        .encodeToString(Sha256.digester().digest(blob()));
    }
}
