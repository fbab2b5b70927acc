package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.trust.ReleaseMetadata;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Releases that must not be used: the mirror that serves goes on serving, and status says why. */
class RefusedReleaseIT {
    private static final TargetPath EAST =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));

    @TempDir
    Path folder;

    private Fleet fleet;
    private FleetBucket bucket;
    private long mirror;

    @BeforeEach
    void comeUp() {
        fleet = Fleet.start(folder, "--sample");
        bucket = FleetBucket.of(fleet);
        mirror = fleet.mirrorPid("east");
    }

    @AfterEach
    void end() {
        bucket.close();
        fleet.close();
    }

    @Test
    void aWrongSignatureIsRefused() {
        ReleaseMetadata current = bucket.release();
        bucket.publish(bucket.next(current, current.targets()), SigningKey.generate(new SecureRandom()));
        assertRefused("signature");
    }

    @Test
    void aWrongDigestIsRefused() {
        byte[] promised = bucket.target(EAST, bucket.release());
        byte[] stored = promised.clone();
        stored[stored.length - 1] ^= 1;
        TargetFile file =
                TargetFile.of((new String(promised, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
        bucket.store(EAST, file, stored);
        bucket.publish(bucket.next(bucket.release(), EAST, file));
        assertRefused("digest|length|sha256|SHA-256");
    }

    @Test
    void anOlderVersionIsRefused() {
        ReleaseMetadata first = bucket.release();
        bucket.publish(bucket.next(bucket.next(first, first.targets()), first.targets()));
        await().atMost(Duration.ofSeconds(40))
                .until(() -> fleet.nodeStatus("east").path("release").asLong() == first.version() + 2);
        mirror = fleet.mirrorPid("east");
        bucket.publish(bucket.next(first, first.targets()));
        assertRefused("older");
    }

    @Test
    void aConfigurationThatTheMirrorsCheckRefusesIsRefused() {
        byte[] broken = "flotilla.mirror { region = \"east\", listen { prot = 1 } }\n".getBytes(StandardCharsets.UTF_8);
        TargetFile file = TargetFile.of(broken);
        bucket.store(EAST, file, broken);
        bucket.publish(bucket.next(bucket.release(), EAST, file));
        assertRefused("prot.*did you mean port");
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
