package dev.flotilla.controller.drill;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A drill as a picture: a row for each vantage point, time from left to right (SVG 1.1, to stand in an HTML page). Pure. */
final class TimelinePicture {
    private static final int LEFT = 350;
    private static final int WIDTH = 1_150;
    private static final int TOP = 44;
    private static final int ROW = 24;
    private static final int BAR = 12;
    private static final int MARK = 4;
    private static final int FOOT = 30;
    private static final List<Integer> STEPS_SECONDS = List.of(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800);
    private static final int MOST_TICKS = 12;
    private static final int LONGEST_NAME = 54;

    private final DrillReport report;
    private final double millisWide;
    private final StringBuilder svg = new StringBuilder();

    private TimelinePicture(DrillReport report) {
        this.report = report;
        this.millisWide = Math.max(1, report.times().end().toMillis());
    }

    static String of(DrillReport report) {
        return new TimelinePicture(report).draw();
    }

    private String draw() {
        List<Measured> rows = report.measured();
        int height = TOP + rows.size() * ROW + FOOT;
        svg.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Timeline of the drill\">%n"
                .formatted(WIDTH, height));
        axis(height);
        for (int i = 0; i < rows.size(); i++) {
            row(rows.get(i), TOP + i * ROW);
        }
        Measured.Times times = report.times();
        event(times.out(), "out", "event", height, 14);
        event(times.out().plus(report.summary().objective()), "objective", "objective", height, 30);
        event(times.restored(), "brought back", "event", height, 14);
        return svg.append("</svg>\n").toString();
    }

    private void axis(int height) {
        int seconds = STEPS_SECONDS.getLast();
        for (int step : STEPS_SECONDS) {
            if (millisWide / 1_000 / step <= MOST_TICKS) {
                seconds = step;
                break;
            }
        }
        // Zero is when the region was out: that is where all measures count from.
        long zero = report.times().out().toMillis();
        long first = -(zero / (seconds * 1_000L)) * seconds;
        for (long tick = first; zero + tick * 1_000 <= millisWide; tick += seconds) {
            double x = x(zero + tick * 1_000);
            svg.append("<line class=\"rule\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>"
                    .formatted(number(x), number(x), TOP - 6, height - FOOT + 4));
            svg.append("<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%d s</text>%n"
                    .formatted(number(x), height - FOOT + 20, tick));
        }
    }

    private void row(Measured one, int top) {
        svg.append("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n"
                .formatted(
                        LEFT - 12,
                        top + BAR - 1,
                        DrillPage.escaped(shortened(one.point().name()))));
        for (Span span : report.spans(one.point())) {
            double from = x(span.from().toMillis());
            double wide = Math.max(1.5, x(span.to().toMillis()) - from);
            String title = DrillPage.escaped(described(span));
            svg.append("<rect class=\"%s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s</title></rect>"
                    .formatted(
                            span.seen().name().toLowerCase(Locale.ROOT), number(from), top, number(wide), BAR, title));
            if (span.tries() != Sample.Tries.FIRST) {
                String mark = span.tries() == Sample.Tries.FAILED ? "failed-mark" : "retried-mark";
                svg.append("<rect class=\"%s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s</title></rect>"
                        .formatted(mark, number(from), top + BAR, number(wide), MARK, title));
            }
        }
        svg.append('\n');
    }

    private static String described(Span span) {
        return DrillText.seconds(span.from()) + " to " + DrillText.seconds(span.to()) + ": " + span.requests()
                + (span.requests() == 1 ? " request" : " requests")
                + switch (span.seen()) {
                    case REGION -> ", led to the region";
                    case ELSEWHERE -> ", led elsewhere";
                    case UNKNOWN -> "";
                }
                + switch (span.tries()) {
                    case FIRST -> "";
                    case RETRIED -> ", well after retries";
                    case FAILED -> ", failed";
                }
                + (span.why().isEmpty() ? "" : ": " + span.why());
    }

    private void event(Duration at, String what, String kind, int height, int textTop) {
        if (at.toMillis() > millisWide) {
            return;
        }
        String x = number(x(at.toMillis()));
        svg.append("<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>"
                .formatted(kind, x, x, textTop + 4, height - FOOT + 4));
        svg.append("<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>%n".formatted(x, textTop, what));
    }

    private double x(long millis) {
        return LEFT + Math.clamp(millis / millisWide, 0, 1) * (WIDTH - LEFT - 20);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
    }
}
