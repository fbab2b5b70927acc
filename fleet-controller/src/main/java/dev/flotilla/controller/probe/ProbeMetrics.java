package dev.flotilla.controller.probe;

import dev.flotilla.controller.probe.ProbeResult.Kind;
import dev.flotilla.controller.probe.ProbeResult.State;
import dev.flotilla.controller.probe.ProbeResult.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The last look at each target and how many there were, as Prometheus reads it (text exposition format 0.0.4). Its size depends on the number of
 * targets alone. Thread-safe.
 */
public final class ProbeMetrics {
    private final Map<String, Looked> records = new LinkedHashMap<>();

    private record Looked(ProbeResult last, long looks, long failed) {}

    public synchronized void record(ProbeResult result) {
        Looked before = records.get(result.target().label());
        records.put(
                result.target().label(),
                new Looked(
                        result,
                        1 + (before == null ? 0 : before.looks()),
                        (result.isGood() ? 0 : 1) + (before == null ? 0 : before.failed())));
    }

    /** All of it. */
    public synchronized String text() {
        var text = new StringBuilder();
        head(text, "good", "Whether the last look found all that pip needs.", "gauge");
        each(text, "good", record -> record.last().isGood() ? "1" : "0");
        head(text, "looks_total", "Looks since this program began.", "counter");
        each(text, "looks_total", record -> Long.toString(record.looks()));
        head(text, "failed_looks_total", "Those that did not find all that pip needs.", "counter");
        each(text, "failed_looks_total", record -> Long.toString(record.failed()));
        head(text, "last_look_time_seconds", "When the last look began.", "gauge");
        each(
                text,
                "last_look_time_seconds",
                record -> seconds(record.last().begun().toEpochMilli() * 1_000));
        head(
                text,
                "step_good",
                "Whether a step of the last look went well; what need not be there counts as well.",
                "gauge");
        eachStep(text, "step_good", step -> step.state() == State.OK || step.state() == State.NONE ? "1" : "0");
        head(text, "step_duration_seconds", "How long a step of the last look took.", "gauge");
        eachStep(text, "step_duration_seconds", step -> seconds(step.took().toNanos() / 1_000));
        return text.toString();
    }

    private static void head(StringBuilder text, String name, String help, String type) {
        text.append("# HELP flotilla_probe_")
                .append(name)
                .append(' ')
                .append(help)
                .append('\n');
        text.append("# TYPE flotilla_probe_")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    private void each(StringBuilder text, String name, Function<Looked, String> value) {
        records.forEach((label, record) -> line(text, name, "target=\"" + escaped(label) + "\"", value.apply(record)));
    }

    private void eachStep(StringBuilder text, String name, Function<Step, String> value) {
        records.forEach((label, record) -> {
            List<Step> steps = new ArrayList<>(record.last().steps());
            for (Step step : steps) {
                Kind kind = step.kind();
                line(text, name, "target=\"" + escaped(label) + "\",step=\"" + kind + "\"", value.apply(step));
            }
        });
    }

    private static void line(StringBuilder text, String name, String labels, String value) {
        text.append("flotilla_probe_")
                .append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n');
    }

    private static String seconds(long microseconds) {
        return String.format(Locale.ROOT, "%d.%06d", microseconds / 1_000_000, microseconds % 1_000_000);
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
