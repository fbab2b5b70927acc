package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.testing.Pebble;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates of a fleet of machines, from an ACME server to clients: issued, brought, served and changed under load by the packed controller.
 * The machines are folders of this computer.
 */
@Tag("real")
class CertificatesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String PAGE = "/simple/served/";
    private static final Wheel WHEEL = Wheel.of("served", "1.0", 100_000);

    @TempDir
    Path folder;

    private final String east = LoopbackAddress.ofThisProcess(21);
    private final String west = LoopbackAddress.ofThisProcess(22);

    private Command flotilla(String... arguments) {
        List<String> line = new ArrayList<>(Command.flotilla(arguments));
        line.addAll(List.of("-C", file().toString()));
        return Command.run(line, MachineFleet.CREDENTIALS);
    }

    private Path file() {
        return folder.resolve("fleet/fleet.conf");
    }

    private void write(S3Server bucket, CountingIndex index, StandInNames names, Pebble pebble) throws IOException {
        Command.run(Command.flotilla(
                        "init", "--name", "acme", folder.resolve("fleet").toString()))
                .succeeded();
        Files.writeString(folder.resolve("fleet/agent.env"), """
                AWS_ACCESS_KEY_ID=%s
                AWS_SECRET_ACCESS_KEY=%s
                """.formatted(S3Server.KEY, S3Server.SECRET));
        Files.writeString(file(), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                  dns { zone = example.org, name = mirror.example.org, endpoint = "%s", ttl = 1s, calls-per-second = 100 }
                  certificates { directory = "%s", server-authority = "%s", agree = true }
                  fabric = local
                  provision {
                    environment = "agent.env", serve-time-out = 90s
                    agent { poll-interval = 1s, report-interval = 1s, report-gap = 200ms, proof { soak = 1s } }
                  }
                  rollout { waves = [] }
                  mirror { upstreams = [ { name = index, index = "%s" } ], store { budget = 1 GiB }, tls { look = 1s } }
                  regions {
                    east { nodes { east-1 { address = "%s" } } }
                    west { nodes { west-1 { address = "%s" } } }
                  }
                }
                """.formatted(
                bucket.endpoint(), names.api(), pebble.directory(), pebble.authority(), index.uri(), east, west));
    }

    @Test
    void whatIsIssuedIsServedAndChangedUnderLoadWithoutAFailedRequest() throws Exception {
        Path objects = Files.createDirectories(folder.resolve("objects/acme"));
        String server = LoopbackAddress.ofThisProcess(23);
        try (var bucket = S3Server.start(objects.getParent());
                var index = CountingIndex.at(InetAddress.getLoopbackAddress(), WHEEL);
                var names = StandInNames.start(
                        List.of(), server, "example.org", Duration.ofSeconds(1), folder.resolve("names"));
                var pebble = Pebble.asking(Files.createDirectory(folder.resolve("pebble")), server + ":53")) {
            write(bucket, index, names, pebble);
            try {
                whoHasNoneYetIsToldSoAndNothingIsInstalled();
                nodesBeginWithTheirs();
                noKeyIsIn(objects);
                aChangeUnderLoadFailsNoRequest();
                oneNodeThatCanNotBeReachedIsMadeUpForByTheNextRun();
            } finally {
                flotilla("destroy", "--fleet-name", "acme", "--with-stores");
            }
        }
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    private void whoHasNoneYetIsToldSoAndNothingIsInstalled() {
        assertThat(flotilla("plan").output())
                .contains("there is no certificate of east yet", "flotilla certificates renew");
        Command renewed = flotilla("certificates", "renew").succeeded();
        assertThat(renewed.output())
                .contains("Renewed: east, good until ", "Renewed: west, good until ")
                .contains("east/east-1: it is no node yet, and becomes one with its certificate: flotilla apply");
        assertThat(folder.resolve("fleet/machines")).doesNotExist();
    }

    private void nodesBeginWithTheirs() throws Exception {
        assertThat(flotilla("plan").output())
                .containsPattern("\\+ .*east/east-1.*write tls.pem, the certificate of the mirror's names");
        assertThat(flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        assertThat(served("east")).isEqualTo(issued("east"));
        assertThat(served("west")).isEqualTo(issued("west"));
        assertThat(flotilla("certificates", "status").succeeded().output())
                .containsPattern("east/east-1 +serves it")
                .containsPattern("west/west-1 +serves it");
        Path there = machine("east").resolve("etc/flotilla/tls.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(there)))
                .isEqualTo("rw-r-----");
        assertThat(flotilla("plan").succeeded().output()).contains("Nothing to do");
        assertThat(flotilla("certificates", "renew").succeeded().output()).contains("Nothing is due.");
    }

    private static void noKeyIsIn(Path objects) throws IOException {
        try (Stream<Path> files = Files.walk(objects)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("BEGIN PRIVATE KEY");
            }
        }
    }

    private void aChangeUnderLoadFailsNoRequest() throws Exception {
        X509Certificate before = issued("east");
        try (var atEast = new SteadyClients(() -> client("east"), PAGE);
                var atWest = new SteadyClients(() -> client("west"), PAGE);
                var standing = client("east")) {
            assertThat(standing.get(PAGE, "").status()).isEqualTo(200);
            await().atMost(PATIENCE).until(() -> atEast.answers() > 50 && atWest.answers() > 50);
            Command renewed =
                    flotilla("certificates", "renew", "--force", "--json").succeeded();
            assertThat(renewed.output())
                    .contains("\"brought\"", "east/east-1", "west/west-1")
                    .contains("\"unbrought\": {}");
            assertThat(issued("east")).isNotEqualTo(before);
            await("new connections to see the new one")
                    .atMost(PATIENCE)
                    .until(() -> served("east").equals(issued("east"))
                            && served("west").equals(issued("west")));
            long then = atEast.answers();
            await().atMost(PATIENCE).until(() -> atEast.answers() > then + 50);
            assertThat(standing.get(PAGE, "").status()).isEqualTo(200);
            assertThat(standing.certificate()).isEqualTo(before);
            atEast.allWereAnswered();
            atWest.allWereAnswered();
        }
        assertThat(flotilla("audit").succeeded().output()).contains("east/east-1 has the certificate of its region");
    }

    private void oneNodeThatCanNotBeReachedIsMadeUpForByTheNextRun() throws Exception {
        Files.delete(
                machine("east").resolve("opt/flotilla/current").toRealPath().resolve("install.sh"));
        Command renewed = flotilla("certificates", "renew", "--force");
        assertThat(renewed.exitCode()).as(renewed.output()).isEqualTo(1);
        assertThat(renewed.output())
                .contains("Brought to west/west-1.", "flotilla: east/east-1: what it has stays: ")
                .contains("install.sh");
        Command status = flotilla("certificates", "status");
        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.output()).containsPattern("east/east-1 +serves another, which ends at ");
        assertThat(flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        await().atMost(PATIENCE).until(() -> served("east").equals(issued("east")));
        assertThat(flotilla("certificates", "renew").succeeded().output()).contains("Nothing is due.");
    }

    private Path machine(String region) {
        return folder.resolve("fleet/machines").resolve(region + "-1");
    }

    private List<Certificate> chain(String region) throws Exception {
        try (InputStream pem = Files.newInputStream(
                folder.resolve("fleet/certificates").resolve(region).resolve("current/certificate.pem"))) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(pem));
        }
    }

    private X509Certificate issued(String region) throws Exception {
        return (X509Certificate) chain(region).getFirst();
    }

    /** What a new connection sees. */
    private X509Certificate served(String region) throws IOException {
        try (var connection = client(region)) {
            return connection.certificate();
        }
    }

    private KeptConnection client(String region) throws IOException {
        var server = new InetSocketAddress(region.equals("east") ? east : west, 8443);
        return KeptConnection.encrypted(server, region + ".mirror.example.org", trust(region));
    }

    /** Believes the one that has signed the region's certificate: Pebble has another one for each of its lives. */
    private SSLContext trust(String region) throws IOException {
        try {
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("issuer", chain(region).get(1));
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException known) {
            throw known;
        } catch (Exception impossible) {
            throw new IOException(impossible);
        }
    }
}
