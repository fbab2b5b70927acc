package dev.flotilla.controller.dns;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps calls below a rate: a bucket of permits that fills steadily, as the provider itself counts. Thread-safe.
 */
final class CallRate {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final LongSupplier nanoTime;
    private final Pause pause;
    private final long nanosPerCall;
    private final long burstNanos;
    private long nextFree;

    /**
     * A full bucket.
     *
     * @param burst calls that may be made at once after a rest
     */
    CallRate(int callsPerSecond, int burst, LongSupplier nanoTime, Pause pause) {
        this.nanoTime = nanoTime;
        this.pause = pause;
        this.nanosPerCall = NANOS_PER_SECOND / callsPerSecond;
        this.burstNanos = nanosPerCall * (burst - 1);
        this.nextFree = nanoTime.getAsLong() - burstNanos;
    }

    /** Waits until the next call may be made. */
    void acquire() throws InterruptedException {
        long wait;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            nextFree = Math.max(nextFree, now - burstNanos);
            wait = nextFree - now;
            nextFree += nanosPerCall;
        }
        if (wait > 0) {
            pause.elapse(Duration.ofNanos(wait));
        }
    }
}
