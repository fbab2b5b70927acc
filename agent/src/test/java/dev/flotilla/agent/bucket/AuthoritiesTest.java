package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.testing.TestAuthority;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose certificate a bucket's server may show. */
class AuthoritiesTest {
    private static final ObjectKey KEY = new ObjectKey("metadata/timestamp.json");
    private static final byte[] CONTENT = {1, 2, 3};

    private final MemoryBucket content = new MemoryBucket();

    @TempDir
    private static Path folder;

    private static TestAuthority ours;

    private static SSLContext server;

    @BeforeAll
    static void begin() throws Exception {
        ours = TestAuthority.in(folder, "ours");
        server = ours.server();
    }

    private Bucket.Lookup asked(SSLContext identity, Optional<Path> bundle) throws Exception {
        content.put(KEY, CONTENT, Bucket.Condition.none());
        try (var shown = PublicServer.of(content, identity, 0);
                Bucket bucket = shown.clientWithoutCredentials(bundle)) {
            return bucket.get(KEY, Optional.empty(), ByteSize.ofKiB(1));
        }
    }

    private void refused(SSLContext identity, Optional<Path> bundle, String... reasons) throws Exception {
        assertThat(asked(identity, bundle))
                .isInstanceOfSatisfying(
                        Bucket.Lookup.Failed.class,
                        failed -> assertThat(failed.reason()).contains(reasons).contains("could not read " + KEY));
    }

    @Test
    void anAuthorityThatIsNamedIsTrustedAndNoOther() throws Exception {
        var bundle = Optional.of(ours.certificate());
        assertThat(asked(server, bundle))
                .isInstanceOfSatisfying(
                        Bucket.Lookup.Found.class,
                        found -> assertThat(found.content()).isEqualTo(CONTENT));
        refused(server, Optional.empty(), "the server's certificate is not trusted", "name the file", "AWS_CA_BUNDLE");
        var stranger = TestAuthority.in(folder, "stranger");
        refused(stranger.server(), bundle, "the server's certificate is not trusted");
        Path both = Files.writeString(
                folder.resolve("both.pem"),
                Files.readString(stranger.certificate()) + Files.readString(ours.certificate()));
        assertThat(asked(server, Optional.of(both))).isInstanceOf(Bucket.Lookup.Found.class);
    }

    @Test
    void aCertificateHasToBeForTheServerAndForToday() throws Exception {
        var bundle = Optional.of(ours.certificate());
        refused(ours.serverOfAnotherName(), bundle, "the server's certificate is not trusted", "127.0.0.1");
        refused(ours.lateServer(), bundle, "the server's certificate is not trusted", "NotAfter");
    }

    @Test
    void aFileThatCanNotBeUsedTrustsNobodyAndSaysWhy() throws Exception {
        Path missing = folder.resolve("missing.pem");
        refused(server, Optional.of(missing), "AWS_CA_BUNDLE names " + missing, "NoSuchFile");
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        refused(server, Optional.of(empty), "AWS_CA_BUNDLE names " + empty, "there is no certificate in it");
        Path damaged = Files.writeString(
                folder.resolve("damaged.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        refused(server, Optional.of(damaged), "AWS_CA_BUNDLE names " + damaged, "CertificateException");
    }
}
