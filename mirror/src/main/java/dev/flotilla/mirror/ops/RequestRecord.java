package dev.flotilla.mirror.ops;

import java.time.Duration;
import java.time.Instant;

/**
 * One answered request, without anything that tells who asked.
 *
 * @param time when it came
 * @param route which kind of thing was asked for, as metrics call it
 * @param target what was asked for, as far as it was understood; at most some hundred characters
 * @param status the answer's HTTP status
 * @param cache what the cache had to do with it, as in {@code X-Cache}; empty where it had nothing
 * @param duration from the request's head to the answer's last byte given to the system
 */
public record RequestRecord(Instant time, String route, String target, int status, String cache, Duration duration) {
    private static final int LONGEST_TARGET = 160;

    public RequestRecord {
        if (target.length() > LONGEST_TARGET) {
            target = target.substring(0, LONGEST_TARGET) + "…";
        }
    }
}
