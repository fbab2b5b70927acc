package dev.flotilla.controller.local;

import java.time.Duration;

/**
 * How long to wait before a program that died is started again: longer each time it dies soon, from the start again after
 * it ran for a good while. For one thread.
 */
final class RestartDelay {
    private final Duration first;
    private final Duration limit;
    private Duration next;

    /**
     * @param first the first delay
     * @param limit no delay is longer; a run longer than this makes the next delay the first again
     */
    RestartDelay(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
        this.next = first;
    }

    /** The delay after a run that took {@code ran}. */
    Duration after(Duration ran) {
        if (ran.compareTo(limit) > 0) {
            next = first;
        }
        Duration delay = next;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(limit) > 0 ? limit : doubled;
        return delay;
    }
}
