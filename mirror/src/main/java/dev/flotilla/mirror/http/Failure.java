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

    /** Whether this mirror works and those whom it asks don't: other mirrors go on asking this one then. */
    boolean isOfOthers() {
        return status == 502
                || (status == 503 && deferral.isPresent() && !deferral.get().isOwn());
    }

    static Failure deferred(String reason, Deferral deferral) {
        // RFC 5842, section 7.2: a loop was met.
        int status = deferral.cause() == Deferral.Cause.CIRCLE ? 508 : 503;
        return new Failure(status, reason, Optional.empty(), Optional.of(deferral), false);
    }

    /** The value of {@code Retry-After}: whole seconds, and never 0, which would be no pause at all. */
    static String seconds(Deferral deferral) {
        return Long.toString(Math.max(1, deferral.again().plusMillis(999).toSeconds()));
    }
}
