package dev.flotilla.mirror.http;

import dev.flotilla.mirror.upstream.Deferral;
import java.util.Optional;

/**
 * An answer that isn't what was asked for, as HTTP says it.
 *
 * @param status the status code
 * @param reason what happened and what can be done, for people
 * @param allow the methods that would be right, where the method was wrong
 * @param deferral when to come again, and why not before
 * @param closes whether the connection can't be used any more
 */
record Failure(int status, String reason, Optional<String> allow, Optional<Deferral> deferral, boolean closes) {
    static Failure of(int status, String reason) {
        return new Failure(status, reason, Optional.empty(), Optional.empty(), false);
    }

    static Failure deferred(String reason, Deferral deferral) {
        return new Failure(503, reason, Optional.empty(), Optional.of(deferral), false);
    }

    /** The value of {@code Retry-After}: whole seconds, and never 0, which would be no pause at all. */
    static String seconds(Deferral deferral) {
        return Long.toString(Math.max(1, deferral.again().plusMillis(999).toSeconds()));
    }
}
