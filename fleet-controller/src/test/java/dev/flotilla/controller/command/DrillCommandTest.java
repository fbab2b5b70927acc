package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
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
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What a drill refuses before it touches anything. What it does: {@code FailoverDrillIT}. */
class DrillCommandTest {
    @TempDir
    Path folder;

    private FleetOverHttp world;
    private String file = "";

    @BeforeEach
    void start() throws Exception {
        world = new FleetOverHttp(folder);
        file = world.fleet(
                region("east", "127.0.94.1", world.serve("127.0.94.1")),
                region("west", "127.0.94.2", world.serve("127.0.94.2")));
    }

    @AfterEach
    void end() {
        world.close();
    }

    private int drill(String... more) {
        List<String> arguments = new ArrayList<>(List.of("drill", "failover", "-C", file, "--yes"));
        arguments.addAll(
                List.of("--dns", "127.0.0.1:" + world.route53.dnsAddress().getPort(), "--report", folder.toString()));
        arguments.addAll(List.of(more));
        return world.run(arguments.toArray(String[]::new));
    }

    private void applied() {
        assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
        world.report(1, Instant.now());
    }

    private void untouched() {
        assertThat(world.client.listHealthChecks().healthChecks())
                .allSatisfy(check ->
                        assertThat(check.healthCheckConfig().inverted()).isFalse());
        assertThat(folder.resolve("bucket/acme/drills")).doesNotExist();
    }

    @Test
    void aFleetThatIsNotThereYetIsNotDrilled() {
        assertThat(drill("east")).isEqualTo(1);
        assertThat(world.err())
                .contains("nothing was touched: a drill begins only in a fleet that is well")
                .contains("nothing is published yet from here")
                .contains("no other region serves: nothing would take over from east");
        untouched();
    }

    @Test
    void whereTheOtherRegionIsDeadItSaysSo() {
        applied();
        world.stopNode(1);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(drill("east", "--mode", "health-fail")).isEqualTo(1);
            assertThat(world.err())
                    .contains("west/west-1: its mirror: nothing answers at 127.0.94.2:")
                    .contains("no other region serves: nothing would take over from east")
                    .doesNotContain("east/east-1: ");
        });
        untouched();
    }

    @Test
    void aRegionWhoseNodesGiveNoPageIsNotDrilled() {
        applied();
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(drill("east", "--mode", "health-fail")).isEqualTo(1);
            assertThat(world.err()).contains("nothing was touched: east/east-1 gives no page of six: answers 404");
        });
        untouched();
    }

    @Test
    void mirrorsAreKilledOnlyWhereTheFleetAllowsIt() throws Exception {
        applied();
        assertThat(drill("east", "--mode", "kill")).isEqualTo(1);
        assertThat(world.err())
                .contains("nothing was touched: mirrors are killed only in a local fleet")
                .contains("drills-may-kill = true");
        Files.writeString(
                Path.of(file),
                Files.readString(Path.of(file)).replaceFirst("name = acme,", "name = acme, drills-may-kill = true,"));
        assertThat(drill("east", "--mode", "kill")).isEqualTo(1);
        assertThat(world.err()).contains("doesn't say how to come to the machines");
        untouched();
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThat(drill("north")).isEqualTo(1);
        assertThat(world.err()).contains("fleet.conf has no region north: there are east, west");
        assertThat(drill("east", "--mode", "harshly")).isEqualTo(2);
        assertThat(world.err()).contains("'harshly' is no mode: drain, health-fail or kill");
        assertThat(drill("east", "--budget", "5h", "--every", "10ms")).isEqualTo(2);
        assertThat(world.err()).contains("take a smaller budget, or ask less often");
        assertThat(drill("east", "--report", folder.resolve("nowhere").toString()))
                .isEqualTo(2);
        assertThat(world.run("drill", "history", "-C", file)).isZero();
        assertThat(world.out()).contains("There was no drill yet.");
    }

    /** Nothing is guessed from what can't be read: the health checks of some region may be forced down. */
    @Test
    void aRecordThatCanNotBeReadHasTheDrillRefused() {
        applied();
        var there = S3Bucket.open(
                world.configuration().bucket(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")));
        try (there) {
            there.put(BucketLayout.currentDrill(), new byte[] {'{'}, Bucket.Condition.none());
        }
        assertThat(drill("east", "--mode", "health-fail")).isEqualTo(1);
        assertThat(world.err())
                .contains("what an earlier drill has left can't be undone: drills/current.json can't be read");
    }
}
