package dev.flotilla.agent.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/**
 * An Ed25519 key that signs (RFC 8032). It lives in a PEM file in PKCS #8 form (RFC 8410), as {@code openssl genpkey
 * -algorithm ed25519} makes one, that nobody but its owner may read. Thread-safe. Never shows itself.
 */
public final class SigningKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final long LARGEST_FILE_BYTES = 16 << 10;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private final PrivateKey secret;
    private final PublicKey publicKey;

    private SigningKey(PrivateKey secret, PublicKey publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    /** A new key. */
    public static SigningKey generate(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, random);
            var pair = generator.generateKeyPair();
            return new SigningKey(
                    pair.getPrivate(), PublicKey.ofX509(pair.getPublic().getEncoded()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has Ed25519", impossible);
        }
    }

    /**
     * Reads a key from its file. {@link IllegalArgumentException} where the file holds no Ed25519 key or others than its
     * owner may read it; the messages never show its content.
     */
    public static SigningKey read(Path file) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(OTHERS::contains)) {
            throw new IllegalArgumentException("the key file " + file + " is open to others than its owner ("
                    + PosixFilePermissions.toString(permissions) + "): run chmod 600 on it");
        }
        if (Files.size(file) > LARGEST_FILE_BYTES) {
            throw new IllegalArgumentException("the file " + file + " is too large for a key");
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the file " + file + " holds no private key in PEM form");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
            PrivateKey secret = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
            return new SigningKey(secret, derived(secret));
        } catch (GeneralSecurityException | IllegalArgumentException unusable) {
            // The cause stays out: what it quotes may be the secret.
            throw new IllegalArgumentException("the private key in " + file + " is no Ed25519 key in PKCS #8 form");
        }
    }

    /** Writes the key to a new file of mode 600, on disk when this returns. */
    public void write(Path file) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(secret.getEncoded());
        byte[] pem = (BEGIN + "\n" + body + "\n" + END + "\n").getBytes(StandardCharsets.US_ASCII);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            var buffer = ByteBuffer.wrap(pem);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** The signature over {@code message}, 64 bytes. */
    public byte[] sign(byte[] message) {
        try {
            return signature(secret, message);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("signing with a key that the JDK made", impossible);
        }
    }

    private static byte[] signature(PrivateKey secret, byte[] message) throws GeneralSecurityException {
        var signer = Signature.getInstance("Ed25519");
        signer.initSign(secret);
        signer.update(message);
        return signer.sign();
    }

    /**
     * The public half, which a PKCS #8 file does not hold. The JDK derives it only while it generates a pair from 32
     * random bytes, so it is given the secret as those bytes; a probe proves that the halves belong together.
     */
    private static PublicKey derived(PrivateKey secret) throws GeneralSecurityException {
        byte[] seed = ((EdECPrivateKey) secret)
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the key has no bytes"));
        var generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new Replay(seed));
        PublicKey derived =
                PublicKey.ofX509(generator.generateKeyPair().getPublic().getEncoded());
        byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
        if (!derived.verifies(probe, signature(secret, probe))) {
            throw new GeneralSecurityException("this JDK generates keys in another way");
        }
        return derived;
    }

    @Override
    public String toString() {
        return "SigningKey[" + publicKey.id() + "]";
    }

    /** Randomness that isn't any. */
    private static final class Replay extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final byte[] content;

        Replay(byte[] content) {
            this.content = content.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(content, 0, bytes, 0, bytes.length);
        }
    }
}
