package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.report.NodeReport;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent that dies after any step leaves a node that serves, and the next agent brings it to the right end. */
class CrashTest {
    private S3Server server;
    private Bucket bucket;
    private TestFleet fleet;
    private TestNode node;
    private long version;
    private long before;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        server = S3Server.start(folder.resolve("objects"));
        bucket = server.client();
        fleet = new TestFleet(bucket);
        node = new TestNode(folder, fleet, server.endpoint());
    }

    @AfterEach
    void end() {
        node.close();
        bucket.close();
        server.close();
    }

    private void commitTheFirst() throws Exception {
        fleet.publish(1, node.mirror("one", "good"));
        assertThat(node.agent(bucket).once().problem()).isEmpty();
    }

    private void dieAt(Step step) throws Exception {
        try (var agent = AgentProcess.start(
                HaltingAgent.class,
                ProcessBuilder.Redirect.from(new File("/dev/null")),
                node.configurationFile().toString(),
                step.name())) {
            assertThat(agent.ended()).as(agent.said()).isEqualTo(HaltingAgent.KILLED);
        }
    }

    private void onlyOneOfEverything(String after) throws Exception {
        try (Stream<Path> all = Files.walk(node.state().path())) {
            assertThat(all.filter(path -> path.getFileName().toString().startsWith(".partial")))
                    .as(after)
                    .isEmpty();
        }
        try (Stream<Path> releases = Files.list(node.state().path().resolve("releases"));
                Stream<Path> programs = Files.list(node.state().path().resolve("artifacts"))) {
            assertThat(releases).as(after).hasSize(1);
            assertThat(programs).as(after).hasSize(1);
        }
    }

    /** A way through a cycle. */
    enum Way {
        THE_FIRST_RELEASE,
        ANOTHER_RELEASE,
        ONE_THAT_HAS_SOAKED,
        ONE_THAT_DIES,
        ONE_THAT_SOAKS_BADLY,
        NEW_WHEELS;

        boolean isGood() {
            return this != ONE_THAT_DIES && this != ONE_THAT_SOAKS_BADLY;
        }

        /** The steps that it takes, in their order. */
        List<Step> steps() {
            List<Step> steps = new ArrayList<>();
            if (this == THE_FIRST_RELEASE || this == ANOTHER_RELEASE || this == ONE_THAT_DIES) {
                steps.addAll(List.of(Step.TRUSTED, Step.DOWNLOADED, Step.UNPACKED, Step.FOLDER_MADE, Step.STAGED));
                steps.addAll(List.of(Step.ACTIVATED, Step.SWITCHED));
            }
            steps.addAll(
                    switch (this) {
                        case THE_FIRST_RELEASE ->
                            List.of(Step.READY, Step.SOAKING, Step.PROVED, Step.COMMITTED, Step.SETTLED);
                        case ANOTHER_RELEASE ->
                            List.of(
                                    Step.KNOWN_ASKED,
                                    Step.COMPARED,
                                    Step.READY,
                                    Step.SOAKING,
                                    Step.PROVED,
                                    Step.COMMITTED,
                                    Step.SETTLED);
                        case ONE_THAT_HAS_SOAKED -> List.of(Step.PROVED, Step.COMMITTED);
                        case ONE_THAT_DIES ->
                            List.of(
                                    Step.KNOWN_ASKED,
                                    Step.REVERTED,
                                    Step.SWITCHED_BACK,
                                    Step.BROUGHT_BACK,
                                    Step.SETTLED);
                        case NEW_WHEELS -> List.of(Step.WHEELS_FETCHED, Step.WHEELS_PLACED, Step.WHEELS_REMOVED);
                        case ONE_THAT_SOAKS_BADLY -> List.of(Step.REVERTED, Step.SWITCHED_BACK, Step.BROUGHT_BACK);
                    });
            return steps;
        }
    }

    @Test
    void noStepIsLeftOut() {
        assertThat(Stream.of(Way.values()).flatMap(way -> way.steps().stream()).distinct())
                .containsExactlyInAnyOrder(Step.values());
    }

    @ParameterizedTest
    @EnumSource
    void afterADeathAtAnyStepTheNextAgentComesToTheSameEnd(Way way) throws Exception {
        if (way != Way.THE_FIRST_RELEASE) {
            publish("good");
            node.agent(bucket).once();
        }
        begin(way);
        assertThat(restOf(way, way + " without a death")).isEqualTo(way.steps());
        for (Step step : way.steps()) {
            begin(way);
            dieAt(step);
            String after = way + " after a death at " + step;
            // The first one has none before it, and one that soaks badly has lost its mirror.
            if (way != Way.THE_FIRST_RELEASE && way != Way.ONE_THAT_SOAKS_BADLY) {
                assertThat(node.serves("release-" + version) || node.serves("release-" + before))
                        .as(after)
                        .isTrue();
            }
            List<Step> rest = restOf(way, after);
            if (way.steps().indexOf(step) >= way.steps().indexOf(Step.REVERTED)) {
                assertThat(way.isGood() || !rest.contains(Step.SWITCHED))
                        .as(after)
                        .isTrue();
            }
        }
    }

    private void publish(String mode) {
        version++;
        fleet.publish(fleet.draft(version, node.mirror("release-" + version, mode))
                .with(TestFleet.program("program-" + version)));
    }

    /** Brings node and fleet to where that way begins. */
    private void begin(Way way) throws Exception {
        before = node.remembered()
                .committed()
                .map(committed -> committed.mark().version())
                .orElse(0L);
        switch (way) {
            case THE_FIRST_RELEASE -> {
                node.close();
                Disk.remove(node.state().path());
                publish("good");
            }
            case ANOTHER_RELEASE -> publish("good");
            case ONE_THAT_DIES -> publish("dies");
            case ONE_THAT_HAS_SOAKED -> soak();
            case NEW_WHEELS -> {
                fleet.wheels(Map.of("debian-11-x86_64", "the old"));
                node.agent(bucket).once();
                fleet.wheels(Map.of("debian-12-x86_64", "the new"));
            }
            case ONE_THAT_SOAKS_BADLY -> {
                soak();
                node.configure(server.endpoint(), "flotilla.agent { proof.soak = 1h, limits.tries = 1 }");
                TestNode.kill(node.mirror());
            }
        }
    }

    private void soak() throws Exception {
        node.configure(server.endpoint(), "flotilla.agent.proof.soak = 1h");
        publish("good");
        assertThat(node.agent(bucket).once().release().map(NodeReport.Release::state))
                .contains(NodeReport.State.SOAKING);
        node.configure(server.endpoint(), "");
    }

    /** What an agent still does, having come to the right end. */
    private List<Step> restOf(Way way, String after) throws Exception {
        List<Step> steps = new ArrayList<>();
        NodeReport report = node.agent(bucket, InstantSource.system(), (step, release) -> steps.add(step))
                .once();
        long serving = way.isGood() ? version : before;
        assertThat(report.problem().orElse(""))
                .as(after)
                .contains(way.isGood() ? "" : "release " + version + " reverted");
        assertThat(report.problem().isEmpty())
                .as(after + ": " + report.problem())
                .isEqualTo(way.isGood());
        assertThat(report.release().map(NodeReport.Release::version)).as(after).contains(version);
        assertThat(report.release().map(NodeReport.Release::state))
                .as(after)
                .contains(way.isGood() ? NodeReport.State.COMMITTED : NodeReport.State.REVERTED);
        assertThat(node.serves("release-" + serving)).as(after).isTrue();
        assertThat(Files.readSymbolicLink(node.state().current())).as(after).isEqualTo(Path.of("releases/" + serving));
        long mirror = node.mirror();
        // It is as it should be: another cycle does nothing but tidy up after the one before.
        assertThat(node.agent(bucket).once().problem()).as(after).isEqualTo(report.problem());
        assertThat(node.mirror()).as(after).isEqualTo(mirror);
        if (way == Way.NEW_WHEELS) {
            assertThat(node.wheels()).as(after).isEqualTo(Map.of("debian-12-x86_64/index.json", "the new"));
            assertThat(report.wheels().orElseThrow().problem()).as(after).isEmpty();
        }
        onlyOneOfEverything(after);
        return steps;
    }

    @Test
    void anAgentKilledDuringATrialLeavesBothAndTheNextOneEndsTheRightOne() throws Exception {
        commitTheFirst();
        long serving = node.mirror();
        fleet.publish(2, node.mirror("two", "never-ready"));
        try (var agent = AgentProcess.start(
                Main.class,
                ProcessBuilder.Redirect.from(new File("/dev/null")),
                "once",
                "--config",
                node.configurationFile().toString())) {
            await().atMost(TestNode.patience()).until(() -> node.serves("two"));
            agent.kill();
        }
        assertThat(node.mirrors()).hasSize(2).contains(serving);
        node.giveUpEarly();
        assertThat(node.agent(bucket).once().problem().orElseThrow()).contains("release 2 reverted");
        assertThat(node.serves("one")).isTrue();
        assertThat(node.mirror()).isEqualTo(serving);
    }

    @Test
    void aReleaseThatKillsItsAgentEveryTimeIsTakenBack() throws Exception {
        commitTheFirst();
        fleet.publish(2, node.mirror("two", "good"));
        dieAt(Step.SWITCHED);
        dieAt(Step.SWITCHED);
        dieAt(Step.SWITCHED);
        assertThat(node.agent(bucket).once().problem().orElseThrow())
                .contains("release 2 reverted: the agent was interrupted 3 times");
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aReleaseOnTrialIsProvedWithoutTheBucket() throws Exception {
        commitTheFirst();
        fleet.publish(2, node.mirror("two", "good"));
        dieAt(Step.ACTIVATED);
        server.close();
        assertThat(node.agent(bucket).once().release().orElseThrow())
                .satisfies(release -> assertThat(release.version()).isEqualTo(2))
                .satisfies(release -> assertThat(release.state()).isEqualTo(NodeReport.State.COMMITTED));
        assertThat(node.serves("two")).isTrue();
    }
}
