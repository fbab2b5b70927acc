package dev.flotilla.controller.doctor;

import dev.flotilla.agent.bucket.UsualCredentials;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.doctor.Finding.Area;
import dev.flotilla.controller.doctor.Finding.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** All that was found, in the order in which people read it. */
public record Diagnosis(List<Finding> findings) {
    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Where there are no credentials, that is told once, and what it hinders is named there. */
    static Diagnosis of(List<Finding> found) {
        List<Finding> hindered =
                found.stream().filter(Diagnosis::wantsCredentials).toList();
        if (hindered.isEmpty()) {
            return new Diagnosis(found);
        }
        String first = hindered.getFirst().text();
        List<Finding> told = new ArrayList<>(found);
        told.removeAll(hindered);
        told.add(
                0,
                Finding.fail(
                        Area.BUCKET,
                        "credentials",
                        first.substring(first.indexOf(UsualCredentials.NONE_FOUND))
                                + ". So nothing can be known of: "
                                + hindered.stream()
                                        .map(Finding::subject)
                                        .distinct()
                                        .collect(Collectors.joining(", "))));
        return new Diagnosis(told);
    }

    private static boolean wantsCredentials(Finding finding) {
        return finding.level() == Level.FAIL && finding.text().contains(UsualCredentials.NONE_FOUND);
    }

    private long count(Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    public boolean fails() {
        return count(Level.FAIL) > 0;
    }

    /** A line for each check, with what to do below it. What is right about one subject shares a line. */
    public List<String> text() {
        List<String> lines = new ArrayList<>();
        for (Area area : Area.values()) {
            Map<String, List<Finding>> subjects = findings.stream()
                    .filter(finding -> finding.area() == area)
                    .collect(Collectors.groupingBy(Finding::subject, LinkedHashMap::new, Collectors.toList()));
            if (subjects.isEmpty()) {
                continue;
            }
            lines.add(area.title() + ":");
            subjects.forEach((subject, found) -> {
                String right = found.stream()
                        .filter(finding -> finding.level() == Level.OK)
                        .map(Finding::text)
                        .collect(Collectors.joining("; "));
                if (!right.isEmpty()) {
                    lines.add("  ok    " + subject + ": " + right);
                }
                found.stream().filter(finding -> finding.level() != Level.OK).forEach(finding -> {
                    lines.add("  " + finding.level().word() + "  " + subject + ": " + finding.text());
                    finding.advice().ifPresent(advice -> lines.add("        " + advice));
                });
            });
        }
        lines.add(count(Level.OK) + " ok, " + count(Level.WARN) + " to look after, " + count(Level.FAIL) + " failed");
        return lines;
    }

    /** An object for each check. */
    public List<JsonObject> events() {
        return findings.stream().map(Finding::toJson).toList();
    }
}
