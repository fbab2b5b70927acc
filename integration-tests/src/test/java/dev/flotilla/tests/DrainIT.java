package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator on call: drains and purges by the controller, and a drain on the node itself. Nodes poll every two seconds. */
class DrainIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    /** One poll of two seconds by the promise, and the mirror's own look; the rest is for a machine that stands still for a while. */
    private static final Duration POLLED = Duration.ofSeconds(20);

    /** Three check intervals of a second and one probe; the rest is for the same. */
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

    private static Command flotilla(String verb, String... arguments) throws IOException {
        JsonNode credentials = new ObjectMapper()
                .readTree(fleet.state().resolve("local.json").toFile())
                .get("credentials");
        List<String> all = new ArrayList<>(
                List.of(verb, "--config", fleet.state().resolve("fleet.conf").toString()));
        all.addAll(List.of(arguments));
        return Command.run(
                Command.flotilla(all.toArray(String[]::new)),
                Map.of(
                        "AWS_ACCESS_KEY_ID", credentials.get("accessKeyId").asText(),
                        "AWS_SECRET_ACCESS_KEY",
                                credentials.get("secretAccessKey").asText()));
    }

    /** The agent that the fleet runs, as a command beside it. */
    private static Command agent(String region, String... arguments) throws IOException {
        Path program;
        try (Stream<Path> files = Files.walk(fleet.state().resolve("programs"))) {
            program = files.filter(file -> file.endsWith(Path.of("bin", "agent")))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> line = new ArrayList<>(List.of(program.toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of(
                "--config",
                fleet.state()
                        .resolve("regions")
                        .resolve(region)
                        .resolve("agent.conf")
                        .toString()));
        return Command.run(line);
    }

    private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        try (var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
        }
    }

    private static int readiness(String region) throws IOException, InterruptedException {
        return get(fleet.url(region).resolve("readyz")).statusCode();
    }

    private static Duration until(Duration most, Callable<Boolean> condition) {
        long begun = System.nanoTime();
        await().atMost(most)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(condition);
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static void awaitAtHome() {
        until(
                SOON,
                () -> readiness("east") == 200
                        && readiness("west") == 200
                        && fleet.answer().equals(Set.of(fleet.address("east"))));
    }

    @Test
    void aDrainedRegionIsLeftByDnsWhileItServesAndNoMirrorIsStartedAgain() throws Exception {
        awaitAtHome();
        long mirror = fleet.mirrorPid("east");
        assertThat(flotilla("drain", "east", "--reason", "new switch")
                        .succeeded()
                        .output())
                .contains("Published: drain east (new switch)");
        Duration drained = until(POLLED, () -> readiness("east") == 503);
        Duration moved = until(MOVED, () -> fleet.answer().equals(Set.of(fleet.address("west"))));
        System.out.println(
                "drained after " + drained.toMillis() + " ms, moved after further " + moved.toMillis() + " ms");
        assertThat(get(fleet.index("east").resolve("flotilla-sample-app/")).statusCode())
                .isEqualTo(200);
        until(SOON, () -> fleet.nodeStatus("east").path("drained").asBoolean());
        assertThat(fleet.nodeStatus("east").path("condition").asText()).isEqualTo("healthy");
        assertThat(fleet.statusText()).contains("* east/east-1: drained by").contains("new switch");
        assertThat(fleet.mirrorPid("east")).isEqualTo(mirror);

        // Wanted of all, and yet one serves: the one that nobody meant before stays until then, and the first of all
        // after.
        flotilla("drain", "west").succeeded();
        until(SOON, () -> readiness("east") == 200);
        until(SOON, () -> readiness("west") == 503);
        assertThat(fleet.statusText()).contains("but it serves on");

        flotilla("undrain", "west").succeeded();
        flotilla("undrain", "east").succeeded();
        awaitAtHome();
        assertThat(fleet.mirrorPid("east")).isEqualTo(mirror);
    }

    @Test
    void aDrainIsWaitedForUntilClientsHaveLeftAndSaysWhatStillComes() throws Exception {
        awaitAtHome();
        URI page = fleet.index("east").resolve("flotilla-sample-app/");
        var leave = new AtomicBoolean();
        Thread stubborn = Thread.ofVirtual().start(() -> {
            while (!leave.get()) {
                try {
                    get(page);
                } catch (IOException slow) {
                    System.out.println("the client comes again: " + slow);
                } catch (InterruptedException ended) {
                    return;
                }
            }
        });
        try {
            Command stays = flotilla("drain", "east", "--wait", "--timeout", "25s");
            assertThat(stays.exitCode()).as(stays.output()).isEqualTo(3);
            assertThat(stays.output())
                    .contains("east/east-1: drained", "resolvers may lead clients there")
                    .containsPattern("still awaited: east/east-1: [1-9][0-9.]+ requests a second came up to ");
        } finally {
            leave.set(true);
        }
        assertThat(stubborn.join(Duration.ofSeconds(60))).isTrue();
        flotilla("undrain", "east").succeeded();
        awaitAtHome();
    }

    @Test
    void aPurgeIsCarriedOutByEveryNodeAndItsNextAnswerIsUpstreams() throws Exception {
        awaitAtHome();
        for (String region : List.of("east", "west")) {
            URI page = fleet.index(region).resolve("flotilla-sample-app/");
            get(page);
            assertThat(get(page).headers().firstValue("x-cache")).contains("hit");
        }
        flotilla("purge", "Flotilla.Sample_App").succeeded();
        for (String region : List.of("east", "west")) {
            URI page = fleet.index(region).resolve("flotilla-sample-app/");
            Duration purged = until(
                    POLLED,
                    () -> !"hit"
                            .equals(get(page).headers().firstValue("x-cache").orElse("")));
            System.out.println("purged in " + region + " after further " + purged.toMillis() + " ms");
        }
        until(
                SOON,
                () -> fleet.nodeStatus("east").path("purged").asLong() > 0
                        && fleet.nodeStatus("west").path("purged").asLong() > 0);
        assertThat(fleet.nodeStatus("east").path("purgesWaiting").asLong()).isZero();
        Path token = fleet.state().resolve("regions/east/agent/keeper/token");
        assertThat(Files.getPosixFilePermissions(token)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void anOperatorOnTheNodeDrainsItWithoutAgentAndTheNextMirrorKnows() throws Exception {
        awaitAtHome();
        assertThat(agent("west", "drain", "--reason", "disk").succeeded().output())
                .contains("Drained by");
        until(POLLED, () -> readiness("west") == 503);
        long before = fleet.mirrorPid("west");
        Fleet.kill(before);
        until(SOON, () -> {
            long next = fleet.mirrorPid("west");
            return next > 0 && next != before && answers("west");
        });
        assertThat(readiness("west")).isEqualTo(503);
        assertThat(agent("west", "undrain").succeeded().output()).contains("No longer drained");
        until(SOON, () -> readiness("west") == 200);
    }

    private static boolean answers(String region) throws InterruptedException {
        try {
            return get(fleet.operations(region).resolve("livez")).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
