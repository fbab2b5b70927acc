package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.testing.Pebble;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeBatch;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/** Certificates issued by Pebble (Debian: pebble), which asks the stand-in's name server for what proves the names. */
@Tag("real")
@Timeout(300)
class CertificatesCommandsTest {
    @TempDir
    Path folder;

    private @Nullable FleetOverHttp things;
    private @Nullable Pebble pebble;
    private String file = "";

    @BeforeEach
    void start() throws Exception {
        things = new FleetOverHttp(folder);
        Pebble server =
                Pebble.asking(folder, "127.0.0.1:" + things.route53.dnsAddress().getPort());
        pebble = server;
        configure("");
    }

    /** Writes fleet.conf with more of what is said of certificates. */
    private void configure(String more) throws Exception {
        Pebble server = Objects.requireNonNull(pebble);
        file = things().fleetWith(
                        "certificates { directory = \"" + server.directory()
                                + "\", contacts = [ \"ops@example.org\" ], agree = true, server-authority = \""
                                + server.authority() + "\"" + more + " }",
                        FleetOverHttp.region("east", "127.0.0.1", 8080),
                        FleetOverHttp.region("west", "127.0.0.2", 8080));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (pebble != null) {
            pebble.close();
        }
        if (things != null) {
            things.close();
        }
    }

