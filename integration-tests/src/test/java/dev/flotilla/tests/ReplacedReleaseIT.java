package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Releases with other configurations replace each other on a node of a real fleet whose clients go on asking. */
class ReplacedReleaseIT {
    private static final TargetPath EAST =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));

    @TempDir
    static Path folder;

    private static Fleet fleet;
    private static FleetBucket bucket;

    @BeforeAll
    static void comeUp() {
        fleet = Fleet.start(folder, "--sample");
        bucket = FleetBucket.of(fleet);
    }

    @AfterAll
    static void end() {
        bucket.close();
        fleet.close();
    }

    private static SteadyClients clients() {
        var east =
                new InetSocketAddress(fleet.address("east"), fleet.url("east").getPort());
        return new SteadyClients(east, "/simple/flotilla-sample-app/");
    }

    private static TargetsMetadata publish(TargetsMetadata before, String more) {
        byte[] configuration = (new String(bucket.target(EAST, before), StandardCharsets.UTF_8) + "\n" + more)
                .getBytes(StandardCharsets.UTF_8);
        TargetFile file = TargetFile.of(configuration);
        bucket.store(EAST, file, configuration);
        TargetsMetadata next = bucket.next(before, EAST, file);
        bucket.publish(next);
        return next;
    }

    private static void awaitRelease(TargetsMetadata release, String state) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> fleet.nodeStatus("east").path("release").asLong() == release.version()
                        && fleet.nodeStatus("east")
                                .path("releaseState")
                                .asText()
                                .equals(state));
    }

    @Test
    void noRequestFailsWhileReleasesReplaceEachOther() {
        TargetsMetadata release = bucket.publishGood();
        awaitRelease(release, "committed");
        try (var clients = clients()) {
            for (int change = 0; change < 3; change++) {
                long before = fleet.mirrorPid("east");
                release = publish(release, "flotilla.mirror.http.requests-remembered = " + (10 + change));
                awaitRelease(release, "committed");
                assertThat(fleet.mirrorPid("east")).isNotEqualTo(before);
            }
            clients.allWereAnswered();
        }
    }

    @Test
    void aReleaseThatNeverGetsReadyCostsNoRequest() {
        TargetsMetadata release = bucket.publishGood();
        awaitRelease(release, "committed");
        long serving = fleet.mirrorPid("east");
        try (var clients = clients()) {
            // It takes over and serves, but isn't the mirror that the agent waits for.
            publish(release, "flotilla.mirror.node = \"east-2\"");
            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() ->
                            fleet.nodeStatus("east").path("problems").toString().contains("reverted"));
            clients.allWereAnswered();
        }
        assertThat(fleet.mirrorPid("east")).isEqualTo(serving);
        assertThat(fleet.nodeStatus("east").path("ready").asBoolean()).isTrue();
    }
}
