package dev.flotilla.mirror.files;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what happens to downloads, below {@code flotilla.downloads}. Safe for use from any thread. */
final class FileMeters {
    /** How a download ended. */
    enum Outcome {
        STORED,
        ABSENT,
        FAILED,
        PASSED_THROUGH
    }

    /** Why an attempt at a download came to nothing. */
    enum Cause {
        UPSTREAM,
        MISMATCH,
        STORE,
        DEADLINE
    }

    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final Map<Cause, Counter> causes = new EnumMap<>(Cause.class);
    private final Counter bytes;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger followers = new AtomicInteger();

    FileMeters(MeterRegistry meters) {
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(
                    outcome,
                    Counter.builder("flotilla.downloads")
                            .description("Downloads of files that ended")
                            .tag("outcome", label(outcome))
                            .register(meters));
        }
        for (Cause cause : Cause.values()) {
            causes.put(
                    cause,
                    Counter.builder("flotilla.downloads.failed.attempts")
                            .description("Attempts at downloads that came to nothing")
                            .tag("cause", label(cause))
                            .register(meters));
        }
        this.bytes = Counter.builder("flotilla.downloads.bytes")
                .description("Bytes of files that came from upstreams")
                .register(meters);
        Gauge.builder("flotilla.downloads.running", running, AtomicInteger::get)
                .description("Downloads that run or wait")
                .register(meters);
        Gauge.builder("flotilla.downloads.followers", followers, AtomicInteger::get)
                .description("Clients that follow a download")
                .register(meters);
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    void began() {
        running.incrementAndGet();
    }

    void ended(Outcome outcome) {
        running.decrementAndGet();
        count(outcomes, outcome);
    }

    void failedAttempt(Cause cause) {
        count(causes, cause);
    }

    private static <K> void count(Map<K, Counter> counters, K which) {
        Counter counter = counters.get(which);
        if (counter != null) {
            counter.increment();
        }
    }

    void received(long count) {
        bytes.increment((double) count);
    }

    void followerCame() {
        followers.incrementAndGet();
    }

    void followerLeft() {
        followers.decrementAndGet();
    }

    FileService.FileFigures figures() {
        return new FileService.FileFigures(running.get(), followers.get());
    }
}
