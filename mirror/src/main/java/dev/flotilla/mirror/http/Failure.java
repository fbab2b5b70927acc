package dev.flotilla.mirror.http;

import java.time.Duration;
import java.util.Optional;

/**
 * An answer that isn't what was asked for, as HTTP says it.
 *
 * @param status the status code
 * @param reason what happened and what can be done, for people
 * @param allow the methods that would be right, where the method was wrong
 * @param retryAfter when to come again
 * @param closes whether the connection can't be used any more
 */
record Failure(int status, String reason, Optional<String> allow, Optional<Duration> retryAfter, boolean closes) {
    static Failure of(int status, String reason) {
        return new Failure(status, reason, Optional.empty(), Optional.empty(), false);
    }

    static Failure retriable(int status, String reason, Duration after) {
        return new Failure(status, reason, Optional.empty(), Optional.of(after), false);
    }
}
