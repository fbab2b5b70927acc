package dev.flotilla.controller.drill;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Drills of one kind as a picture: the oldest on the left, seconds upwards; what never came stands at the top (SVG 1.1, to stand in an HTML page). Pure. */
final class TrendPicture {
    private static final int WIDTH = 1_150;
    private static final int HEIGHT = 260;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int TOP = 24;
    private static final int FOOT = 34;
    private static final int DOT = 4;
    private static final int MOST_TICKS = 6;

    /** All dates don't fit side by side. */
    private static final int MOST_DATES = 8;

    private static final int DATE_CHARACTERS = 10;
    private static final List<Integer> STEPS_SECONDS = List.of(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600);

    private final List<DrillSummary> drills;
    private final double mostMillis;
    private final StringBuilder svg = new StringBuilder();

    private TrendPicture(List<DrillSummary> drills) {
        this.drills = drills;
        this.mostMillis = drills.stream()
                .flatMap(drill ->
                        Stream.of(Optional.of(drill.objective()), drill.detected(), drill.moved(), drill.back()))
                .flatMap(Optional::stream)
                .mapToLong(Duration::toMillis)
                .max()
                .orElse(1_000);
    }

    /** {@code drills} are at least one, the newest last. */
    static String of(List<DrillSummary> drills) {
        return new TrendPicture(List.copyOf(drills)).draw();
    }

    private String draw() {
        svg.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Trend of %d drills\">%n"
                .formatted(WIDTH, HEIGHT, drills.size()));
        axis();
        objectives();
        series("back", DrillSummary::back, "to come back");
        series("detect", DrillSummary::detected, "to detect");
        series("move", DrillSummary::moved, "to move");
        return svg.append("</svg>\n").toString();
    }

    private void axis() {
        int step = STEPS_SECONDS.stream()
                .filter(seconds -> mostMillis / 1_000 / seconds <= MOST_TICKS)
                .findFirst()
                .orElse(STEPS_SECONDS.getLast());
        for (long tick = 0; tick * 1_000 <= mostMillis; tick += step) {
            String y = number(y(tick * 1_000));
            svg.append("<line class=\"rule\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                    .formatted(LEFT, WIDTH - RIGHT, y, y));
            svg.append("<text class=\"tick\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%d s</text>%n"
                    .formatted(LEFT - 8, number(y(tick * 1_000) + 4), tick));
        }
        int each = Math.ceilDiv(drills.size(), MOST_DATES);
        for (int i = drills.size() - 1; i >= 0; i -= each) {
            String date = drills.get(i).begun().toString().substring(0, DATE_CHARACTERS);
            svg.append("<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>%n"
                    .formatted(number(x(i)), HEIGHT - FOOT + 22, date));
        }
    }

    /** Each drill has its own. */
    private void objectives() {
        double half = (WIDTH - LEFT - RIGHT) / (2.0 * drills.size());
        for (int i = 0; i < drills.size(); i++) {
            String y = number(y(drills.get(i).objective().toMillis()));
            svg.append("<line class=\"objective\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>%n"
                    .formatted(number(x(i) - half), number(x(i) + half), y, y));
        }
    }

    private void series(String kind, Function<DrillSummary, Optional<Duration>> time, String what) {
        var points = new StringBuilder();
        var dots = new StringBuilder();
        for (int i = 0; i < drills.size(); i++) {
            DrillSummary drill = drills.get(i);
            Optional<Duration> measured = time.apply(drill);
            String x = number(x(i));
            String y = number(measured.map(known -> y(known.toMillis())).orElse((double) TOP - 2 * DOT));
            if (measured.isPresent()) {
                points.append(points.isEmpty() ? "" : " ").append(x).append(',').append(y);
            }
            dots.append("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%d\"><title>%s</title></circle>%n"
                    .formatted(
                            measured.isPresent() ? kind : "never",
                            x,
                            y,
                            DOT,
                            DrillPage.escaped(drill.id() + ": " + what + " " + DrillText.seconds(measured))));
        }
        svg.append("<polyline class=\"%s\" points=\"%s\"/>%n".formatted(kind, points))
                .append(dots);
    }

    private double x(int drill) {
        return LEFT + (drill + 0.5) * (WIDTH - LEFT - RIGHT) / drills.size();
    }

    private double y(long millis) {
        return TOP + (1 - millis / Math.max(1, mostMillis)) * (HEIGHT - TOP - FOOT);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
