package dev.flotilla.controller.drill;

import dev.flotilla.controller.drill.Sample.Seen;
import dev.flotilla.controller.drill.Sample.Tries;
import dev.flotilla.controller.drill.VantagePoint.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Takes a region out, watches, and brings it back whatever happens: when the thread is interrupted, when something fails, when the budget is used up. What has to
 * be undone is written down before. For one thread, once.
 */
final class FailoverDrill {
    private static final String TOLD_TO_END = "it was told to end before its end";
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private static final Duration FIRST_ANSWERS = Duration.ofMinutes(1);

    /** Longer than a bucket or an API is usually away, and shorter than a person waits. */
    private static final Duration RESTORE_LIMIT = Duration.ofMinutes(2);

    private static final Duration RESTORE_AGAIN = Duration.ofSeconds(1);

    private final DrillTerms terms;
    private final Clients clients;
    private final Outage outage;
    private final Journal journal;
    private DrillRecord record;
    private final Consumer<String> progress;
    private final Recorder recorder = new Recorder(System::nanoTime);

    FailoverDrill(
            DrillTerms terms,
            Clients clients,
            Outage outage,
            Journal journal,
            DrillRecord record,
            Consumer<String> progress) {
        this.terms = terms;
        this.clients = clients;
        this.outage = outage;
        this.journal = journal;
        this.record = record;
        this.progress = progress;
    }

    /** What was seen, and how it ended. */
    record Watched(
            SequencedMap<VantagePoint, List<Sample>> samples,
            Measured.Times times,
            long missed,
            Optional<String> brokenOff,
            Optional<String> notRestored) {}

    /** Nothing was touched. */
    static final class NotBegunException extends Exception {
        private static final long serialVersionUID = 1;

        NotBegunException(String message) {
            super(message);
        }
    }

    Watched run() throws NotBegunException, IOException, InterruptedException {
        try (var watching = new Watching(recorder, terms.every())) {
            clients.begin(watching);
            progress.accept("watching for " + seconds(terms.baseline()) + " before anything is done");
            Thread.sleep(terms.baseline());
            awaitFirstAnswers();
            checkBaseline();
            record = outage.prepare(record);
            journal.write(record);
            Duration begun = recorder.now();
            Duration out = begun;
            Optional<String> brokenOff = Optional.empty();
            try {
                outage.begin();
                out = recorder.now();
                progress.accept(
                        record.region() + " is taken out: " + record.mode().told());
                out = awaitMoved(begun, out);
            } catch (InterruptedException signalled) {
                brokenOff = Optional.of(TOLD_TO_END);
            } catch (IOException failed) {
                // Whoever is told to end while Route 53 is asked hears of that as of a failure.
                brokenOff = Optional.of(
                        Thread.currentThread().isInterrupted() ? TOLD_TO_END : String.valueOf(failed.getMessage()));
            }
            Duration restored = recorder.now();
            Optional<String> notRestored = restore();
            if (brokenOff.isEmpty() && notRestored.isEmpty()) {
                try {
                    awaitBack(restored);
                } catch (InterruptedException signalled) {
                    brokenOff = Optional.of("it was told to end before everything was back");
                }
            }
            return new Watched(
                    recorder.all(),
                    new Measured.Times(begun, out, restored, recorder.now()),
                    recorder.countMissed(),
                    brokenOff,
                    notRestored);
        }
    }

    /** A pip on a busy machine may take longer than the whole baseline. */
    private void awaitFirstAnswers() throws InterruptedException {
        Duration latest = recorder.now().plus(FIRST_ANSWERS);
        while (recorder.now().compareTo(latest) < 0
                && recorder.all().values().stream().anyMatch(List::isEmpty)) {
            Thread.sleep(LOOK_EVERY);
        }
    }

    private void checkBaseline() throws NotBegunException {
        List<String> unwell = new ArrayList<>();
        recorder.all().forEach((point, samples) -> {
            if (samples.isEmpty()) {
                unwell.add(point.name() + " has no answer yet");
            }
            samples.stream()
                    .filter(sample -> sample.tries() != Tries.FIRST
                            || (point.kind() == Kind.NODE && sample.seen() != Seen.REGION))
                    .findFirst()
                    .ifPresent(sample -> unwell.add(point.name() + ": " + sample.why()));
        });
        if (!unwell.isEmpty()) {
            throw new NotBegunException(
                    "not everything is well before anything was done: " + String.join("; ", unwell));
        }
    }

