package dev.flotilla.controller.rollout;

import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutJudge;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A plan for people: which node goes when, and what it depends on. Pure. */
public final class PlanText {
    /** How long a new agent has to prove itself, where a node's settings ({@code self-update.trial}) say nothing else. */
    private static final Duration TRIAL = Duration.ofMinutes(10);

    private PlanText() {}

    /** The lines; the times are the earliest ones, where all goes well. */
    public static List<String> lines(RolloutPlan plan, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add((plan.emergency() ? "emergency rollout" : "rollout") + " in "
                + (plan.waves().size() == 1 ? "one wave" : plan.waves().size() + " waves"));
        var judge = new RolloutJudge(plan, Map.of(), plan.start(), now);
        for (int number = 0; number < plan.waves().size(); number++) {
            Wave wave = plan.waves().get(number);
            lines.add((number + 1) + ". " + (number == 0 ? "from " : "not before ")
                    + judge.waves().get(number).begins() + ": " + names(wave.members()) + remark(plan, wave));
        }
        if (!plan.reports()) {
            lines.add("nodes don't report (rollout.reports = false): waves go by time alone, and nothing stops them but"
                    + " flotilla rollout pause");
        } else if (plan.waves().stream().allMatch(wave -> wave.counted().isEmpty())) {
            lines.add("no node that the release is for has reported lately that it serves: waves go by time alone"
                    + ", and nothing stops them but flotilla rollout pause. Where nodes have no credentials to report with,"
                    + " say so: rollout.reports = false");
        } else {
            lines.add(
                    "a wave goes when of the one before enough are healthy for their soak, as nodes see by themselves;"
                            + " failures of " + plan.failuresPercent()
                            + "% of a wave (two nodes at least, or the only one), or a"
                            + " wave that takes longer than " + text(plan.silence()) + ", stop it");
        }
        if (!plan.hours().windows().isEmpty()) {
            lines.add("nodes begin only in these hours (UTC): "
                    + plan.hours().windows().stream().map(Object::toString).collect(Collectors.joining(", ")));
        }
        List<Integer> hasty = IntStream.range(0, plan.waves().size() - 1)
                .filter(number -> plan.waves().get(number).soak().compareTo(TRIAL) < 0)
                .mapToObj(number -> number + 1)
                .toList();
        if (!hasty.isEmpty()) {
            lines.add("the soak of wave " + hasty.stream().map(String::valueOf).collect(Collectors.joining(", "))
                    + " is shorter than a new agent's trial (self-update.trial, " + text(TRIAL)
                    + " where a node says nothing else): a bad agent in this release could come to the next wave before"
                    + " it is taken back");
        }
        return lines;
    }

    private static String remark(RolloutPlan plan, Wave wave) {
        String soak = ", healthy for " + text(wave.soak());
        if (!plan.reports()) {
            return "";
        }
        if (wave.counted().isEmpty()) {
            return " (by time alone: not known to be healthy before)";
        }
        int needed = plan.needed(wave.counted().size());
        return soak
                + (wave.counted().size() == 1
                        ? ""
                        : ": " + needed + " of " + wave.counted().size())
                + (wave.others().isEmpty() ? "" : " (not waited for: " + names(wave.others()) + ")");
    }

    private static String names(List<Member> members) {
        return members.stream().map(Member::toString).collect(Collectors.joining(", "));
    }

    private static String text(Duration duration) {
        return duration.toMinutes() >= 2 && duration.toSecondsPart() == 0
                ? duration.toMinutes() + " min"
                : duration.toSeconds() + " s";
    }
}
