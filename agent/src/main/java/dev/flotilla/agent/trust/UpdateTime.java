package dev.flotilla.agent.trust;

import java.time.Duration;
import java.time.Instant;

/**
 * The time of an update, fixed when it begins (TUF 1.0, section 5.1), so that metadata that are good at its beginning are
 * so at its end.
 *
 * @param grace how long after their end metadata are still taken: for a first start while the controller sleeps
 */
public record UpdateTime(Instant start, Duration grace) {
    public static UpdateTime of(Instant start) {
        return new UpdateTime(start, Duration.ZERO);
    }

    boolean isOver(Instant expires) {
        return !expires.plus(grace).isAfter(start);
    }
}
