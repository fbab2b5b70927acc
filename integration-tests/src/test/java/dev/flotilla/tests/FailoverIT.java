package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes die; names and mirrors come back by themselves. */
class FailoverIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    /** Three check intervals of a second and one probe by the promise; the rest is for a machine that stands still for a while. */
    private static final Duration MOVED = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static Fleet fleet;

    @BeforeAll
    static void comeUp() {
        fleet = Fleet.start(folder, "--sample");
    }

    @AfterAll
    static void end() {
        fleet.close();
    }

    @Test
    void killingAMirrorMovesTheNameAndItsReturnBringsItBack() {
        awaitBothServing();
        long before = fleet.mirrorPid("east");
        Fleet.kill(before);
        await().atMost(MOVED)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> fleet.answer().equals(Set.of(fleet.address("west"))));
        assertThat(fleet.answer("east.mirror.flotilla.test")).containsExactly(fleet.address("west"));
        await().atMost(SOON).until(() -> fleet.answer().equals(Set.of(fleet.address("east"))));
        assertThat(fleet.mirrorPid("east")).isNotEqualTo(before);
    }

    @Test
    void whenEveryRegionIsDeadTheNameStillAnswers() {
        awaitBothServing();
        Fleet.kill(fleet.mirrorPid("west"));
        Fleet.kill(fleet.mirrorPid("east"));
        await().atMost(MOVED).until(() -> !serves("east") && !serves("west"));
        await().during(Duration.ofSeconds(2))
                .atMost(SOON)
                .until(() -> !fleet.answer().isEmpty());
    }

    @Test
    void aKilledAgentLeavesItsMirrorServingAndTheNextOneAdoptsIt() {
        awaitBothServing();
        long agent = fleet.agentPid("west");
        long mirror = fleet.mirrorPid("west");
        Fleet.kill(agent);
        await().atMost(SOON).until(() -> {
            assertThat(serves("west")).isTrue();
            long next = fleet.agentPid("west");
            return next > 0 && next != agent;
        });
        await().during(Duration.ofSeconds(3)).atMost(SOON).until(() -> serves("west"));
        assertThat(fleet.mirrorPid("west")).isEqualTo(mirror);
        assertThat(fleet.nodeStatus("west").path("condition").asText()).isEqualTo("healthy");
    }

    private static void awaitBothServing() {
        await().atMost(SOON)
                .until(() -> serves("east") && serves("west") && fleet.answer().equals(Set.of(fleet.address("east"))));
    }

    private static boolean serves(String region) {
        URI readiness = fleet.url(region).resolve("readyz");
        try (var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            var request = HttpRequest.newBuilder(readiness)
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (java.io.IOException down) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