    /** Waits until nobody is led to the region, and for a while after; answers since when the region is out. */
    private Duration awaitMoved(Duration begun, Duration taken) throws InterruptedException {
        List<VantagePoint> led = led(begun);
        Duration since = null;
        Optional<Duration> out = outage.showsInReadiness() ? Optional.empty() : Optional.of(taken);
        while (recorder.now().minus(begun).compareTo(terms.budget()) < 0) {
            if (out.isEmpty() && allLast(nodes(), Seen.ELSEWHERE)) {
                out = Optional.of(recorder.now());
                progress.accept("all nodes of " + record.region() + " say so");
            }
            boolean away = out.isPresent() && led.stream().noneMatch(this::isLedThere);
            if (away && since == null) {
                since = recorder.now();
                progress.accept("nobody is led to " + record.region() + " any more, " + seconds(since.minus(out.get()))
                        + " after it was out");
            } else if (!away) {
                since = null;
            }
            if (since != null && recorder.now().minus(since).compareTo(terms.hold()) >= 0) {
                return out.orElse(taken);
            }
            Thread.sleep(LOOK_EVERY);
        }
        progress.accept("the budget of " + seconds(terms.budget()) + " is used up");
        return out.orElse(taken);
    }

    private void awaitBack(Duration restored) throws InterruptedException {
        List<VantagePoint> led = led(restored);
        progress.accept(record.region() + " is brought back");
        while (recorder.now().minus(restored).compareTo(terms.budget()) < 0) {
            if (allLast(nodes(), Seen.REGION) && led.stream().allMatch(this::isLedThere)) {
                progress.accept("clients are led to " + record.region() + " again, "
                        + seconds(recorder.now().minus(restored)) + " after it was brought back");
                Thread.sleep(terms.hold());
                return;
            }
            Thread.sleep(LOOK_EVERY);
        }
        progress.accept("clients were not led to " + record.region() + " again within " + seconds(terms.budget()));
    }

    /** Whatever has happened, and also where the thread was interrupted: a signal ends the drill and not the region. */
    private Optional<String> restore() {
        var _ = Thread.interrupted();
        Duration begun = recorder.now();
        while (true) {
            try {
                outage.end();
                journal.write(record.ended());
                return Optional.empty();
            } catch (IOException failed) {
                if (recorder.now().minus(begun).compareTo(RESTORE_LIMIT) > 0) {
                    return Optional.of(String.valueOf(failed.getMessage()));
                }
                progress.accept("it can't be brought back yet: " + failed.getMessage());
                pause();
            } catch (InterruptedException again) {
                progress.accept("it is being brought back");
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RESTORE_AGAIN);
        } catch (InterruptedException sooner) {
            // The next try is made at once.
        }
    }

    private List<VantagePoint> nodes() {
        return recorder.all().sequencedKeySet().stream()
                .filter(point -> point.kind() == Kind.NODE)
                .toList();
    }

    /** The vantage points that tell where they are led, and were led to the region before anything was done. */
    private List<VantagePoint> led(Duration before) {
        return recorder.all().entrySet().stream()
                .filter(entry ->
                        entry.getKey().kind() != Kind.NODE && entry.getKey().kind() != Kind.PIP)
                .filter(entry -> entry.getValue().stream()
                        .anyMatch(sample ->
                                sample.seen() == Seen.REGION && sample.at().compareTo(before) < 0))
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
    }

    private boolean isLedThere(VantagePoint point) {
        return recorder.last(point)
                .filter(sample -> sample.seen() == Seen.REGION)
                .isPresent();
    }

    private boolean allLast(List<VantagePoint> points, Seen seen) {
        return points.stream()
                .allMatch(point -> recorder.last(point)
                        .filter(sample -> sample.seen() == seen)
                        .isPresent());
    }

    private static String seconds(Duration time) {
        return DrillText.seconds(time);
    }
}
