package dev.flotilla.controller.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.LongSupplier;

/** What all vantage points have met so far, no more of it than the limit. Thread-safe. */
final class Recorder {
    /** For each vantage point: half an hour of ten requests a second. */
    static final int MOST_SAMPLES = 20_000;

    private final LongSupplier nanoTime;
    private final long begunNanos;
    private final Map<VantagePoint, List<Sample>> samples = new LinkedHashMap<>();
    private long missed;

    Recorder(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begunNanos = nanoTime.getAsLong();
    }

    /** Time since watching began. */
    Duration now() {
        return Duration.ofNanos(nanoTime.getAsLong() - begunNanos);
    }

    synchronized void add(VantagePoint point) {
        samples.put(point, new ArrayList<>());
    }

    synchronized void record(VantagePoint point, Sample sample) {
        List<Sample> its = samples.get(point);
        if (its == null || its.size() >= MOST_SAMPLES) {
            missed++;
        } else {
            its.add(sample);
        }
    }

    /** A request could not be made: too many were under way. */
    synchronized void missed() {
        missed++;
    }

    synchronized long countMissed() {
        return missed;
    }

    /** Everything, by vantage points in the order in which they were added. */
    synchronized SequencedMap<VantagePoint, List<Sample>> all() {
        var copy = new LinkedHashMap<VantagePoint, List<Sample>>();
        samples.forEach((point, its) -> copy.put(point, List.copyOf(its)));
        return copy;
    }

    /** The request that began last among those that are over. */
    synchronized Optional<Sample> last(VantagePoint point) {
        return samples.getOrDefault(point, List.of()).stream().max(Comparator.comparing(Sample::at));
    }
}
