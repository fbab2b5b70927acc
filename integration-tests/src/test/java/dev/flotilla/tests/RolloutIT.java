package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.report.NodeReport.State;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Twelve agents and one bucket: releases go through the waves, or stop, while no controller runs. */
class RolloutIT {
    private static final int NODES = 12;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    static Path folder;

    private static ManyAgents fleet;
    private static long release = 1;
    private static Optional<RolloutPlan> last = Optional.empty();

    @BeforeAll
    static void comeUp() throws Exception {
        fleet = ManyAgents.start(folder, NODES, System.getProperty("flotilla.test.poll-interval", "500ms"));
        awaitAll(member -> is(member, State.COMMITTED, 1));
    }

    @AfterAll
    static void end() {
        fleet.close();
    }

    private static boolean is(Member member, State state, long version) {
        return fleet.report(member)
                .filter(report ->
                        report.mirror().filter(NodeReport.Mirror::ready).isPresent())
                .flatMap(NodeReport::release)
                .filter(has -> has.version() == version && has.state() == state)
                .isPresent();
    }

    private static void awaitAll(Predicate<Member> condition) {
        awaitAll(fleet.members(), condition);
    }

    private static void awaitAll(List<Member> members, Predicate<Member> condition) {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> members.stream().allMatch(condition));
        } catch (RuntimeException late) {
            Member one = members.stream().filter(condition.negate()).findFirst().orElse(members.getFirst());
            throw new AssertionError(one + " says " + fleet.report(one) + "\n" + fleet.log(one), late);
        }
    }

    private static RolloutPlan publish(String name, Function<Member, String> mode) throws Exception {
        // What a plan counts is what nodes have said: all have to be well by then.
        awaitAll(member -> is(member, State.COMMITTED, release)
                && fleet.report(member).orElseThrow().condition() == NodeReport.Condition.HEALTHY);
        fleet.publish(name, mode);
        release++;
        assertThat(Processes.naming(folder.resolve("acme/fleet.conf").toString()))
                .as("no controller runs")
                .isEmpty();
        Matcher target = Pattern.compile("\"rollout.json\".*?\"sha256\"\\s*:\\s*\"([0-9a-f]{64})\"", Pattern.DOTALL)
                .matcher(new String(fleet.object("metadata/" + release + ".targets.json"), StandardCharsets.UTF_8));
        assertThat(target.find()).isTrue();
        RolloutPlan plan = RolloutPlan.parse(fleet.object("targets/" + target.group(1) + ".rollout.json"));
        assertThat(plan.waves()).hasSize(3).allMatch(wave -> wave.others().isEmpty());
        assertThat(plan.waves().getFirst().counted()).hasSize(1);
        last = Optional.of(plan);
        return plan;
    }

    private static Instant since(Member member) {
        return fleet.report(member).flatMap(NodeReport::release).orElseThrow().since();
    }

    /** All nodes are on this machine, so that their clocks are one. */
    private static void cameInOrder(RolloutPlan plan, Predicate<Member> good) {
        for (int number = 1; number < plan.waves().size(); number++) {
            Wave before = plan.waves().get(number - 1);
            Instant proved = before.counted().stream()
                    .filter(good)
                    .map(RolloutIT::since)
                    .sorted()
                    .skip(plan.needed(before.counted().size()) - 1L)
                    .findFirst()
                    .orElseThrow()
                    .plus(before.soak());
            assertThat(plan.waves().get(number).counted().stream().filter(good).map(RolloutIT::since))
                    .as("wave %s", number + 1)
                    .allMatch(since -> since.isAfter(proved));
        }
    }

    @Test
    void aGoodReleaseGoesThroughAllWavesInOrder() throws Exception {
        RolloutPlan plan = publish("good-" + release, member -> "good");
        awaitAll(member -> is(member, State.COMMITTED, release));
        cameInOrder(plan, member -> true);
        Instant last = fleet.members().stream()
                .map(RolloutIT::since)
                .max(Instant::compareTo)
                .orElseThrow();
        System.out.printf(
                "%d nodes in %d waves committed within %s of publication; the canary within %s%n",
                NODES,
                plan.waves().size(),
                Duration.between(plan.start(), last),
                Duration.between(
                        plan.start(), since(plan.waves().getFirst().counted().getFirst())));
    }

    @Test
    void aReleaseThatFailsOnTheCanaryStopsThereAndTheOthersNeverSeeIt() throws Exception {
        RolloutPlan plan = publish("bad-" + release, member -> "dies");
        Member canary = plan.waves().getFirst().counted().getFirst();
        List<Member> others = fleet.members().stream()
                .filter(member -> !member.equals(canary))
                .toList();
        awaitAll(List.of(canary), member -> is(member, State.REVERTED, release));
        awaitAll(
                others,
                member -> fleet.report(member)
                        .flatMap(NodeReport::waiting)
                        .filter(waiting -> waiting.release() == release
                                && waiting.stopped()
                                && waiting.reason().contains(canary.toString()))
                        .isPresent());
        assertThat(others)
                .allMatch(member -> is(member, State.COMMITTED, release - 1))
                .allMatch(member -> fleet.report(member).orElseThrow().condition() == NodeReport.Condition.HEALTHY)
                .noneMatch(member -> fleet.hasFilesOf(member, release));
        fleet.publish("fixed-" + release, member -> "good");
        release++;
        awaitAll(member -> is(member, State.COMMITTED, release));
    }

    @Test
    void oneBrokenNodeAloneStopsNobody() throws Exception {
        if (last.isEmpty()) {
            publish("before-" + release, member -> "good");
            awaitAll(member -> is(member, State.COMMITTED, release));
        }
        // The same node stands in the same place in every release.
        Member broken = last.orElseThrow().waves().get(1).counted().getFirst();
        RolloutPlan plan = publish("broken-" + release, member -> member.equals(broken) ? "dies" : "good");
        assertThat(plan.place(broken)).as("the same place in every release").isEqualTo(1);
        awaitAll(List.of(broken), member -> is(member, State.REVERTED, release));
        awaitAll(
                fleet.members().stream()
                        .filter(member -> !member.equals(broken))
                        .toList(),
                member -> is(member, State.COMMITTED, release));
        cameInOrder(plan, member -> !member.equals(broken));
        fleet.publish("mended-" + release, member -> "good");
        release++;
        awaitAll(member -> is(member, State.COMMITTED, release));
    }
}
