package dev.flotilla.controller.simulate;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.simulate.Simulation.Outcome;
import dev.flotilla.controller.simulate.Simulation.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A simulation's outcome for people and for programs. */
public final class SimulationText {
    /** What a plan says of findings of a kind, and a person reads; the rest is for {@code --json}. */
    private static final int MOST_SHOWN = 8;

    private static final int PERCENT = 100;

    private SimulationText() {}

    /** Such as {@code a dead region is left within 30 s x 3 + 60 s = 150 s}. */
    public static String arithmetic(DnsSettings dns) {
        return "a dead region is left within " + dns.checkInterval().toSeconds() + " s x " + dns.checkThreshold()
                + " + "
                + dns.ttl().toSeconds() + " s = " + dns.longestOutage().toSeconds()
                + " s: checks at their interval, so many in a row, and as long as clients keep an answer";
    }

    /** A short paragraph: what is wrong, or that nothing is. */
    public static List<String> summary(DnsSettings dns, Outcome outcome) {
        List<String> lines = new ArrayList<>();
        lines.add(arithmetic(dns));
        List<Finding> problems =
                outcome.findings().stream().filter(Finding::isProblem).toList();
        shown(problems, lines);
        if (problems.isEmpty()) {
            lines.add("whatever is down, clients are led to what serves: " + outcome.coverage());
        }
        return lines;
    }

    /** All of it. */
    public static List<String> lines(DnsSettings dns, Outcome outcome) {
        List<String> lines = new ArrayList<>(summary(dns, outcome));
        shown(
                outcome.findings().stream()
                        .filter(finding -> !finding.isProblem())
                        .toList(),
                lines);
        lines.add("");
        for (Row row : outcome.rows()) {
            lines.add(row.name() + " " + row.type()
                    + row.from().map(region -> ", asked near " + region).orElse("") + ": " + shares(row.regions()));
            row.without().forEach((region, answers) -> {
                if (!answers.equals(row.regions())) {
                    lines.add("  without " + region + ": " + shares(answers));
                }
            });
        }
        lines.add("");
        lines.add("Looked at: " + outcome.coverage() + " (" + outcome.outages() + " cases).");
        return lines;
    }

    private static void shown(List<Finding> findings, List<String> lines) {
        findings.stream()
                .limit(MOST_SHOWN)
                .forEach(finding -> lines.add((finding.isProblem() ? "! " : "") + finding.text()));
        if (findings.size() > MOST_SHOWN) {
            lines.add((findings.size() - MOST_SHOWN) + " more of the kind: flotilla simulate --json");
        }
    }

    private static String shares(Map<String, Double> regions) {
        return regions.isEmpty()
                ? "nothing"
                : regions.entrySet().stream()
                        .map(share -> share.getKey()
                                + (regions.size() == 1 ? "" : " " + Math.round(share.getValue() * PERCENT) + " %"))
                        .collect(Collectors.joining(", "));
    }

    /** One object. */
    public static JsonObject json(DnsSettings dns, Outcome outcome) {
        return JsonObject.EMPTY
                .with("longestOutageSeconds", dns.longestOutage().toSeconds())
                .with("coverage", outcome.coverage())
                .with("cases", outcome.outages())
                .with("problems", outcome.hasProblems())
                .with(
                        "findings",
                        new Json.Sequence(outcome.findings().stream()
                                .<Json>map(finding -> JsonObject.EMPTY
                                        .with("kind", finding.kind())
                                        .with("problem", finding.isProblem())
                                        .with("text", finding.text()))
                                .toList()))
                .with(
                        "answers",
                        new Json.Sequence(outcome.rows().stream()
                                .map(SimulationText::json)
                                .toList()));
    }

    private static Json json(Row row) {
        var without = new LinkedHashMap<String, Json>();
        row.without().forEach((region, answers) -> without.put(region, percents(answers)));
        return JsonObject.EMPTY
                .with("name", row.name())
                .with("type", row.type())
                .with("from", row.from(), Json.Text::new)
                .with("percent", percents(row.regions()))
                .with("without", new JsonObject(without));
    }

    private static JsonObject percents(Map<String, Double> regions) {
        var percents = new LinkedHashMap<String, Json>();
        JsonObject object = new JsonObject(percents);
        for (Map.Entry<String, Double> share : regions.entrySet()) {
            object = object.with(share.getKey(), Math.round(share.getValue() * PERCENT));
        }
        return object;
    }
}
