package dev.flotilla.controller.drill;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.drill.VantagePoint.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/** All that a drill has shown. */
public final class DrillReport {
    /** Of a thousand requests of installers one may fail. */
    private static final long MOST_FAILED_OF = 1_000;

    private final DrillSummary summary;
    private final Measured.Times times;
    private final List<Measured> measured;
    private final SequencedMap<VantagePoint, List<Span>> spans;
    private final List<String> notes;
    private final boolean restored;

    private DrillReport(
            boolean restored,
            DrillSummary summary,
            Measured.Times times,
            List<Measured> measured,
            SequencedMap<VantagePoint, List<Span>> spans,
            List<String> notes) {
        this.restored = restored;
        this.summary = summary;
        this.times = times;
        this.measured = measured;
        this.spans = spans;
        this.notes = List.copyOf(notes);
    }

    static DrillReport of(DrillRecord record, DrillTerms terms, FailoverDrill.Watched watched, List<String> notes) {
        List<Measured> measured = watched.samples().entrySet().stream()
                .map(entry -> Measured.of(entry.getKey(), entry.getValue(), watched.times()))
                .toList();
        List<Measured> led = measured.stream()
                .filter(one -> one.led()
                        && one.point().kind() != Kind.NODE
                        && one.point().kind() != Kind.PIP)
                .toList();
        List<Measured> installers =
                measured.stream().filter(one -> one.point().isInstaller()).toList();
        List<String> reasons = new ArrayList<>();
        watched.brokenOff().ifPresent(reason -> reasons.add("it was broken off: " + reason));
        watched.notRestored()
                .ifPresent(reason -> reasons.add("it is not undone: " + reason + ". Run flotilla drill restore"));
        for (Measured one : led) {
            if (one.moved().isEmpty()) {
                reasons.add(one.point().name() + " was never led elsewhere");
            } else if (one.moved().get().compareTo(terms.objective()) > 0) {
                reasons.add(one.point().name() + " was led elsewhere after " + DrillText.seconds(one.moved())
                        + ", and the objective is " + DrillText.seconds(terms.objective()));
            }
            if (watched.brokenOff().isEmpty() && one.back().isEmpty()) {
                reasons.add(one.point().name() + " was not led back");
            }
        }
        long requests = installers.stream().mapToLong(Measured::requests).sum();
        long failed = installers.stream().mapToLong(Measured::failed).sum();
        if (failed * MOST_FAILED_OF > requests) {
            reasons.add(failed + " of " + requests + " requests failed, in spite of pip's retries");
        }
        if (watched.missed() > 0) {
            reasons.add(watched.missed() + " requests were never made, since too many were under way");
        }
        var summary = new DrillSummary(
                record.id(),
                record.region(),
                record.mode(),
                record.actor(),
                record.begun(),
                terms.objective(),
                led.stream()
                        .filter(one -> one.point().kind() == Kind.AUTHORITY)
                        .flatMap(one -> one.moved().stream())
                        .min(Comparator.naturalOrder()),
                latest(led, Measured::moved),
                latest(led, Measured::back),
                installers.stream()
                        .map(Measured::gap)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO),
                requests,
                installers.stream().mapToLong(Measured::retried).sum(),
                failed,
                reasons);
        return new DrillReport(
                watched.notRestored().isEmpty(),
                summary,
                watched.times(),
                measured,
                Span.all(watched.samples()),
                notes);
    }

    /** The latest of all; absent where one has none, or there is none at all. */
    private static Optional<Duration> latest(List<Measured> all, Function<Measured, Optional<Duration>> time) {
        return all.stream().anyMatch(one -> time.apply(one).isEmpty())
                ? Optional.empty()
                : all.stream().flatMap(one -> time.apply(one).stream()).max(Comparator.naturalOrder());
    }

    /** Whether the region is brought back, as far as that lies in our hand. */
    public boolean isRestored() {
        return restored;
    }

    public DrillSummary summary() {
        return summary;
    }

    Measured.Times times() {
        return times;
    }

    List<Measured> measured() {
        return measured;
    }

    List<Span> spans(VantagePoint point) {
        return spans.getOrDefault(point, List.of());
    }

    /** What whoever reads it has to know besides. */
    List<String> notes() {
        return notes;
    }

    /** Everything; times in milliseconds since watching began, or from then as {@link DrillSummary} has it. */
    public JsonObject toJson() {
        return summary.toJson()
                .with(
                        "times",
                        JsonObject.EMPTY
                                .with("begunMillis", times.begun().toMillis())
                                .with("outMillis", times.out().toMillis())
                                .with("restoredMillis", times.restored().toMillis())
                                .with("endMillis", times.end().toMillis()))
                .with(
                        "notes",
                        new Json.Sequence(
                                notes.stream().<Json>map(Json.Text::new).toList()))
                .with(
                        "vantagePoints",
                        new Json.Sequence(
                                measured.stream().<Json>map(this::json).toList()));
    }

    private JsonObject json(Measured one) {
        return JsonObject.EMPTY
                .with("name", one.point().name())
                .with("kind", one.point().kind().name().toLowerCase(Locale.ROOT))
                .with("led", one.led())
                .with("movedMillis", one.moved(), DrillSummary::millis)
                .with("backMillis", one.back(), DrillSummary::millis)
                .with("requests", one.requests())
                .with("retried", one.retried())
                .with("failed", one.failed())
                .with("gapMillis", one.gap().toMillis())
                .with(
                        "spans",
                        new Json.Sequence(spans(one.point()).stream()
                                .<Json>map(Span::toJson)
                                .toList()));
    }
}
