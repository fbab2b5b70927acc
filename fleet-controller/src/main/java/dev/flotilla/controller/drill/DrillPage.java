package dev.flotilla.controller.drill;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A drill's report as one HTML page that needs nothing else: no script, no network. Pure. */
public final class DrillPage {
    private static final int TREND = 20;

    private DrillPage() {}

    /** The page. {@code earlier} are drills of the same fleet, the newest last. */
    public static String of(DrillReport report, List<DrillSummary> earlier) {
        DrillSummary summary = report.summary();
        var page = new StringBuilder();
        page.append("""
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                %s</style></head><body>
                """.formatted(escaped("Drill " + summary.id()), style()));
        page.append("<h1>Failover of %s: %s</h1>%n<p class=\"quiet\">%s, begun %s by %s</p>%n"
                .formatted(
                        escaped(summary.region().value()),
                        summary.mode(),
                        escaped(summary.mode().told()),
                        summary.begun(),
                        escaped(summary.actor())));
        page.append("<p class=\"verdict %s\">%s</p>%n"
                .formatted(
                        summary.isMet() ? "met" : "missed",
                        summary.isMet() ? "The objective is met." : "The objective is missed."));
        list(page, summary.reasons());
        figures(page, summary);
        page.append("<h2>Timeline</h2>\n").append(legend());
        page.append("<div class=\"wide\">").append(TimelinePicture.of(report)).append("</div>\n");
        measured(page, report);
        list(page, report.notes());
        trend(page, summary, earlier);
        return page.append("</body></html>\n").toString();
    }

    private static void figures(StringBuilder page, DrillSummary summary) {
        page.append("<div class=\"figures\">");
        figure(page, "time to detect", DrillText.seconds(summary.detected()));
        figure(page, "time to move", DrillText.seconds(summary.moved()));
        figure(page, "objective", DrillText.seconds(summary.objective()));
        figure(page, "time to come back", DrillText.seconds(summary.back()));
        figure(page, "longest gap", DrillText.seconds(summary.gap()));
        figure(page, "failed of " + summary.requests(), Long.toString(summary.failed()));
        figure(page, "well after retries", Long.toString(summary.retried()));
        page.append("</div>\n");
    }

    private static void figure(StringBuilder page, String name, String value) {
        page.append("<div><b>%s</b><span class=\"quiet\">%s</span></div>".formatted(escaped(value), escaped(name)));
    }

    private static String legend() {
        return "<ul class=\"legend\">" + entry("region", "led to the region") + entry("elsewhere", "led elsewhere")
                + entry("unknown", "doesn't tell, or no answer") + entry("retried-mark", "well after pip's own retries")
                + entry("failed-mark", "failed") + "</ul>\n";
    }

    private static String entry(String kind, String text) {
        return "<li><svg viewBox=\"0 0 16 12\"><rect class=\"" + kind + "\" width=\"16\" height=\"12\"/></svg>" + text
                + "</li>";
    }

    private static void measured(StringBuilder page, DrillReport report) {
        page.append("<h2>Vantage points</h2>\n<div class=\"wide\"><table><tr><th>from where</th><th>moved after</th>"
                + "<th>back after</th><th>longest gap</th><th>requests</th><th>retried</th><th>failed</th></tr>\n");
        for (Measured one : report.measured()) {
            page.append("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%d</td><td>%d</td><td>%d</td></tr>%n"
                    .formatted(
                            escaped(one.point().name()),
                            one.led() ? DrillText.seconds(one.moved()) : "-",
                            one.led() ? DrillText.seconds(one.back()) : "-",
                            DrillText.seconds(one.gap()),
                            one.requests(),
                            one.retried(),
                            one.failed()));
        }
        page.append(
                "</table></div>\n<p class=\"quiet\">Moved counts from when the region was out, back from when it was"
                        + " brought back; - stands where nobody was led to the region before.</p>\n");
    }

    private static void trend(StringBuilder page, DrillSummary now, List<DrillSummary> earlier) {
        List<DrillSummary> same = earlier.stream()
                .filter(other -> other.region().equals(now.region())
                        && other.mode() == now.mode()
                        && !other.id().equals(now.id()))
                .toList();
        page.append("<h2>Trend</h2>\n");
        if (same.isEmpty()) {
            page.append("<p class=\"quiet\">This is the first drill of its kind in this region.</p>\n");
            return;
        }
        List<DrillSummary> latest = Stream.concat(
                        same.subList(Math.max(0, same.size() - TREND), same.size()).stream(), Stream.of(now))
                .toList();
        page.append("<ul class=\"legend\">" + entry("move", "to move") + entry("detect", "to detect")
                + entry("back", "to come back") + entry("never", "never, at the top") + "</ul>\n");
        page.append("<div class=\"wide\">").append(TrendPicture.of(latest)).append("</div>\n");
        page.append("<div class=\"wide\"><table><tr><th>drill</th><th>objective</th><th>to detect</th><th>to move</th>"
                + "<th>to come back</th><th>longest gap</th><th>retried</th><th>failed</th></tr>\n");
        latest.reversed().forEach(other -> trendRow(page, other));
        page.append("</table></div>\n");
    }

    private static void trendRow(StringBuilder page, DrillSummary one) {
        page.append(
                "<tr><td>%s</td><td class=\"%s\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%d</td><td>%d</td></tr>%n"
                        .formatted(
                                one.begun(),
                                one.isMet() ? "met" : "missed",
                                one.isMet() ? "met" : "missed",
                                DrillText.seconds(one.detected()),
                                DrillText.seconds(one.moved()),
                                DrillText.seconds(one.back()),
                                DrillText.seconds(one.gap()),
                                one.retried(),
                                one.failed()));
    }

    private static void list(StringBuilder page, List<String> lines) {
        if (!lines.isEmpty()) {
            page.append("<ul>");
            lines.forEach(line -> page.append("<li>").append(escaped(line)).append("</li>"));
            page.append("</ul>\n");
        }
    }

    private static String style() {
        try (InputStream style = Objects.requireNonNull(DrillPage.class.getResourceAsStream("report.css"))) {
            return new String(style.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
