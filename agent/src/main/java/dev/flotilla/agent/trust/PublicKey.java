package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A key that verifies, as metadata hold it (TUF 1.0, section 4.2): Ed25519 (RFC 8032), RSA-PSS with SHA-256 (RFC 8017) of
 * at least 2048 bits, and ECDSA on P-256 with SHA-256 (FIPS 186-5). A key of another kind, or a broken one, is part of
 * metadata like any other and verifies nothing. Two keys are equal when their material is. Thread-safe.
 *
 * @param material hexadecimal for Ed25519, PEM for the others
 */
public record PublicKey(String type, String scheme, String material) {
    static final String ED25519 = "ed25519";
    private static final String ECDSA_SCHEME = "ecdsa-sha2-nistp256";
    private static final String RSA_SCHEME = "rsassa-pss-sha256";
    private static final int ED25519_BYTES = 32;
    private static final int LEAST_RSA_BITS = 2048;
    private static final int P256_BITS = 256;
    private static final int SHA256_BYTES = 32;
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";

    /** The fixed head of the X.509 form (RFC 8410, section 4) before the key's own 32 bytes. */
    private static final byte[] X509_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    /** An Ed25519 key of 64 lower-case hexadecimal digits; {@link IllegalArgumentException} where it is none. */
    public static PublicKey ed25519(String hex) {
        byte[] raw = HexFormat.of().parseHex(hex);
        if (raw.length != ED25519_BYTES || !HexFormat.of().formatHex(raw).equals(hex)) {
            throw new IllegalArgumentException("no Ed25519 key (64 lower-case hexadecimal digits): '" + hex + "'");
        }
        return new PublicKey(ED25519, ED25519, hex);
    }

    static PublicKey ofX509(byte[] encoded) {
        return ed25519(HexFormat.of().formatHex(encoded, X509_HEAD.length, encoded.length));
    }

    /** Reads a key object of metadata. Fields that it does not know don't matter. */
    public static PublicKey parse(JsonObject key) {
        return new PublicKey(
                key.text("keytype"), key.text("scheme"), key.object("keyval").text("public"));
    }

    /** The key object of metadata. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("keytype", type)
                .with("scheme", scheme)
                .with("keyval", JsonObject.EMPTY.with("public", material));
    }

    public KeyId id() {
        return new KeyId(Sha256.of(CanonicalJson.bytes(toJson())).hex());
    }

    /** Whether {@code signature} is this key's over {@code message}. A malformed signature is simply none. */
    public boolean verifies(byte[] message, byte[] signature) {
        try {
            return switch (scheme) {
                case ED25519 -> type.equals(ED25519) && ed25519(message, signature);
                // The type's older name is the scheme's.
                case ECDSA_SCHEME -> (type.equals("ecdsa") || type.equals(ECDSA_SCHEME)) && ecdsa(message, signature);
                case RSA_SCHEME -> type.equals("rsa") && rsa(message, signature);
                default -> false;
            };
        } catch (GeneralSecurityException | IllegalArgumentException notASignature) {
            return false;
        }
    }

    private boolean ed25519(byte[] message, byte[] signature) throws GeneralSecurityException {
        byte[] raw = HexFormat.of().parseHex(material);
        byte[] encoded = new byte[X509_HEAD.length + raw.length];
        System.arraycopy(X509_HEAD, 0, encoded, 0, X509_HEAD.length);
        System.arraycopy(raw, 0, encoded, X509_HEAD.length, raw.length);
        return holds(Signature.getInstance("Ed25519"), "Ed25519", encoded, message, signature);
    }

    private boolean ecdsa(byte[] message, byte[] signature) throws GeneralSecurityException {
        byte[] encoded = pem();
        if (KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded)) instanceof ECPublicKey point
                && point.getParams().getCurve().getField().getFieldSize() == P256_BITS) {
            return holds(Signature.getInstance("SHA256withECDSA"), "EC", encoded, message, signature);
        }
        return false;
    }

    private boolean rsa(byte[] message, byte[] signature) throws GeneralSecurityException {
        byte[] encoded = pem();
        if (KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded)) instanceof RSAPublicKey key
                && key.getModulus().bitLength() >= LEAST_RSA_BITS) {
            // As long as the digest, as signers write it today, or as long as there is room, as they did before.
            int longest = (key.getModulus().bitLength() + 6) / 8 - SHA256_BYTES - 2;
            return rsa(encoded, SHA256_BYTES, message, signature) || rsa(encoded, longest, message, signature);
        }
        return false;
    }

    private static boolean rsa(byte[] encoded, int saltBytes, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        var verifier = Signature.getInstance("RSASSA-PSS");
        verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, saltBytes, 1));
        return holds(verifier, "RSA", encoded, message, signature);
    }

    private static boolean holds(Signature verifier, String algorithm, byte[] encoded, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        verifier.initVerify(KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded)));
        verifier.update(message);
        return verifier.verify(signature);
    }

    private byte[] pem() {
        int begin = material.indexOf(BEGIN);
        int end = material.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("no public key in PEM form");
        }
        return Base64.getMimeDecoder().decode(material.substring(begin + BEGIN.length(), end));
    }
}
