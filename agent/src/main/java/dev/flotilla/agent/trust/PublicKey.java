package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * An Ed25519 key that verifies (RFC 8032), as metadata hold it (TUF 1.0, section 4.2). Two keys are equal when their key
 * material is. Thread-safe.
 *
 * @param hex the 32 bytes of the key in lower-case hexadecimal
 */
public record PublicKey(String hex) {
    static final String KEY_TYPE = "ed25519";
    private static final int KEY_BYTES = 32;

    /** The fixed head of the X.509 form (RFC 8410, section 4) before the key's own 32 bytes. */
    private static final byte[] X509_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    public PublicKey {
        byte[] raw = HexFormat.of().parseHex(hex);
        if (raw.length != KEY_BYTES || !HexFormat.of().formatHex(raw).equals(hex)) {
            throw new IllegalArgumentException("no Ed25519 key (64 lower-case hexadecimal digits): '" + hex + "'");
        }
    }

    static PublicKey ofX509(byte[] encoded) {
        return new PublicKey(HexFormat.of().formatHex(encoded, X509_HEAD.length, encoded.length));
    }

    /** Reads a key object of metadata; {@link MalformedJsonException} where it is of a kind that is not supported. */
    static PublicKey parse(JsonObject key) {
        String type = key.text("keytype");
        String scheme = key.text("scheme");
        if (!type.equals(KEY_TYPE) || !scheme.equals(KEY_TYPE)) {
            throw new MalformedJsonException(
                    "keys of type '" + type + "' and scheme '" + scheme + "' are not supported, only ed25519");
        }
        return key.object("keyval").parsed("public", PublicKey::new);
    }

    /** The key object of metadata. */
    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("keytype", KEY_TYPE)
                .with("scheme", KEY_TYPE)
                .with("keyval", JsonObject.EMPTY.with("public", hex));
    }

    public KeyId id() {
        return new KeyId(Sha256.of(CanonicalJson.bytes(toJson())).hex());
    }

    /** Whether {@code signature} is this key's over {@code message}. A malformed signature is simply none. */
    public boolean verifies(byte[] message, byte[] signature) {
        try {
            byte[] raw = HexFormat.of().parseHex(hex);
            byte[] encoded = new byte[X509_HEAD.length + raw.length];
            System.arraycopy(X509_HEAD, 0, encoded, 0, X509_HEAD.length);
            System.arraycopy(raw, 0, encoded, X509_HEAD.length, raw.length);
            var verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException notASignature) {
            return false;
        }
    }
}
