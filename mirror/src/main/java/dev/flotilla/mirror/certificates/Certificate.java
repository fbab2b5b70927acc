package dev.flotilla.mirror.certificates;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;

/**
 * A certificate with its key, as they were in their files at one time, and as they belong together.
 *
 * @param options it, as an engine takes it
 * @param begins when clients begin to believe it
 * @param ends when they stop
 */
record Certificate(Pair pair, KeyCertOptions options, Instant begins, Instant ends) {
    private static final long LARGEST = 1 << 20;
    private static final List<String> KINDS = List.of("EC", "RSA", "EdDSA");

    /** The two files as they were, so that a change of either is noticed. */
    record Pair(Buffer certificate, Buffer key) {
        /** {@link IOException} says in one line which of them can't be read. */
        static Pair read(Path certificate, Path key) throws IOException {
            return new Pair(bytes(certificate), bytes(key));
        }

        private static Buffer bytes(Path file) throws IOException {
            try {
                if (Files.size(file) > LARGEST) {
                    throw new IOException(file + " is too large for what it should be");
                }
                return Buffer.buffer(Files.readAllBytes(file));
            } catch (NoSuchFileException missing) {
                throw new IOException(file + " isn't there", missing);
            }
        }
    }

    /** What they hold; {@link IOException} says in one line why they are no certificate with its key. */
    static Certificate of(Pair pair, Vertx vertx, Engine engine) throws IOException {
        X509KeyManager keys = keys(pair, vertx);
        for (String kind : KINDS) {
            String[] aliases = keys.getServerAliases(kind, null);
            if (aliases != null && aliases.length > 0) {
                X509Certificate[] chain = keys.getCertificateChain(aliases[0]);
                PrivateKey key = Objects.requireNonNull(keys.getPrivateKey(aliases[0]), "an alias has a key");
                if (chain == null || !belongTogether(chain[0].getPublicKey(), key)) {
                    throw new IOException("the key isn't that of the certificate");
                }
                return new Certificate(
                        pair,
                        engine.keys(keys, vertx),
                        chain[0].getNotBefore().toInstant(),
                        chain[0].getNotAfter().toInstant());
            }
        }
        throw new IOException("the certificate is none of a server by " + String.join(", ", KINDS));
    }

    private static X509KeyManager keys(Pair pair, Vertx vertx) throws IOException {
        try {
            var pem = new PemKeyCertOptions().addCertValue(pair.certificate()).addKeyValue(pair.key());
            return Stream.of(pem.getKeyManagerFactory(vertx).getKeyManagers())
                    .filter(X509KeyManager.class::isInstance)
                    .map(X509KeyManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new IOException("the files hold no certificate with a key"));
        } catch (IOException known) {
            throw known;
        } catch (Exception unreadable) {
            throw new IOException(
                    "the files hold no certificate with its key in PEM: " + unreadable.getMessage(), unreadable);
        }
    }

    private static boolean belongTogether(PublicKey certified, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] something = "one of the two has signed this".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(something);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certified);
            verifying.update(something);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException other) {
            return false;
        }
    }
}
