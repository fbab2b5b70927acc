package dev.flotilla.mirror.upstream;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Whether one host of an upstream is asked. It opens after failures in a row: nobody waits for a host that doesn't answer.
 * After a pause one request is let through; its success closes it, its failure makes the next pause twice as long. Safe for
 * use from any thread.
 *
 * <p>A failure is a fetch that came to nothing because the host refused, broke off, was silent or answered that it is in
 * trouble, once all further attempts at it were made. That something doesn't exist or isn't allowed is an answer like any
 * other. Wrong bytes and nonsense say nothing about whether the host answers: they put the address aside, not the host.
 */
final class Circuit {
    private final UpstreamCare care;
    private final InstantSource clock;
    private int failures;
    private int pauses;
    private Instant until = Instant.MIN;
    private Instant heldOff = Instant.MIN;
    private boolean open;
    private boolean trying;

    Circuit(UpstreamCare care, InstantSource clock) {
        this.care = care;
        this.clock = clock;
    }

    /** Why no request may be made now; empty where one may, whose outcome has to be reported. */
    synchronized Optional<Deferral> refusal() {
        if (admits()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        var cause = now.isBefore(heldOff) ? Deferral.Cause.LEFT_ALONE : Deferral.Cause.OUT_OF_ORDER;
        return Optional.of(new Deferral(cause, Duration.between(now, until)));
    }

    private boolean admits() {
        if (!open) {
            return true;
        }
        Instant now = clock.instant();
        if (now.isBefore(until)) {
            return false;
        }
        // One request finds out; one of which nothing is heard any more is followed by another after the same pause.
        trying = true;
        until = now.plus(pause());
        return true;
    }

    /** Upstream gave an answer that counts, also that something doesn't exist. */
    synchronized void worked() {
        failures = 0;
        pauses = 0;
        trying = false;
        // What was under way when upstream asked to be left alone doesn't take that back.
        open = clock.instant().isBefore(heldOff);
    }

    synchronized void failed() {
        if (open) {
            // Of the requests that were under way when it opened nothing new is learned.
            if (trying) {
                trying = false;
                pauses++;
                until = later(heldOff, clock.instant().plus(pause()));
            }
            return;
        }
        failures++;
        if (failures >= care.circuitFailures()) {
            open = true;
            until = clock.instant().plus(pause());
        }
    }

    /** Upstream asked to be left alone for {@code time} (RFC 9110, section 10.2.3), which is believed within bounds. */
    synchronized void holdOff(Duration time) {
        Duration bounded = time.compareTo(care.retryAfterLimit()) < 0 ? time : care.retryAfterLimit();
        if (bounded.isPositive()) {
            open = true;
            trying = false;
            heldOff = clock.instant().plus(bounded);
            until = later(until, heldOff);
        }
    }

    /** Whether who was refused a moment ago does well to ask again at once: a request finds out, or has found out since. */
    synchronized boolean isSoonDecided() {
        return trying || !open;
    }

    synchronized boolean isOpen() {
        return open;
    }

    private Duration pause() {
        Duration time = care.circuitPause();
        for (int i = 0; i < pauses && time.compareTo(care.circuitPauseLimit()) < 0; i++) {
            time = time.multipliedBy(2);
        }
        return time.compareTo(care.circuitPauseLimit()) < 0 ? time : care.circuitPauseLimit();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
