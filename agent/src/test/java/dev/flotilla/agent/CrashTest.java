package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.report.NodeReport;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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

    private void onlyOneOfEverything() throws Exception {
        assertThat(node.mirror()).isPositive();
        // The files of the one before go in the first cycle after it.
        node.agent(bucket).once();
        try (Stream<Path> all = Files.walk(node.state().path())) {
            assertThat(all.filter(path -> path.getFileName().toString().startsWith(".partial")))
                    .isEmpty();
        }
        try (Stream<Path> releases = Files.list(node.state().path().resolve("releases"));
                Stream<Path> programs = Files.list(node.state().path().resolve("artifacts"))) {
            assertThat(releases).hasSize(1);
            assertThat(programs).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"REVERTED", "SWITCHED_BACK", "BROUGHT_BACK"})
    void aGoodReleaseIsCommittedByTheNextAgent(Step step) throws Exception {
        commitTheFirst();
        fleet.publish(fleet.draft(2, node.mirror("two", "good")).with(TestFleet.program("other")));
        dieAt(step);
        assertThat(node.mirror()).isPositive();
        NodeReport report = node.agent(bucket).once();
        assertThat(report.problem()).isEmpty();
        assertThat(report.release().orElseThrow().version()).isEqualTo(2);
        assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
        assertThat(node.serves("two")).isTrue();
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/2"));
        onlyOneOfEverything();
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"STAGED", "ACTIVATED", "SWITCHED", "REVERTED", "SWITCHED_BACK", "BROUGHT_BACK", "SETTLED"})
    void aBadReleaseIsTakenBackByTheNextAgent(Step step) throws Exception {
        commitTheFirst();
        fleet.publish(fleet.draft(2, node.mirror("two", "never-ready")).with(TestFleet.program("other")));
        dieAt(step);
        List<Step> steps = new ArrayList<>();
        NodeReport report = node.agent(bucket, InstantSource.system(), (taken, release) -> steps.add(taken))
                .once();
        assertThat(report.problem().orElseThrow()).contains("release 2 reverted");
        if (step.compareTo(Step.REVERTED) >= 0) {
            assertThat(steps).doesNotContain(Step.ACTIVATED, Step.SWITCHED);
        }
        assertThat(node.serves("one")).isTrue();
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/1"));
        long mirror = node.mirror();
        assertThat(node.agent(bucket).once().problem()).isEqualTo(report.problem());
        assertThat(node.mirror()).isEqualTo(mirror);
        onlyOneOfEverything();
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"TRUSTED", "FOLDER_MADE", "ACTIVATED", "READY"})
    void theFirstReleaseIsCommittedByTheNextAgentToo(Step step) throws Exception {
        fleet.publish(1, node.mirror("one", "good"));
        dieAt(step);
        assertThat(node.agent(bucket).once().problem()).isEmpty();
        assertThat(node.serves("one")).isTrue();
        onlyOneOfEverything();
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
