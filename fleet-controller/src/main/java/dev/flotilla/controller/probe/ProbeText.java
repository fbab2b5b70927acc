package dev.flotilla.controller.probe;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.probe.ProbeResult.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a look has shown, for people and for programs. Pure. */
public final class ProbeText {
    private ProbeText() {}

    /** A line for the target, and one for each step. */
    public static List<String> lines(ProbeResult result) {
        List<String> lines = new ArrayList<>();
        lines.add(result.target().label() + "  " + result.target().index()
                + (result.isGood() ? "" : "  does not serve as pip needs it"));
        for (Step step : result.steps()) {
            lines.add("  %-4s  %-8s  %7.1f ms  %s"
                    .formatted(word(step), step.kind(), step.took().toNanos() / 1e6, step.text()));
        }
        return lines;
    }

    private static String word(Step step) {
        return switch (step.state()) {
            case OK -> "ok";
            case NONE -> "none";
            case FAILED -> "fail";
            case SKIPPED -> "skip";
        };
    }

    /** One look as an object; times in microseconds. */
    public static JsonObject json(ProbeResult result) {
        return JsonObject.EMPTY
                .with("target", result.target().label())
                .with("index", result.target().index().toString())
                .with("begun", result.begun())
                .with("good", result.isGood())
                .with(
                        "steps",
                        new Json.Sequence(result.steps().stream()
                                .<Json>map(step -> JsonObject.EMPTY
                                        .with("step", step.kind().toString())
                                        .with("state", step.state().name().toLowerCase(Locale.ROOT))
                                        .with("microseconds", step.took().toNanos() / 1_000)
                                        .with("text", step.text()))
                                .toList()));
    }
}
