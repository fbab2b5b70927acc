package dev.flotilla.controller.drill;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a drill: times to the millisecond.
 *
 * @param detected from when the region was out until the first of the zone's servers led elsewhere; absent where none did
 * @param moved likewise until the last vantage point was led elsewhere; absent where one wasn't
 * @param back from when it was brought back until the last one was led to it again, likewise
 * @param gap the longest time in which no installer's request began that went well at once
 * @param requests of installers: pages, files, pip
 * @param reasons why the objective is missed; empty where it is met
 */
public record DrillSummary(
        String id,
        RegionName region,
        DrillMode mode,
        String actor,
        Instant begun,
        Duration objective,
        Optional<Duration> detected,
        Optional<Duration> moved,
        Optional<Duration> back,
        Duration gap,
        long requests,
        long retried,
        long failed,
        List<String> reasons) {
    /** Far more than the longest reasons take. */
    public static final ByteSize LARGEST = ByteSize.ofKiB(256);

    private static final int MOST_REASONS = 100;

    public DrillSummary {
        reasons = List.copyOf(reasons.subList(0, Math.min(MOST_REASONS, reasons.size())));
    }

    /** Whether the objective is met. */
    public boolean isMet() {
        return reasons.isEmpty();
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("id", id)
                .with("region", region.value())
                .with("mode", mode.toString())
                .with("actor", actor)
                .with("begun", begun)
                .with("objectiveMillis", objective.toMillis())
                .with("detectedMillis", detected, DrillSummary::millis)
                .with("movedMillis", moved, DrillSummary::millis)
                .with("backMillis", back, DrillSummary::millis)
                .with("gapMillis", gap.toMillis())
                .with("requests", requests)
                .with("retried", retried)
                .with("failed", failed)
                .with("met", isMet())
                .with(
                        "reasons",
                        new Json.Sequence(
                                reasons.stream().<Json>map(Json.Text::new).toList()));
    }

    static Json millis(Duration time) {
        return new Json.Whole(time.toMillis());
    }

    /** Reads one; {@link dev.flotilla.agent.json.MalformedJsonException} where it is none. */
    static DrillSummary parse(byte[] document) {
        JsonObject written = new JsonReader(LARGEST).object(document);
        return new DrillSummary(
                written.text("id"),
                written.parsed("region", RegionName::new),
                written.parsed("mode", DrillMode::parse),
                written.text("actor"),
                written.instant("begun"),
                Duration.ofMillis(written.whole("objectiveMillis")),
                written.optionalWhole("detectedMillis").map(Duration::ofMillis),
                written.optionalWhole("movedMillis").map(Duration::ofMillis),
                written.optionalWhole("backMillis").map(Duration::ofMillis),
                Duration.ofMillis(written.whole("gapMillis")),
                written.whole("requests"),
                written.whole("retried"),
                written.whole("failed"),
                written.sequence("reasons").stream()
                        .map(reason -> reason instanceof Json.Text text ? text.value() : "")
                        .toList());
    }

    /** For people, one line each. */
    public List<String> lines() {
        return List.of(
                "time to detect   " + DrillText.seconds(detected),
                "time to move     " + DrillText.seconds(moved) + " (objective " + DrillText.seconds(objective) + ")",
                "time to come back " + DrillText.seconds(back),
                "longest gap      " + DrillText.seconds(gap),
                "requests         " + requests + ", of which " + retried + " went well by pip's own retries and "
                        + failed + " failed");
    }
}
