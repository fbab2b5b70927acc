package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.UsualCredentials;
import dev.flotilla.controller.local.route53.Route53Options;
import dev.flotilla.controller.local.route53.Route53StandIn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;

/** {@code doctor} over HTTP and DNS. With machines by SSH: {@code SshCommandsTest}. */
class DoctorCommandTest {
    @TempDir
    Path folder;

    private FleetOverHttp world;
    private String file = "";

    @BeforeEach
    void start() throws Exception {
        world = new FleetOverHttp(folder);
        file = world.fleet(
                region("east", "127.0.93.1", world.serve("127.0.93.1")),
                region("west", "127.0.93.2", world.serve("127.0.93.2")));
    }

    @AfterEach
    void end() {
        world.close();
    }

    private int doctor(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "doctor",
                "-C",
                file,
                "--dns",
                "127.0.0.1:" + world.route53.dnsAddress().getPort()));
        arguments.addAll(List.of(more));
        return world.run(arguments.toArray(String[]::new));
    }

    private void applied() {
        assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
        world.report(1, Instant.now());
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(doctor()).as(world.out()).isZero());
    }

    @Test
    void ofAFleetThatIsWellItSaysWhatItFoundAndWhatWouldGoOnWithoutItsBucketAndTheApi() {
        applied();
        assertThat(world.out())
                .contains("  ok    root: version 1 is this fleet's; it holds for 3650 days")
                .contains("  ok    bucket: ", "  ok    lock: free, generation ", "  ok    clock: the bucket's and this")
                .contains("  ok    name server 127.0.0.1: answers for example.org, as the API has it")
                .contains("  ok    records: they are as fleet.conf wants them")
                .contains("  ok    mirror.example.org: answers 127.0.93.")
                .contains("  ok    east/east-1: serves; reported ", " s ago; its health check says healthy")
                .contains("without the bucket:\n  ok    serving: 2 of 2 nodes serve on")
                .contains("nodes that stand still miss nothing for 30 days")
                .contains("clients of a dead node move within 150 s (3 probes at intervals of 30 s, and a TTL of 60 s)"
                        + "; east and west stand in for each other")
                .contains(
                        "  ok    east: has one healthy node in DNS, east/east-1: without it, its clients go to another")
                .contains("fleet.conf doesn't say how to come to the machines")
                .endsWith(", 0 failed\n");
        assertThat(doctor("--try-writing", "--json")).isZero();
        assertThat(world.out().lines()).allMatch(line -> line.startsWith("{\"area\": \""));
        assertThat(world.out())
                .contains("\"text\": \"the lock was taken and given back\"")
                .contains("\"text\": \"conditions of writes are kept\"");
        assertThat(doctor("--limit", "west")).isZero();
        assertThat(world.out()).contains("west/west-1: serves").doesNotContain("east/east-1: serves");
    }

    @Test
    void thatThereAreNoCredentialsIsSaidOnceWithAllThatItHinders() {
        world.credentials = () -> {
            throw SdkClientException.create(UsualCredentials.NONE_FOUND + ": set AWS_ACCESS_KEY_ID");
        };
        assertThat(doctor()).isEqualTo(1);
        assertThat(world.out())
                .containsOnlyOnce(UsualCredentials.NONE_FOUND)
                .containsPattern(
                        "  fail  credentials: found no AWS credentials: set AWS_ACCESS_KEY_ID. So nothing can be known of:"
                                + " bucket, .*east/east-1, west/west-1\n");
    }

    @Test
    void beforeAnythingIsPublishedItSaysWhatIsMissing() {
        assertThat(doctor()).isEqualTo(1);
        assertThat(world.out())
                .contains("warn  root: there is none in ", "flotilla publish makes it")
                .contains("warn  bucket: it is nobody's")
                .contains("  ok    API: zone example.org can be read; none of the fleet's names is in it yet")
                .contains("warn  records: ", "see flotilla plan")
                .contains("fail  east/east-1: has never reported")
                .contains("but no region has a healthy node in DNS")
                .contains("serving and not in DNS: east/east-1, west/west-1");
    }

    @Test
    void aNodeThatIsDownAndOneThatIsSilentAreNamedWithWhatToDo() {
        applied();
        world.stopNode(0);
        world.report(1, Instant.now().minusSeconds(600));
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(doctor()).isEqualTo(1);
            assertThat(world.out()).contains("fail  east/east-1: its health check says: ");
        });
        assertThat(world.out())
                .contains("fail  east/east-1: its mirror: nothing answers at 127.0.93.1:")
                .contains("        see flotilla logs east/east-1, and flotilla plan\n")
                .contains("fail  west/west-1: has not reported for 10 min")
                .contains("warn  serving: 1 of 2 nodes serve on", "not so east/east-1")
                .contains("only west has a healthy node in DNS");
    }

    @Test
    void anotherFleetsBucketAndNamesAreToldApartFromItsOwn() throws IOException {
        applied();
        Files.writeString(Path.of(file), Files.readString(Path.of(file)).replaceFirst("name = acme,", "name = rival,"));
        Files.move(folder.resolve("acme/trust"), folder.resolve("acme/trust-of-acme"));
        assertThat(world.run("init", "--name", "rival", folder.resolve("other").toString()))
                .isZero();
        Files.move(folder.resolve("other/trust"), folder.resolve("acme/trust"));
        assertThat(doctor("--try-writing")).isEqualTo(1);
        assertThat(world.out())
                .contains("fail  bucket: the bucket belongs to the fleet acme, and this is the fleet rival")
                .contains("fail  records: mirror.example.org belongs to the fleet acme")
                .doesNotContain("writing: ");
    }

    @Test
    void aServerThatAnswersFromAnotherZoneThanTheApisIsFound() throws Exception {
        applied();
        try (var other = Route53StandIn.start(Route53Options.onLoopback());
                var client = FleetOverHttp.client(other.endpoint())) {
            String server = "127.0.0.1:" + other.dnsAddress().getPort();
            assertThat(world.run("doctor", "-C", file, "--dns", server)).isEqualTo(1);
            assertThat(world.out()).contains("fail  name server 127.0.0.1: it doesn't answer for example.org");
            client.createHostedZone(request -> request.name("example.org").callerReference("of another account"));
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(world.run("doctor", "-C", file, "--dns", server)).isEqualTo(1);
                assertThat(world.out())
                        .contains("it answers for example.org and doesn't know what the API says of"
                                + " _flotilla.mirror.example.org");
            });
        }
    }

    @Test
    void aBucketThatTakesTheConnectionAndSaysNothingHoldsUpNothingElse() throws IOException {
        applied();
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Files.writeString(
                    Path.of(file),
                    Files.readString(Path.of(file))
                            .replaceFirst(
                                    "endpoint = \"[^\"]*\"",
                                    "endpoint = \"http://127.0.0.1:" + silent.getLocalPort() + "\""));
            long begin = System.nanoTime();
            assertThat(doctor("--timeout", "5s")).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
            assertThat(world.out())
                    .contains("fail  bucket: no answer within 5 s")
                    .contains("  ok    east/east-1: serves", "fail  east/east-1: no answer within 4 s")
                    .contains("  ok    name server 127.0.0.1");
        }
    }
}
