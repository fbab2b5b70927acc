package dev.flotilla.controller.drill;

import dev.flotilla.controller.drill.Sample.Seen;
import dev.flotilla.controller.drill.Sample.Tries;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a drill was like from one vantage point. Pure.
 *
 * @param led whether it was led to the region before
 * @param moved from when the region was out until the first request that was led elsewhere, with none led to the region after it
 * @param back from when the region was to come back until the first request that was led to it again
 * @param requests all that were not over when the region began to be taken out, or began later
 * @param gap the longest time without the beginning of a request that went well at once
 */
record Measured(
        VantagePoint point,
        boolean led,
        Optional<Duration> moved,
        Optional<Duration> back,
        long requests,
        long retried,
        long failed,
        Duration gap) {
    /**
     * When things happened, since watching began.
     *
     * @param begun the region began to be taken out
     * @param out it was out, as far as its nodes and checks are concerned
     * @param restored it began to be brought back
     */
    record Times(Duration begun, Duration out, Duration restored, Duration end) {}

    static Measured of(VantagePoint point, List<Sample> unordered, Times times) {
        List<Sample> samples =
                unordered.stream().sorted(Comparator.comparing(Sample::at)).toList();
        boolean led = samples.stream()
                .filter(sample -> sample.at().compareTo(times.begun()) < 0)
                .anyMatch(sample -> sample.seen() == Seen.REGION);
        List<Sample> after = samples.stream()
                .filter(sample -> sample.at().compareTo(times.begun()) >= 0)
                .toList();
        // Those that were under way when it began met it, too.
        List<Sample> met = samples.stream()
                .filter(sample -> sample.end().compareTo(times.begun()) >= 0)
                .toList();
        return new Measured(
                point,
                led,
                moved(after, times),
                first(after, Seen.REGION, times.restored()),
                met.size(),
                met.stream().filter(sample -> sample.tries() == Tries.RETRIED).count(),
                met.stream().filter(sample -> sample.tries() == Tries.FAILED).count(),
                gap(after, times));
    }

    private static Optional<Duration> moved(List<Sample> after, Times times) {
        List<Sample> out = after.stream()
                .filter(sample -> sample.at().compareTo(times.restored()) < 0)
                .toList();
        Duration last = out.stream()
                .filter(sample -> sample.seen() == Seen.REGION)
                .map(Sample::at)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ofNanos(-1));
        return out.stream()
                .filter(sample -> sample.seen() == Seen.ELSEWHERE && sample.at().compareTo(last) > 0)
                .map(sample -> sample.at().minus(times.out()))
                .map(time -> time.isNegative() ? Duration.ZERO : time)
                .findFirst();
    }

    private static Optional<Duration> first(List<Sample> samples, Seen seen, Duration from) {
        return samples.stream()
                .filter(sample -> sample.seen() == seen && sample.at().compareTo(from) >= 0)
                .map(sample -> sample.at().minus(from))
                .findFirst();
    }

    private static Duration gap(List<Sample> after, Times times) {
        Duration longest = Duration.ZERO;
        Duration last = times.begun();
        for (Sample sample : after) {
            if (sample.tries() == Tries.FIRST) {
                longest = longer(longest, sample.at().minus(last));
                last = sample.at();
            }
        }
        return longer(longest, times.end().minus(last));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
