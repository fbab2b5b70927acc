package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyTest {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static KeyPair pair(String algorithm, int bits) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static byte[] signed(Signature signer, KeyPair pair) throws Exception {
        signer.initSign(pair.getPrivate());
        signer.update(MESSAGE);
        return signer.sign();
    }

    private static Signature pss(int saltBytes) throws Exception {
        var signer = Signature.getInstance("RSASSA-PSS");
        signer.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, saltBytes, 1));
        return signer;
    }

    private static void onlyThatSignature(PublicKey key, byte[] signature) {
        assertThat(key.verifies(MESSAGE, signature)).isTrue();
        assertThat(key.verifies("massage".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
        byte[] other = signature.clone();
        other[other.length - 1] ^= 1;
        assertThat(key.verifies(MESSAGE, other)).isFalse();
        assertThat(key.verifies(MESSAGE, new byte[0])).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 222})
    void rsaPssIsVerifiedWithTheSaltOfTodayAndTheLongestOne(int saltBytes) throws Exception {
        KeyPair pair = pair("RSA", 2048);
        onlyThatSignature(new PublicKey("rsa", "rsassa-pss-sha256", pem(pair)), signed(pss(saltBytes), pair));
    }

    @Test
    void aShortRsaKeyVerifiesNothing() throws Exception {
        KeyPair pair = pair("RSA", 1024);
        assertThat(new PublicKey("rsa", "rsassa-pss-sha256", pem(pair)).verifies(MESSAGE, signed(pss(32), pair)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecdsa", "ecdsa-sha2-nistp256"})
    void ecdsaOnP256IsVerifiedUnderBothNames(String type) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        onlyThatSignature(
                new PublicKey(type, "ecdsa-sha2-nistp256", pem(pair)),
                signed(Signature.getInstance("SHA256withECDSA"), pair));
    }

    @Test
    void anotherCurveVerifiesNothing() throws Exception {
        KeyPair pair = pair("EC", 384);
        byte[] signature = signed(Signature.getInstance("SHA256withECDSA"), pair);
        assertThat(new PublicKey("ecdsa", "ecdsa-sha2-nistp256", pem(pair)).verifies(MESSAGE, signature))
                .isFalse();
    }

    @Test
    void aKeyOfAnotherKindOrNoKeyAtAllVerifiesNothing() {
        SigningKey key = TestRepository.key();
        byte[] signature = key.sign(MESSAGE);
        assertThat(key.publicKey().verifies(MESSAGE, signature)).isTrue();
        String material = key.publicKey().material();
        for (PublicKey none : new PublicKey[] {
            new PublicKey("ed25519", "ed448", material),
            new PublicKey("rsa", "ed25519", material),
            new PublicKey("ed25519", "ed25519", "no hexadecimal"),
            new PublicKey("ed25519", "ed25519", ""),
            new PublicKey("rsa", "rsassa-pss-sha256", "-----BEGIN PUBLIC KEY-----\n%%%\n-----END PUBLIC KEY-----"),
            new PublicKey("ecdsa", "ecdsa-sha2-nistp256", material)
        }) {
            assertThat(none.verifies(MESSAGE, signature)).as(none.toString()).isFalse();
        }
    }
}
