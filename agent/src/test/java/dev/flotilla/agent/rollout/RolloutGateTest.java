package dev.flotilla.agent.rollout;

import static dev.flotilla.agent.rollout.Plans.SOAK;
import static dev.flotilla.agent.rollout.Plans.START;
import static dev.flotilla.agent.rollout.Plans.healthy;
import static dev.flotilla.agent.rollout.Plans.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.RolloutGate.Answer;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutGateTest {
    private static final RolloutPlan PLAN = Plans.plan("east/canary", "east/a east/b west/c west/d", "west/z");

    private final MemoryBucket bucket = new MemoryBucket();

    private TargetFile publish(RolloutPlan plan) {
        byte[] document = plan.toBytes();
        bucket.put(BucketLayout.target(TargetPath.rollout(), Sha256.of(document)), document, Bucket.Condition.none());
        return TargetFile.of(document);
    }

    private void says(NodeReport report) {
        bucket.put(BucketLayout.report(report.region(), report.node()), report.toBytes(), Bucket.Condition.none());
    }

    private RolloutGate gate(String self, int reads) {
        return new RolloutGate(bucket, Plans.FLEET, Member.parse(self), reads);
    }

    private static RolloutGate.Question at(Instant now) {
        return new RolloutGate.Question(7, START, now, false, false, Optional.empty());
    }

    private static Verdict judged(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Judged.class);
        return ((Answer.Judged) answer).verdict();
    }

    @Test
    void reportsAreReadWaveByWaveUpToTheFirstThatHasNotPassed() {
        TargetFile file = publish(PLAN);
        RolloutGate gate = gate("west/z", 50);
        assertThat(judged(gate.judge(file, at(START)))).isInstanceOf(Verdict.Hold.class);
        assertThat(bucket.takeQuestions())
                .containsExactly("targets/" + file.sha256() + ".rollout.json", "nodes/east/canary.json");
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isInstanceOf(Verdict.Hold.class);
        assertThat(bucket.takeQuestions())
                .containsExactly(
                        "nodes/east/canary.json",
                        "nodes/east/a.json",
                        "nodes/east/b.json",
                        "nodes/west/c.json",
                        "nodes/west/d.json");
        for (String node : new String[] {"east/a", "east/b", "west/c"}) {
            says(healthy(node, 7, START, START.plus(SOAK)));
        }
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isEqualTo(new Verdict.Go());
    }

    @Test
    void aNodeOfTheFirstWaveOfOneReadsThePlanAlone() {
        TargetFile file = publish(PLAN);
        assertThat(judged(gate("east/canary", 50).judge(file, at(START)))).isEqualTo(new Verdict.Go());
        assertThat(bucket.takeQuestions()).containsExactly("targets/" + file.sha256() + ".rollout.json");
    }

    @Test
    void aWaveThatIsTooLargeForOneCycleIsReadInTurn() {
        String many =
                IntStream.range(0, 10).mapToObj(number -> "east/n-" + number).collect(Collectors.joining(" "));
        TargetFile file = publish(Plans.plan(many, "west/z"));
        RolloutGate gate = gate("west/z", 4);
        for (int number = 0; number < 10; number++) {
            says(healthy("east/n-" + number, 7, START, START.plus(SOAK)));
        }
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isInstanceOf(Verdict.Hold.class);
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isEqualTo(new Verdict.Go());
        assertThat(bucket.takeQuestions()).hasSize(1 + 4 + 4);
    }

    @Test
    void whatReportsSayIsBoundedAndBelievedOnlyOfTheirOwnNode() {
        TargetFile file = publish(PLAN);
        NodeReport right = healthy("east/canary", 7, START, START.plus(SOAK));
        byte[] foreign = healthy("east/a", 7, START, START.plus(SOAK)).toBytes();
        byte[] otherFleet = new NodeReport(
                        new FleetName("staging"),
                        right.region(),
                        right.node(),
                        right.written(),
                        right.agent(),
                        right.release(),
                        right.mirror(),
                        right.condition(),
                        right.problem(),
                        right.trust(),
                        right.refused(),
                        right.waiting())
                .toBytes();
        byte[] endless = new byte[(int) ByteSize.ofKiB(64).bytes() + 1];
        for (byte[] wrong : new byte[][] {foreign, otherFleet, endless, "{".getBytes(StandardCharsets.UTF_8)}) {
            bucket.put(BucketLayout.report(right.region(), right.node()), wrong, Bucket.Condition.none());
            assertThat(judged(gate("east/a", 50).judge(file, at(START.plus(SOAK)))))
                    .isInstanceOf(Verdict.Hold.class);
        }
        says(right);
        assertThat(judged(gate("east/a", 50).judge(file, at(START.plus(SOAK))))).isEqualTo(new Verdict.Go());
    }

    @Test
    void aPlanThatIsNoneBreaksItsReleaseAndOneThatIsAwayIsWaitedFor() {
        byte[] broken = "{\"format\": 1}".getBytes(StandardCharsets.UTF_8);
        TargetFile file = TargetFile.of(broken);
        var key = BucketLayout.target(TargetPath.rollout(), file.sha256());
        RolloutGate gate = gate("east/a", 50);
        assertThat(gate.judge(file, at(START))).isInstanceOf(Answer.Unavailable.class);
        bucket.put(key, PLAN.toBytes(), Bucket.Condition.none());
        assertThat(gate.judge(file, at(START))).isInstanceOf(Answer.Unavailable.class);
        bucket.put(key, broken, Bucket.Condition.none());
        assertThat(gate.judge(file, at(START))).isEqualTo(new Answer.Broken("its rollout.json: 'start' is missing"));
        TargetFile large = new TargetFile(ByteSize.ofMiB(3), file.sha256());
        assertThat(gate.judge(large, at(START))).isInstanceOf(Answer.Broken.class);
    }

    @Test
    void aBucketThatGoesAwayLeavesWhatWasKnown() {
        TargetFile file = publish(PLAN);
        RolloutGate gate = gate("east/a", 50);
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isEqualTo(new Verdict.Go());
        bucket.goAway();
        assertThat(judged(gate.judge(file, at(START.plus(SOAK))))).isEqualTo(new Verdict.Go());
    }

    @Test
    void whatLeavesAMirrorAsItIsNeedsATurnOnlyWhereThePlanGivesOne() {
        TargetFile file = publish(PLAN);
        var nothingNew = new RolloutGate.Question(7, START, START, false, true, Optional.empty());
        assertThat(judged(gate("east/other", 50).judge(file, nothingNew))).isEqualTo(new Verdict.Go());
        assertThat(judged(gate("east/other", 50).judge(file, at(START)))).isInstanceOf(Verdict.Hold.class);
        assertThat(judged(gate("east/a", 50).judge(file, nothingNew))).isInstanceOf(Verdict.Hold.class);
    }

    @Test
    void aNodeWithoutAReleaseLooksForFailuresInEveryWave() {
        TargetFile file = publish(PLAN);
        var fresh = new RolloutGate.Question(7, START, START.plus(SOAK), true, false, Optional.empty());
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(judged(gate("east/canary", 50).judge(file, fresh))).isEqualTo(new Verdict.Go());
        says(reverted("east/a", 7, START));
        says(reverted("east/b", 7, START));
        assertThat(judged(gate("east/canary", 50).judge(file, fresh))).isInstanceOf(Verdict.Stopped.class);
    }
}