    @Test
    void everyRegionGetsACertificateForItsNamesAndNothingIsDueThen() throws Exception {
        assertThat(run("status")).isEqualTo(1);
        assertThat(things().out()).contains("east").contains("there is none yet");
        assertThat(run("renew")).as(things().err()).isZero();
        assertThat(things().out()).contains("Renewed: east, good until ").contains("Renewed: west, good until ");
        assertThat(names("east")).containsExactlyInAnyOrder("mirror.example.org", "east.mirror.example.org");
        assertThat(names("west")).containsExactlyInAnyOrder("mirror.example.org", "west.mirror.example.org");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pair("east", "key.pem"))))
                .isEqualTo("rw-------");
        assertThat(challenges()).isEmpty();
        assertThat(run("status")).isZero();
        X509Certificate first = certificate("east");
        assertThat(run("renew")).isZero();
        assertThat(things().out()).contains("Nothing is due.");
        assertThat(certificate("east")).isEqualTo(first);
        assertThat(things().run("audit", "-C", file)).isZero();
        assertThat(things().out()).contains("certificates renew");

        var lived = Duration.between(
                first.getNotBefore().toInstant(), first.getNotAfter().toInstant());
        things().clock = Clock.offset(
                Clock.systemUTC(), lived.dividedBy(3).multipliedBy(2).plusHours(1));
        assertThat(run("status")).isEqualTo(1);
        assertThat(things().out()).contains("less than a third of its life is left: it ends at ");
        assertThat(things().err()).contains("flotilla certificates renew");
        assertThat(run("renew", "east"))
                .as("what is issued would be due at once")
                .isEqualTo(1);
        assertThat(things().err()).contains("is of no use: less than a third", "Is this machine's clock right?");
        assertThat(certificate("east")).isEqualTo(first);
        things().clock = Clock.systemUTC();

        Path key = pair("east", "key.pem");
        byte[] secret = Files.readAllBytes(key);
        Files.delete(key);
        assertThat(run("status")).isEqualTo(1);
        assertThat(things().out()).contains("the key in " + key + " is missing");
        Files.copy(pair("west", "key.pem"), key);
        assertThat(run("status")).isEqualTo(1);
        assertThat(things().out()).contains("the key in " + key + " is another certificate's");
        Files.writeString(key, "not a key");
        assertThat(run("status", "--json")).isEqualTo(1);
        assertThat(things().out()).contains("can't be read (it has no PRIVATE KEY)");
        Files.write(key, secret);
        assertThat(run("status")).isZero();

        // What a controller leaves that is killed while the server looks.
        create(things().zone, "_acme-challenge.east.mirror.example.org", RRType.TXT, "\"left behind\"");
        assertThat(run("renew", "east", "--force")).as(things().err()).isZero();
        assertThat(certificate("east").getPublicKey()).isNotEqualTo(first.getPublicKey());
        assertThat(challenges()).isEmpty();
        try (var pairs = Files.list(folder.resolve("acme/certificates/east"))) {
            assertThat(pairs).hasSize(2);
        }
    }

    @Test
    void whereNoneCanBeHadTheOneBeforeStaysAndTheZoneIsLeftClean() throws Exception {
        assertThat(run("renew", "east")).as(things().err()).isZero();
        X509Certificate before = certificate("east");
        Pebble server = Objects.requireNonNull(pebble);
        // It asks where nobody answers: what proves the names is never found.
        server = server.again("127.0.0.1:1");
        pebble = server;
        assertThat(run("renew", "east", "--force")).isEqualTo(1);
        assertThat(things().err()).contains("east: what it had stays: ").contains("didn't find that ");
        assertThat(certificate("east")).isEqualTo(before);
        assertThat(challenges()).isEmpty();
        server.close();
        assertThat(run("renew", "east", "--force")).isEqualTo(1);
        assertThat(things().err()).contains("east: what it had stays: " + server.directory());
        assertThat(certificate("east")).isEqualTo(before);
        assertThat(run("renew", "north")).isEqualTo(1);
        assertThat(things().err()).contains("no region north: there are east, west");
    }

    @Test
    void aliasesAreFollowedIntoTheZoneThatIsNamedForIt() throws Exception {
        String proofs = things().client
                .createHostedZone(request -> request.name("proofs.example.net").callerReference("proofs"))
                .hostedZone()
                .id();
        create(things().zone, "_acme-challenge.east.mirror.example.org", RRType.CNAME, "east.proofs.example.net.");
        create(things().zone, "_acme-challenge.mirror.example.org", RRType.CNAME, "all.proofs.example.net.");
        create(proofs, "all.proofs.example.net", RRType.CNAME, "east.proofs.example.net.");
        try (var resolver =
                Unbound.asking(folder, things().route53.dnsAddress(), "example.org", "proofs.example.net")) {
            pebble = Objects.requireNonNull(pebble).again(resolver.address());

            assertThat(run("renew", "east")).isEqualTo(1);
            assertThat(things().err())
                    .contains(
                            ".proofs.example.net, and the fleet writes at or below mirror.example.org alone",
                            "certificates.challenge-zone");

            configure(", challenge-zone = proofs.example.org");
            assertThat(run("renew", "east")).isEqualTo(1);
            assertThat(things().err())
                    .contains(
                            ".proofs.example.net, and the fleet writes at or below mirror.example.org and proofs.example.org alone");

            configure(", challenge-zone = proofs.example.net");
            create(proofs, "east.proofs.example.net", RRType.TXT, "\"left behind\"");
            assertThat(run("renew", "east")).as(things().err()).isZero();
            assertThat(names("east")).containsExactlyInAnyOrder("mirror.example.org", "east.mirror.example.org");
            assertThat(records(proofs, RRType.TXT)).isEmpty();
            assertThat(records(things().zone, RRType.TXT)).isEmpty();
            assertThat(records(things().zone, RRType.CNAME)).hasSize(2);
            // A region without an alias is proved where it stands, with the fleet's name beside it.
            assertThat(run("renew", "west")).as(things().err()).isZero();
            assertThat(records(proofs, RRType.TXT)).isEmpty();

            create(things().zone, "_acme-challenge.west.mirror.example.org", RRType.CNAME, "one.mirror.example.org.");
            create(things().zone, "one.mirror.example.org", RRType.CNAME, "_acme-challenge.west.mirror.example.org.");
            pebble = Objects.requireNonNull(pebble).again(resolver.address());
            assertThat(run("renew", "west", "--force")).isEqualTo(1);
            assertThat(things().err())
                    .contains("_acme-challenge.west.mirror.example.org leads to one.mirror.example.org, and from there"
                            + " to _acme-challenge.west.mirror.example.org again");
        }
    }

    private FleetOverHttp things() {
        return Objects.requireNonNull(things);
    }

    private int run(String verb, String... more) {
        List<String> words = new ArrayList<>(List.of("certificates", verb, "-C", file));
        words.addAll(List.of(more));
        return things().run(words.toArray(String[]::new));
    }

    private Path pair(String region, String name) {
        return folder.resolve("acme/certificates")
                .resolve(region)
                .resolve("current")
                .resolve(name);
    }

    private X509Certificate certificate(String region) throws Exception {
        try (InputStream pem = Files.newInputStream(pair(region, "certificate.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    private List<String> names(String region) throws Exception {
        return certificate(region).getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    }

    private List<String> challenges() {
        return records(things().zone, RRType.TXT).stream()
                .filter(name -> name.startsWith("_acme-challenge."))
                .toList();
    }

    private List<String> records(String zone, RRType type) {
        return things()
                .client
                .listResourceRecordSets(request -> request.hostedZoneId(zone))
                .resourceRecordSets()
                .stream()
                .filter(records -> records.type() == type)
                .map(records -> records.name())
                .toList();
    }

    private void create(String zone, String name, RRType type, String value) {
        var records = ResourceRecordSet.builder()
                .name(name + ".")
                .type(type)
                .ttl(10L)
                .resourceRecords(ResourceRecord.builder().value(value).build())
                .build();
        var change = Change.builder()
                .action(ChangeAction.CREATE)
                .resourceRecordSet(records)
                .build();
        var batch = ChangeBatch.builder().changes(change).build();
        things().client
                .changeResourceRecordSets(request -> request.hostedZoneId(zone).changeBatch(batch));
    }
}
