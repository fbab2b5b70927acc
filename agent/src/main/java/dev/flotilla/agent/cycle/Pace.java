package dev.flotilla.agent.cycle;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long from one look at the bucket to the next: never longer than the interval, so that it bounds how late what is published is seen,
 * and by chance up to a fifth shorter, so that no fleet looks as one, however it was started.
 */
public record Pace(Duration interval, RandomGenerator random) {
    private static final double SHORTEST = 0.8;

    Duration next() {
        return Duration.ofNanos((long) (interval.toNanos() * random.nextDouble(SHORTEST, 1)));
    }
}
