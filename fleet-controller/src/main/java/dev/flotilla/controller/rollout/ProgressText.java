package dev.flotilla.controller.rollout;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.rollout.Halt;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutJudge;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.agent.rollout.RolloutPlan.Wave;
import dev.flotilla.agent.rollout.Verdict;
import dev.flotilla.agent.rollout.WaveProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How far a rollout has come, for people and for scripts, judged as its nodes judge it. Pure. */
public final class ProgressText {
    private final RolloutPlan plan;
    private final RolloutJudge judge;
    private final Optional<Halt> halt;

    public ProgressText(RolloutPlan plan, RolloutJudge judge, Optional<Halt> halt) {
        this.plan = plan;
        this.judge = judge;
        this.halt = halt;
    }

    /** Whom or what the release waits for; absent where it is through. */
    private Optional<Verdict> holding() {
        return Optional.of(judge.untilThrough(halt)).filter(verdict -> !(verdict instanceof Verdict.Go));
    }

    /** Whether nodes hold the release back for good as far as can be seen. */
    public boolean isStopped() {
        return holding().filter(Verdict.Stopped.class::isInstance).isPresent();
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (WaveProgress wave : judge.waves()) {
            Wave nodes = plan.waves().get(wave.wave());
            lines.add("wave " + (wave.wave() + 1) + " of " + plan.waves().size() + ": " + state(wave) + "; "
                    + wave.healthy() + " of " + wave.counted() + " healthy for "
                    + nodes.soak().toSeconds() + " s, "
                    + wave.needed() + " needed");
            nodes.counted()
                    .forEach(node ->
                            lines.add("  " + node + "  " + judge.standing(node).text()));
            nodes.others()
                    .forEach(
                            node -> lines.add("  " + node + "  not waited for: it was not known to be healthy before"));
        }
        holding().map(ProgressText::text).filter(text -> !text.isEmpty()).ifPresent(lines::add);
        return lines;
    }

    private static String text(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Go ignored -> "";
            case Verdict.Hold hold -> "Nodes wait: " + hold.reason();
            case Verdict.Stopped stopped -> "Stopped: " + stopped.reason();
        };
    }

    private static String state(WaveProgress wave) {
        return wave.passed() ? "through" : wave.open() ? "under way" : "to come";
    }

    public JsonObject json(long release) {
        List<Json> waves = new ArrayList<>();
        for (WaveProgress wave : judge.waves()) {
            Wave nodes = plan.waves().get(wave.wave());
            waves.add(JsonObject.EMPTY
                    .with("state", state(wave))
                    .with("begins", wave.begins())
                    .with("deadline", wave.deadline(), time -> new Json.Text(time.toString()))
                    .with("soakSeconds", nodes.soak().toSeconds())
                    .with("counted", wave.counted())
                    .with("needed", wave.needed())
                    .with("healthy", wave.healthy())
                    .with("failed", wave.failed())
                    .with(
                            "nodes",
                            new Json.Sequence(nodes.members().stream()
                                    .<Json>map(node -> node(node, nodes))
                                    .toList())));
        }
        return JsonObject.EMPTY
                .with("release", release)
                .with("emergency", plan.emergency())
                .with("stopped", isStopped())
                .with("halt", halt, wish -> new Json.Text(wish.kind().name().toLowerCase(Locale.ROOT)))
                .with("holding", holding().map(ProgressText::text), Json.Text::new)
                .with("waves", new Json.Sequence(waves));
    }

    private JsonObject node(Member node, Wave wave) {
        return JsonObject.EMPTY
                .with("node", node.toString())
                .with("counted", wave.counted().contains(node))
                .with("state", judge.standing(node).text());
    }
}
