package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.report.NodeReport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release serves for some time before its node trusts it for good, and the one before stays at hand. */
class SoakingTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final Duration SOAK = Duration.ofHours(1);

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final List<Step> steps = new ArrayList<>();
    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        publish(1, "one");
        assertThat(agent().once().release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
        node.configure(NO_SERVER, "flotilla.agent.proof.soak = 1h");
    }

    @AfterEach
    void end() {
        node.close();
    }

    private Agent agent() throws IOException {
        return node.agent(bucket, now::get, (step, release) -> {
            synchronized (steps) {
                steps.add(step);
            }
        });
    }

    private void publish(long version, String name) {
        publish(version, name, "good");
    }

    private void publish(long version, String name, String mode) {
        fleet.publish(fleet.draft(version, node.mirror(name, mode)).with(TestFleet.program(name)));
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    private static void says(NodeReport report, long release, NodeReport.State state) {
        assertThat(report.release().map(NodeReport.Release::version)).contains(release);
        assertThat(report.release().map(NodeReport.Release::state)).contains(state);
    }

    private long programs() throws IOException {
        try (Stream<Path> programs = Files.list(node.state().path().resolve("artifacts"))) {
            return programs.count();
        }
    }

    private NodeReport reported() throws IOException {
        return NodeReport.parse(Files.readAllBytes(node.state().report()));
    }

    private void awaitReport(long release, NodeReport.State state) {
        await().atMost(TestNode.patience())
                .until(() -> Files.exists(node.state().report()));
        await().atMost(TestNode.patience()).untilAsserted(() -> says(reported(), release, state));
    }

    @Test
    void aReleaseServesForItsTimeAndIsCommittedThen() throws Exception {
        publish(2, "two");
        Agent agent = agent();
        NodeReport report = agent.once();
        says(report, 2, NodeReport.State.SOAKING);
        assertThat(report.problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/2"));
        pass(SOAK.minusSeconds(1));
        says(agent.once(), 2, NodeReport.State.SOAKING);
        assertThat(programs()).as("the one before is at hand").isEqualTo(2);
        pass(Duration.ofSeconds(1));
        says(agent.once(), 2, NodeReport.State.COMMITTED);
        await().atMost(TestNode.patience()).until(() -> {
            agent.once();
            return programs() == 1;
        });
        assertThat(steps).containsSubsequence(Step.READY, Step.SOAKING, Step.COMMITTED);
    }

    @Test
    void anAgentAtWorkCommitsItWithoutWaitingForItsNextCycle() throws Exception {
        node.configure(NO_SERVER, "flotilla.agent { proof.soak = 1h, poll-interval = 1h }");
        publish(2, "two");
        try (var _ = new AgentAtWork(agent())) {
            awaitReport(2, NodeReport.State.SOAKING);
            pass(SOAK);
            awaitReport(2, NodeReport.State.COMMITTED);
        }
    }

    @Test
    void aMirrorThatEndsWhileItSoaksIsReplacedByTheOneBefore() throws Exception {
        node.configure(NO_SERVER, "flotilla.agent { proof.soak = 1h, poll-interval = 1h }");
        publish(2, "two");
        try (var _ = new AgentAtWork(agent())) {
            awaitReport(2, NodeReport.State.SOAKING);
            try {
                node.ask("/die");
            } catch (IOException cutOff) {
                assertThat(cutOff).isNotNull();
            }
            awaitReport(2, NodeReport.State.REVERTED);
            await().atMost(TestNode.patience()).until(() -> node.serves("one"));
            assertThat(reported().problem().orElseThrow())
                    .contains(
                            "release 2 reverted: while it soaked, the mirror", "ended with status 3", "out of memory");
        }
        says(agent().once(), 2, NodeReport.State.REVERTED);
        assertThat(node.serves("one")).isTrue();
        assertThat(node.mirror()).isPositive();
    }

    @Test
    void aMirrorThatIsNoLongerReadyIsReplacedByTheOneBefore() throws Exception {
        publish(2, "two");
        try (var _ = new AgentAtWork(agent())) {
            awaitReport(2, NodeReport.State.SOAKING);
            node.ask("/unready");
            await().atMost(TestNode.patience())
                    .until(() -> !reported().mirror().orElseThrow().ready());
            says(reported(), 2, NodeReport.State.SOAKING);
            pass(Duration.ofSeconds(1));
            awaitReport(2, NodeReport.State.REVERTED);
            await().atMost(TestNode.patience()).until(() -> node.serves("one"));
            assertThat(reported().problem().orElseThrow())
                    .contains("its mirror was not ready for more than 0.5 s", "not ready: store");
        }
    }

    @Test
    void theNextAgentKnowsSinceWhenItSoaks() throws Exception {
        publish(2, "two");
        agent().once();
        long mirror = node.mirror();
        pass(SOAK.dividedBy(2));
        says(agent().once(), 2, NodeReport.State.SOAKING);
        pass(SOAK.dividedBy(2));
        says(agent().once(), 2, NodeReport.State.COMMITTED);
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void aMirrorThatIsFoundGoneSoaksAnewAndNotForEver() throws Exception {
        publish(2, "two");
        agent().once();
        pass(SOAK.minusSeconds(1));
        for (int gone = 0; gone < 2; gone++) {
            TestNode.kill(node.mirror());
            says(agent().once(), 2, NodeReport.State.SOAKING);
            assertThat(node.serves("two")).isTrue();
            pass(SOAK.minusSeconds(1));
            says(agent().once(), 2, NodeReport.State.SOAKING);
        }
        TestNode.kill(node.mirror());
        NodeReport report = agent().once();
        says(report, 2, NodeReport.State.REVERTED);
        assertThat(report.problem().orElseThrow()).contains("its mirror was found gone 3 times");
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aNewerReleaseTakesItsPlaceAtOnceAndTheWayBackLeadsToTheCommittedOne() throws Exception {
        publish(2, "two");
        Agent agent = agent();
        agent.once();
        publish(3, "three");
        says(agent.once(), 3, NodeReport.State.SOAKING);
        assertThat(node.serves("three")).isTrue();
        assertThat(node.remembered().committed().orElseThrow().mark().version()).isEqualTo(1);
        for (int gone = 0; gone < 3; gone++) {
            TestNode.kill(node.mirror());
            agent = agent();
            agent.once();
        }
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aNewerReleaseThatFailsLeavesTheOneThatSoaks() throws Exception {
        publish(2, "two");
        agent().once();
        long mirror = node.mirror();
        node.giveUpEarly();
        Agent agent = agent();
        for (String mode : List.of("refused", "never-ready")) {
            publish(mode.equals("refused") ? 3 : 4, "next", mode);
            assertThat(agent.once().problem().orElseThrow())
                    .contains(mode.equals("refused") ? "release 3" : "release 4");
            assertThat(node.mirror()).isEqualTo(mirror);
        }
        pass(SOAK);
        says(agent().once(), 4, NodeReport.State.REVERTED);
        assertThat(node.remembered().committed().orElseThrow().mark().version()).isEqualTo(2);
        assertThat(node.serves("two")).isTrue();
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void aReleaseThatBringsNothingElseGoesOnSoaking() throws Exception {
        publish(2, "two");
        Agent agent = agent();
        Instant since = agent.once().release().orElseThrow().since();
        pass(SOAK.dividedBy(2));
        publish(3, "two");
        NodeReport report = agent.once();
        says(report, 3, NodeReport.State.SOAKING);
        assertThat(report.release().orElseThrow().since()).isEqualTo(since);
        pass(SOAK.dividedBy(2));
        says(agent.once(), 3, NodeReport.State.COMMITTED);
    }

    @Test
    void aClockThatWasSetBackBeginsItsTimeAnew() throws Exception {
        publish(2, "two");
        Agent agent = agent();
        agent.once();
        pass(SOAK.negated());
        says(agent.once(), 2, NodeReport.State.SOAKING);
        pass(SOAK.minusSeconds(1));
        says(agent.once(), 2, NodeReport.State.SOAKING);
        pass(Duration.ofSeconds(1));
        says(agent.once(), 2, NodeReport.State.COMMITTED);
    }

    @Test
    void aBucketThatIsAwayIsNoReasonToGoBack() throws Exception {
        publish(2, "two");
        Agent agent = agent();
        agent.once();
        bucket.goAway();
        says(agent.once(), 2, NodeReport.State.SOAKING);
        pass(SOAK);
        says(agent.once(), 2, NodeReport.State.COMMITTED);
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aReleaseThatIsDamagedOnDiskWhileItSoaksIsFetchedAgain() throws Exception {
        publish(2, "two");
        agent().once();
        Files.writeString(node.state().release(2).resolve("mirror.conf"), "mode = dies");
        says(agent().once(), 2, NodeReport.State.SOAKING);
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aFirstReleaseWhoseMirrorEndsIsStartedAgainForThereIsNothingToGoBackTo(@TempDir Path other) throws Exception {
        try (var fresh = new TestNode(other, fleet, NO_SERVER)) {
            node.close();
            node = fresh;
            node.configure(NO_SERVER, "flotilla.agent.proof.soak = 1h");
            publish(2, "first");
            try (var _ = new AgentAtWork(agent())) {
                awaitReport(2, NodeReport.State.SOAKING);
                Instant since = reported().release().orElseThrow().since();
                pass(SOAK.dividedBy(2));
                TestNode.kill(node.mirror());
                await().atMost(TestNode.patience())
                        .until(() -> reported().release().orElseThrow().since().isAfter(since));
                await().atMost(TestNode.patience()).until(() -> node.serves("first"));
                says(reported(), 2, NodeReport.State.SOAKING);
            }
        }
    }
}
