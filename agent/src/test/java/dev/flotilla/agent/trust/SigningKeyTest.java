package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);

    private final SigningKey key = SigningKey.generate(new SecureRandom());

    @Test
    void aKeyComesBackFromItsFileWithItsPublicHalf(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("release.pem");
        key.write(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        SigningKey again = SigningKey.read(file);
        assertThat(again.publicKey()).isEqualTo(key.publicKey());
        assertThat(key.publicKey().verifies(MESSAGE, again.sign(MESSAGE))).isTrue();
    }

    /** RFC 8410, section 10.3, its first example: PKCS #8 without the public half, as openssl writes it. */
    @Test
    void aKeyThatAnotherToolWroteIsRead(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("release.pem");
        Files.writeString(file, """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
                -----END PRIVATE KEY-----
                """);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(SigningKey.read(file).publicKey().material())
                .isEqualTo("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("release.pem");
        key.write(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> SigningKey.read(file)).hasMessageContaining("chmod 600");
    }

    @Test
    void aKeyFileIsNeverOverwritten(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("release.pem");
        key.write(file);
        assertThatThrownBy(() -> key.write(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void neitherAKeyNorABrokenFileShowsItsSecret(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("release.pem");
        key.write(file);
        String secret = Files.readAllLines(file).get(1);
        assertThat(key.toString()).contains(key.publicKey().id().value()).doesNotContain(secret);
        Files.writeString(file, Files.readString(file).replace("MC4", "MD4"));
        assertThatThrownBy(() -> SigningKey.read(file))
                .hasMessageContaining("no Ed25519 key")
                .hasMessageNotContaining(secret.substring(10))
                .hasNoCause();
    }

    @Test
    void aSignatureOfAnotherKeyOrOverOtherContentOrOfNoShapeIsNone() {
        byte[] signature = key.sign(MESSAGE);
        SigningKey other = SigningKey.generate(new SecureRandom());
        assertThat(key.publicKey().verifies(MESSAGE, other.sign(MESSAGE))).isFalse();
        assertThat(key.publicKey().verifies("massage".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
        assertThat(key.publicKey().verifies(MESSAGE, new byte[0])).isFalse();
        assertThat(key.publicKey().verifies(MESSAGE, new byte[64])).isFalse();
    }
}
