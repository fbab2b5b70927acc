package dev.flotilla.agent.rollout;

import static dev.flotilla.agent.rollout.Plans.SILENCE;
import static dev.flotilla.agent.rollout.Plans.SOAK;
import static dev.flotilla.agent.rollout.Plans.START;
import static dev.flotilla.agent.rollout.Plans.healthy;
import static dev.flotilla.agent.rollout.Plans.member;
import static dev.flotilla.agent.rollout.Plans.plan;
import static dev.flotilla.agent.rollout.Plans.report;
import static dev.flotilla.agent.rollout.Plans.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.report.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutJudgeTest {
    private static final RolloutPlan PLAN = plan("east/canary", "east/a east/b west/c west/d", "west/z");

    private final Map<Member, Standing> standings = new HashMap<>();
    private Instant now = START;
    private Instant seen = START;

    private void says(NodeReport report) {
        standings.put(new Member(report.region(), report.node()), Standing.of(report, 7));
    }

    private RolloutJudge judge(RolloutPlan plan) {
        return new RolloutJudge(plan, standings, seen, now);
    }

    private Verdict verdict(RolloutPlan plan, String node) {
        return judge(plan).verdict(member(node), false, Optional.empty());
    }

    private Verdict verdict(String node) {
        return verdict(PLAN, node);
    }

    private void goes(String node) {
        assertThat(verdict(node)).isEqualTo(new Verdict.Go());
    }

    private void holds(String node, String why) {
        assertThat(verdict(node))
                .isInstanceOfSatisfying(
                        Verdict.Hold.class, hold -> assertThat(hold.reason()).contains(why));
    }

    private void isStopped(String node, String why) {
        assertThat(verdict(node))
                .isInstanceOfSatisfying(
                        Verdict.Stopped.class,
                        stopped -> assertThat(stopped.reason()).contains(why));
    }

    @Test
    void theFirstWaveGoesAtOnceAndTheOthersWait() {
        goes("east/canary");
        holds(
                "east/a",
                "waiting for wave 1 of 3: 0 of 1 are healthy for 600 s, and 1 have to be; east/canary has not been"
                        + " heard of");
        holds("west/z", "waiting for wave 1 of 3");
        holds("west/stranger", "waiting for wave 1 of 3");
    }

    @Test
    void aWaveGoesWhenTheOneBeforeIsHealthyForItsSoakByItsOwnClock() {
        says(healthy("east/canary", 7, START, START.plus(SOAK).minusMillis(1)));
        holds("east/a", "healthy since");
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        goes("east/a");
        holds("west/z", "waiting for wave 2 of 3: 0 of 4 are healthy for 600 s, and 3 have to be");
        Duration yearsAhead = Duration.ofDays(700);
        says(healthy(
                "east/canary", 7, START.plus(yearsAhead), START.plus(yearsAhead).plus(SOAK)));
        goes("east/a");
    }

    @Test
    void whatKeepsTheLastWaveFromBeingThroughIsSaidThoughNobodyWaitsForIt() {
        RolloutPlan plan = Plans.plan("east/canary", "west/y west/z");
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(verdict(plan, "west/z")).isEqualTo(new Verdict.Go());
        assertThat(judge(plan).untilThrough(Optional.empty()))
                .isInstanceOfSatisfying(
                        Verdict.Hold.class,
                        hold -> assertThat(hold.reason())
                                .contains(
                                        "waiting for wave 2 of 2: 0 of 2", "west/y has not been heard of, and 1 more"));
        says(healthy("west/y", 7, START, START.plus(SOAK)));
        says(healthy("west/z", 7, START, START.plus(SOAK)));
        assertThat(judge(plan).untilThrough(Optional.empty())).isEqualTo(new Verdict.Go());
        var aborted = Optional.of(new Halt(Halt.Kind.ABORTED, "by somebody"));
        assertThat(judge(plan).untilThrough(aborted)).isInstanceOf(Verdict.Stopped.class);
    }

    @Test
    void aMirrorThatWasStartedAgainSoaksAnew() {
        NodeReport report = healthy("east/canary", 7, START, START.plus(SOAK));
        standings.put(member("east/canary"), Standing.of(withMirror(report, START.plusSeconds(1), true, 7), 7));
        holds("east/a", "waiting for wave 1");
    }

    @Test
    void onlyAProvedMirrorOfThisReleaseThatIsReadyIsHealthy() {
        NodeReport report = healthy("east/canary", 7, START, START.plus(SOAK));
        for (NodeReport other : List.of(
                withMirror(report, START, false, 7),
                withMirror(report, START, true, 6),
                healthy("east/canary", 6, START, START.plus(SOAK)),
                healthy("east/canary", 8, START, START.plus(SOAK)),
                report(
                        "east/canary",
                        START.plus(SOAK),
                        new NodeReport.Release(7, NodeReport.State.ACTIVATED, START),
                        Optional.empty()),
                report(
                        "east/canary",
                        START.plus(SOAK),
                        new NodeReport.Release(7, NodeReport.State.COMMITTED, START),
                        Optional.of("it hurts")))) {
            says(other);
            holds("east/a", "waiting for wave 1");
        }
    }

    private static NodeReport withMirror(NodeReport report, Instant since, boolean ready, long release) {
        return new NodeReport(
                report.fleet(),
                report.region(),
                report.node(),
                report.written(),
                report.agent(),
                report.release(),
                Optional.of(new NodeReport.Mirror(2, ready, since, 0, release)),
                report.condition(),
                report.problem(),
                report.trust(),
                report.refused(),
                report.waiting());
    }

    @Test
    void aFailureOfTheCanaryStopsEveryOther() {
        says(reverted("east/canary", 7, START));
        isStopped("east/a", "1 of 1 in wave 1 of 3 failed it: east/canary failed: release 7 reverted");
        isStopped("west/z", "failed it");
    }

    @Test
    void aNodeThatRefusedTheReleaseBeforeItWasInUseHasFailed() {
        NodeReport old = healthy("east/canary", 6, START, START);
        standings.put(
                member("east/canary"),
                Standing.of(
                        new NodeReport(
                                old.fleet(),
                                old.region(),
                                old.node(),
                                old.written(),
                                old.agent(),
                                old.release(),
                                old.mirror(),
                                NodeReport.Condition.DEGRADED,
                                Optional.of("release 7 refused: flotilla.mirror.listen.port: is missing\n\u001b[31m"),
                                old.trust(),
                                Optional.of(7L),
                                Optional.empty()),
                        7));
        isStopped("east/a", "failed: release 7 refused: flotilla.mirror.listen.port: is missing  [31m");
    }

    @Test
    void oneBrokenNodeOfSeveralStopsNothingAndTwoDo() {
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        now = START.plus(SOAK.multipliedBy(2));
        says(reverted("east/a", 7, now));
        for (String node : List.of("east/b", "west/c", "west/d")) {
            goes(node);
            says(healthy(node, 7, now, now.plus(SOAK)));
        }
        goes("west/z");
        says(reverted("east/b", 7, now));
        isStopped("west/z", "2 of 4 in wave 2 of 3 failed it");
        isStopped("west/c", "2 of 4 in wave 2 of 3 failed it");
    }

    @Test
    void aWaveThatIsNotThroughInTimeStopsTheRolloutUntilItIs() {
        now = START.plus(SILENCE).plus(SOAK);
        holds("east/a", "waiting for wave 1");
        now = now.plusSeconds(1);
        isStopped("east/a", "wave 1 of 3 was not through by 2026-06-01T09:10:00Z");
        says(healthy("east/canary", 7, now.minus(SOAK), now));
        goes("east/a");
    }

    @Test
    void aNodeThatHearsOfAReleaseLateGivesTheOthersTheSameTime() {
        now = START.plus(Duration.ofDays(3));
        seen = now;
        holds("east/a", "waiting for wave 1");
        says(healthy("east/canary", 7, START, now));
        goes("east/a");
    }

    @Test
    void whoHasNotBeenHeardOfForTheSilenceIsNotHealthyAnyMore() {
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        now = START.plus(SOAK).plus(SILENCE);
        seen = now;
        goes("east/a");
        now = now.plusSeconds(1);
        holds("east/a", "east/canary has not been heard of since 2026-06-01T08:10:00Z");
    }

    @Test
    void aFailureIsNotForgottenInSilence() {
        says(reverted("east/canary", 7, START));
        now = START.plus(Duration.ofDays(30));
        isStopped("east/a", "failed it");
    }

    @Test
    void aNodeThatWasNotHealthyBeforeIsNeitherWaitedForNorHeard() {
        var wave = new RolloutPlan.Wave(SOAK, List.of(member("east/canary")), List.of(member("east/sick")));
        var plan = new RolloutPlan(
                START,
                SILENCE,
                25,
                true,
                false,
                AllowedHours.ALWAYS,
                List.of(wave, new RolloutPlan.Wave(SOAK, List.of(member("west/z")), List.of())));
        assertThat(verdict(plan, "east/sick")).isEqualTo(new Verdict.Go());
        says(reverted("east/sick", 7, START));
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(verdict(plan, "west/z")).isEqualTo(new Verdict.Go());
    }

    @Test
    void withoutReportsWavesGoByTimeAlone() {
        var plan = new RolloutPlan(START, SILENCE, 25, false, false, AllowedHours.ALWAYS, PLAN.waves());
        says(reverted("east/canary", 7, START));
        now = START.plus(SOAK).minusSeconds(1);
        assertThat(verdict(plan, "east/canary")).isEqualTo(new Verdict.Go());
        assertThat(verdict(plan, "east/a"))
                .isEqualTo(
                        new Verdict.Hold("waiting for wave 1 of 3, which goes by time", Optional.of(START.plus(SOAK))));
        now = START.plus(SOAK);
        assertThat(verdict(plan, "east/a")).isEqualTo(new Verdict.Go());
        assertThat(verdict(plan, "west/z")).isInstanceOf(Verdict.Hold.class);
        now = START.plus(SOAK.multipliedBy(2));
        assertThat(verdict(plan, "west/z")).isEqualTo(new Verdict.Go());
        assertThat(verdict(plan, "west/stranger")).isInstanceOf(Verdict.Hold.class);
    }

    @Test
    void nobodyBeginsOutsideOfTheHoursAndTheTimeOutWaits() {
        var office = new AllowedHours(List.of(AllowedHours.Window.parse("mon-fri 08:00-09:00")));
        var plan = new RolloutPlan(START, SILENCE, 25, true, false, office, PLAN.waves());
        assertThat(verdict(plan, "east/canary")).isEqualTo(new Verdict.Go());
        Instant tomorrow = START.plus(Duration.ofDays(1));
        now = START.plus(SILENCE);
        assertThat(verdict(plan, "east/canary"))
                .isEqualTo(new Verdict.Hold(
                        "outside of the hours in which nodes may begin with a release", Optional.of(tomorrow)));
        says(healthy(
                "east/canary",
                7,
                START.plusSeconds(3500),
                START.plusSeconds(3500).plus(SOAK)));
        now = START.plusSeconds(3500).plus(SOAK);
        assertThat(verdict(plan, "east/a")).isInstanceOf(Verdict.Hold.class);
        now = tomorrow;
        says(healthy("east/canary", 7, START.plusSeconds(3500), now));
        assertThat(verdict(plan, "east/a")).isEqualTo(new Verdict.Go());
        assertThat(judge(plan).waves().get(1).begins()).isEqualTo(tomorrow);
        assertThat(judge(plan).waves().get(1).deadline())
                .contains(tomorrow.plus(SILENCE).plus(SOAK));
    }

    @Test
    void nobodyGoesBeforeTheStart() {
        now = START.minusSeconds(1);
        assertThat(verdict("east/canary"))
                .isEqualTo(new Verdict.Hold("the rollout starts at 2026-06-01T08:00:00Z", Optional.of(START)));
    }

    @Test
    void aNodeWithoutAnyReleaseWaitsForNothingButABetterReleaseThanABadOne() {
        now = START.minusSeconds(1);
        var paused = Optional.of(new Halt(Halt.Kind.PAUSED, "ann: lunch"));
        assertThat(judge(PLAN).verdict(member("west/z"), true, paused)).isEqualTo(new Verdict.Go());
        var aborted = Optional.of(new Halt(Halt.Kind.ABORTED, "ann: wrong index"));
        assertThat(judge(PLAN).verdict(member("west/z"), true, aborted)).isInstanceOf(Verdict.Stopped.class);
        says(reverted("east/canary", 7, START));
        assertThat(judge(PLAN).verdict(member("west/z"), true, Optional.empty()))
                .isInstanceOf(Verdict.Stopped.class);
    }

    @Test
    void anOperatorsWishGoesOverHealth() {
        says(healthy("east/canary", 7, START, START.plus(SOAK)));
        assertThat(judge(PLAN).verdict(member("east/a"), false, Optional.of(new Halt(Halt.Kind.PAUSED, "ann: lunch"))))
                .isEqualTo(new Verdict.Hold("the rollout is paused: ann: lunch", Optional.empty()));
        assertThat(judge(PLAN)
                        .verdict(member("east/canary"), false, Optional.of(new Halt(Halt.Kind.ABORTED, "ann: no"))))
                .isEqualTo(new Verdict.Stopped("the rollout is aborted: ann: no"));
    }

    @Test
    void theClocksOfOthersMoveAWavesBeginNeitherBeforeTheOneBeforeNorIntoTheFuture() {
        now = START.plus(Duration.ofHours(2));
        Duration years = Duration.ofDays(700);
        says(healthy("east/canary", 7, START.plus(years), START.plus(years).plus(SOAK)));
        assertThat(judge(PLAN).waves().get(1).begins()).isEqualTo(now);
        says(healthy("east/canary", 7, START.minus(years), START.plus(SOAK.multipliedBy(7))));
        assertThat(judge(PLAN).waves().get(1).begins()).isEqualTo(START);
    }
}
