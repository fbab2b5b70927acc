package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.Rollout;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.AllowedHours;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node of the second wave, with a real mirror process, beside a canary of which only the report is there. */
class WavesTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");
    private static final Member CANARY = Member.parse("east/canary");
    private static final Member SELF = Member.parse("east/east-1");
    private static final Duration SOAK = Duration.ofMinutes(1);

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private TestNode node;
    private Agent agent;
    private Instant now = start;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        agent = node.agent(bucket, () -> now);
    }

    @AfterEach
    void end() throws Exception {
        node.close();
    }

    private RolloutPlan plan(AllowedHours hours) {
        return new RolloutPlan(
                start,
                Duration.ofHours(1),
                25,
                true,
                false,
                hours,
                List.of(new Wave(SOAK, List.of(CANARY), List.of()), new Wave(SOAK, List.of(SELF), List.of())));
    }

    private void publish(long version, String configuration, byte[] plan) {
        fleet.publish(fleet.draft(version, configuration), Map.of(TargetPath.rollout(), plan));
    }

    private void publish(long version, String name) {
        publish(version, node.mirror(name, "good"), plan(AllowedHours.ALWAYS).toBytes());
    }

    private void committed(long version, String name) throws Exception {
        fleet.publish(version, node.mirror(name, "good"));
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves(name)).isTrue();
    }

    private void canary(long version, NodeReport.State state, Instant since, Instant written) {
        boolean good = state == NodeReport.State.COMMITTED;
        var report = new NodeReport(
                new FleetName("test"),
                CANARY.region(),
                CANARY.node(),
                written,
                new NodeReport.Agent("test", 1),
                Optional.of(new NodeReport.Release(version, state, since)),
                Optional.of(new NodeReport.Mirror(2, true, since, 0, good ? version : version - 1)),
                good ? NodeReport.Condition.HEALTHY : NodeReport.Condition.DEGRADED,
                good ? Optional.empty() : Optional.of("release " + version + " reverted"),
                Optional.empty(),
                good ? Optional.empty() : Optional.of(version),
                Optional.empty());
        bucket.put(BucketLayout.report(CANARY.region(), CANARY.node()), report.toBytes(), Bucket.Condition.none());
    }

    private NodeReport holds(long mirror, boolean stopped, String reason) throws Exception {
        NodeReport report = agent.once();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.release().orElseThrow().version()).isEqualTo(1);
        assertThat(report.waiting().orElseThrow().release()).isEqualTo(2);
        assertThat(report.waiting().orElseThrow().stopped()).isEqualTo(stopped);
        assertThat(report.waiting().orElseThrow().reason()).contains(reason);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.serves("one")).isTrue();
        return report;
    }

    @Test
    void aNodeWaitsForItsTurnHealthyAndGoesWhenItComes() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        holds(mirror, false, "waiting for wave 1 of 2: 0 of 1 are healthy for 60 s");
        canary(2, NodeReport.State.COMMITTED, now, now);
        now = start.plus(SOAK);
        holds(mirror, false, "east/canary healthy since");
        canary(2, NodeReport.State.COMMITTED, start, now);
        NodeReport report = agent.once();
        assertThat(report.waiting()).isEmpty();
        assertThat(report.release().orElseThrow().version()).isEqualTo(2);
        assertThat(node.serves("two")).isTrue();
        assertThat(node.remembered().rollout()).isEmpty();
    }

    /** Says of release 2, whose turn it is for this node, what operators want of it. */
    private void halted(Optional<Rollout.State> state) {
        fleet.intend(Intents.begin(start, 1)
                .withRollout(state.map(wish -> new Rollout(2, wish, "lunch", "somebody", start))));
    }

    @Test
    void aPausedReleaseIsHeldUntilItIsResumed() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        now = start.plus(SOAK);
        canary(2, NodeReport.State.COMMITTED, start, now);
        halted(Optional.of(Rollout.State.PAUSED));
        holds(mirror, false, "the rollout is paused: by somebody");
        halted(Optional.empty());
        assertThat(agent.once().release().orElseThrow().version()).isEqualTo(2);
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void anAbortedReleaseIsNeverTakenUpAndTheNextOneIs() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        now = start.plus(SOAK);
        canary(2, NodeReport.State.COMMITTED, start, now);
        halted(Optional.of(Rollout.State.ABORTED));
        holds(mirror, true, "the rollout is aborted: by somebody");
        publish(3, "three");
        canary(3, NodeReport.State.COMMITTED, start, now);
        assertThat(agent.once().release().orElseThrow().version()).isEqualTo(3);
        assertThat(node.serves("three")).isTrue();
    }

    @Test
    void aWishThatCanNotBeReadHoldsTheRelease() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        now = start.plus(SOAK);
        canary(2, NodeReport.State.COMMITTED, start, now);
        fleet.intend("{\"format\": 99}".getBytes(StandardCharsets.UTF_8));
        NodeReport report = agent.once();
        assertThat(report.release().orElseThrow().version()).isEqualTo(1);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aCycleThatWaitsAsksForOneReportMore() throws Exception {
        committed(1, "one");
        publish(2, "two");
        agent.once();
        bucket.takeQuestions();
        agent.once();
        assertThat(bucket.takeQuestions())
                .containsExactly("metadata/2.root.json", "metadata/timestamp.json", "nodes/east/canary.json");
    }

    @Test
    void aReleaseThatFailedOnTheCanaryIsNotTakenUpAndTheNextOneIs() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        canary(2, NodeReport.State.REVERTED, now, now);
        holds(mirror, true, "1 of 1 in wave 1 of 2 failed it: east/canary failed: release 2 reverted");
        publish(3, "three");
        canary(3, NodeReport.State.COMMITTED, now, now.plus(SOAK));
        assertThat(agent.once().waiting()).isEmpty();
        assertThat(node.serves("three")).isTrue();
    }

    @Test
    void whatANodeWaitsForIsKnownAfterARestart() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        publish(2, "two");
        holds(mirror, false, "waiting for wave 1");
        now = start.plus(SOAK).plus(Duration.ofHours(1)).plusSeconds(1);
        agent = node.agent(bucket, () -> now);
        holds(mirror, true, "was not through by");
    }

    @Test
    void aReleaseThatChangesNothingOnTheNodeWaitsForNobody() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var without = new RolloutPlan(
                start,
                Duration.ofHours(1),
                25,
                true,
                false,
                AllowedHours.ALWAYS,
                List.of(new Wave(SOAK, List.of(CANARY), List.of())));
        publish(2, node.mirror("one", "good"), without.toBytes());
        NodeReport report = agent.once();
        assertThat(report.release().orElseThrow().version()).isEqualTo(2);
        assertThat(report.waiting()).isEmpty();
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void aNewNodeTakesTheNewestReleaseAtOnceUnlessItIsKnownToBeBad() throws Exception {
        publish(2, "two");
        canary(2, NodeReport.State.REVERTED, now, now);
        NodeReport report = agent.once();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.DEGRADED);
        assertThat(report.problem()).contains("no release is in use yet");
        assertThat(report.waiting().orElseThrow().stopped()).isTrue();
        assertThat(node.mirrors()).isEmpty();
        canary(2, NodeReport.State.COMMITTED, now, now);
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aPlanThatIsNoneIsRefusedAndAMissingOneIsWaitedFor() throws Exception {
        committed(1, "one");
        byte[] plan = plan(AllowedHours.ALWAYS).toBytes();
        publish(2, node.mirror("two", "good"), plan);
        var key = BucketLayout.target(TargetPath.rollout(), Sha256.of(plan));
        bucket.remove(key);
        assertThat(agent.once().problem().orElseThrow()).contains("the rollout of release 2 can't be judged");
        assertThat(node.serves("one")).isTrue();
        publish(3, node.mirror("three", "good"), "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(agent.once().problem().orElseThrow()).contains("release 3 refused: its rollout.json: ");
        assertThat(node.serves("one")).isTrue();
    }
}
