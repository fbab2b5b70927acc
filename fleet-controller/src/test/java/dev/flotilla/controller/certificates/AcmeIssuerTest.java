package dev.flotilla.controller.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.certificates.AcmeIssuer.Issuance;
import dev.flotilla.controller.dns.ChallengeRecords;
import dev.flotilla.controller.dns.Change;
import dev.flotilla.controller.dns.DelegatingZone;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.testing.Pebble;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes of a certificate where server or zone fail in the middle of it. */
@Tag("real")
@Timeout(300)
class AcmeIssuerTest {
    private static final DnsName NAME = DnsName.parse("east.mirror.example.org");

    @TempDir
    Path folder;

    private final MemoryZone zone = new MemoryZone();
    private final List<String> progress = new ArrayList<>();

    /** A zone from which nothing can be taken out. */
    private final Zone clinging = new DelegatingZone(zone) {
        @Override
        public Submission change(List<Change> batch, String comment) throws IOException, InterruptedException {
            if (batch.stream().anyMatch(Change.Delete.class::isInstance)) {
                throw new IOException("Route 53 is away");
            }
            return super.change(batch, comment);
        }
    };

    private AcmeIssuer issuer(Zone in, URI directory, Optional<Path> authority) throws Exception {
        var fleet = new Fleets(folder).node("east", "east-1", "192.0.2.1").build();
        var keeper = new FleetDns(fleet, in, FleetDns.Timing.USUAL, () -> 0, time -> {}, Fence.ALONE, progress::add);
        return new AcmeIssuer(
                new CertificateSettings(directory, List.of(), folder.resolve("a/b"), authority, Optional.empty()),
                new CertificateFolder(folder.resolve("a/b")),
                keeper.challenges(),
                Clock.systemUTC(),
                progress::add);
    }

    @Test
    void whatIsIssuedIsKeptThoughItsProofCanNotBeTakenOutOfTheZone() throws Exception {
        try (Pebble pebble = Pebble.believing(folder)) {
            Issuance issuance = issuer(clinging, pebble.directory(), Optional.of(pebble.authority()))
                    .issue(Set.of(NAME));
            assertThat(issuance).isInstanceOf(Issuance.Issued.class);
            assertThat(progress)
                    .anyMatch(line -> line.contains("stays in the zone until the next renewal: Route 53 is away"));
            assertThat(zone.all()).hasSize(1);
            // The next one takes it out.
            assertThat(issuer(zone, pebble.directory(), Optional.of(pebble.authority()))
                            .issue(Set.of(NAME)))
                    .isInstanceOf(Issuance.Issued.class);
            assertThat(zone.all()).isEmpty();
        }
    }

    @Test
    void whyNoneIsIssuedIsSaidThoughTheZoneFailsAsWell() throws Exception {
        zone.put(new RecordSet(
                ChallengeRecords.at(NAME),
                "TXT",
                Optional.empty(),
                new RecordSet.Routing.Simple(),
                new RecordSet.Content.Values(Duration.ofSeconds(10), List.of("\"left behind\"")),
                Optional.empty()));
        Issuance issuance = issuer(clinging, URI.create("http://127.0.0.1:1/dir"), Optional.empty())
                .issue(Set.of(NAME));
        assertThat(issuance)
                .isInstanceOfSatisfying(
                        Issuance.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith("http://127.0.0.1:"));
        assertThat(progress).anyMatch(line -> line.contains("Route 53 is away"));
    }

    @Test
    void anAliasIsNotWrittenOver() throws Exception {
        zone.put(new RecordSet(
                ChallengeRecords.at(NAME),
                "CNAME",
                Optional.empty(),
                new RecordSet.Routing.Simple(),
                new RecordSet.Content.Values(Duration.ofSeconds(10), List.of("elsewhere.example.net.")),
                Optional.empty()));
        try (Pebble pebble = Pebble.believing(folder)) {
            Issuance issuance = issuer(zone, pebble.directory(), Optional.of(pebble.authority()))
                    .issue(Set.of(NAME));
            assertThat(issuance).isInstanceOfSatisfying(Issuance.Failed.class, failed -> {
                assertThat(failed.reason())
                        .contains("leads to elsewhere.example.net, and the fleet writes at or below");
                assertThat(failed.hammering()).isFalse();
            });
            assertThat(zone.all()).hasSize(1);
        }
    }

    /** Pebble has no limits: this is the beginning of a server that has reached them (RFC 8555, section 6.6). */
    @Test
    void aServerThatTakesNoMoreIsNotAskedAgain() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/dir", exchange -> say(exchange, 200, "application/json", """
                { "newNonce": "%1$s/nonce", "newAccount": "%1$s/account", "newOrder": "%1$s/order" }
                """.formatted(base)));
        server.createContext("/nonce", exchange -> say(exchange, 200, "application/json", ""));
        server.createContext("/account", exchange -> {
            exchange.getResponseHeaders().set("Location", base + "/account/1");
            say(exchange, 201, "application/json", "{ \"status\": \"valid\" }");
        });
        server.createContext("/order", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            say(exchange, 429, "application/problem+json", """
                    { "type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates already issued" }
                    """);
        });
        server.start();
        try {
            Instant before = Instant.now();
            Issuance issuance =
                    issuer(zone, URI.create(base + "/dir"), Optional.empty()).issue(Set.of(NAME));
            assertThat(issuance).isInstanceOfSatisfying(Issuance.Failed.class, failed -> {
                assertThat(failed.hammering()).isTrue();
                assertThat(failed.reason())
                        .contains("takes no more for now: too many certificates already issued. Try again after ");
                Instant when = Instant.parse(failed.reason().replaceAll(".*after ", ""));
                assertThat(when).isAfter(before.plus(Duration.ofMinutes(50)));
            });
            assertThat(zone.batches()).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    private static void say(HttpExchange exchange, int status, String type, String text) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Replay-Nonce", "bm9uY2U");
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Test
    void whereOthersMayWriteNoKeyIsKept() throws Exception {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        var certificates = new CertificateFolder(open);
        assertThatThrownBy(certificates::account)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("where other users of this machine may write: chmod go-w " + open);
        assertThat(open).isEmptyDirectory();
        Path deep = folder.resolve("x/y");
        new CertificateFolder(deep).account();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(deep)))
                .isEqualTo("rwx------");
        assertThat(new CertificateFolder(deep)
                        .standing(new RegionName("east"), Set.of(NAME), Instant.now())
                        .line())
                .isEqualTo("there is none yet");
    }
}
