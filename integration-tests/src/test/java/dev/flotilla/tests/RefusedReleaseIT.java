package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Releases that must not be used: the mirror that serves goes on serving, and status says why. */
class RefusedReleaseIT {
    private static final TargetPath EAST =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));

    @TempDir
    static Path folder;

    private static Fleet fleet;
    private static FleetBucket bucket;

    private TargetsMetadata current;
    private long mirror;

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

    /** A version that no test before has used, so that whatever a test publishes is newer or older by its own doing. */
    @BeforeEach
    void startFromACommittedRelease() {
        current = bucket.publishGood();
        awaitCommitted(current.version());
        mirror = fleet.mirrorPid("east");
    }

    @Test
    void aWrongSignatureIsRefused() {
        bucket.publish(bucket.next(current, current.targets()), SigningKey.generate(new SecureRandom()));
        assertRefused("signature");
    }

    @Test
    void aWrongDigestIsRefused() {
        byte[] promised = (new String(bucket.target(EAST, current), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] stored = promised.clone();
        stored[0] ^= 1;
        TargetFile file = TargetFile.of(promised);
        bucket.store(EAST, file, stored);
        bucket.publish(bucket.next(current, EAST, file));
        assertRefused("digest|sha256|SHA-256");
    }

    @Test
    void anOlderVersionIsRefused() {
        bucket.publish(bucket.of(current.version() - 1, current.targets()));
        assertRefused("older");
    }

    @Test
    void aConfigurationThatTheMirrorsCheckRefusesIsRefused() {
        byte[] broken = "flotilla.mirror { region = \"east\", listen { prot = 1 } }\n".getBytes(StandardCharsets.UTF_8);
        TargetFile file = TargetFile.of(broken);
        bucket.store(EAST, file, broken);
        bucket.publish(bucket.next(current, EAST, file));
        assertRefused("prot.*did you mean port");
    }

    private static void awaitCommitted(long version) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    var node = fleet.nodeStatus("east");
                    return node.path("release").asLong() == version
                            && node.path("releaseState").asText().equals("committed")
                            && node.path("ready").asBoolean()
                            && node.path("condition").asText().equals("healthy");
                });
    }

    private void assertRefused(String reason) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(
                                fleet.nodeStatus("east").path("condition").asText())
                        .isEqualTo("degraded"));
        assertThat(fleet.nodeStatus("east").path("problems").toString()).containsPattern(reason);
        assertThat(fleet.statusText()).containsPattern(reason);
        assertThat(fleet.mirrorPid("east")).isEqualTo(mirror);
        assertThat(fleet.nodeStatus("east").path("ready").asBoolean()).isTrue();
        PythonEnvironment.create(folder)
                .install(fleet.index("east"), "flotilla-sample-app")
                .succeeded();
    }
}
