package dev.flotilla.controller.machine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What came of a command on a machine. */
public sealed interface Outcome {
    /**
     * It ran to its end.
     *
     * @param exitCode 0 to 255; 128 and a signal's number where that ended it
     * @param out what it wrote to standard output
     * @param error what it wrote to standard error
     * @param whole whether that is all that it wrote: not so where it wrote more than is kept, or the way to the machine broke
     * @param time how long it took, the way included
     */
    @SuppressWarnings("ArrayRecordComponent") // Bytes on their way to a person: nobody compares them.
    record Ended(int exitCode, byte[] out, byte[] error, boolean whole, Duration time) implements Outcome {
        public String outText() {
            return new String(out, StandardCharsets.UTF_8);
        }

        public String errorText() {
            return new String(error, StandardCharsets.UTF_8);
        }
    }

    /** Whether it ran, and with what result, isn't known, or it surely didn't run. */
    record Failed(Reason reason, String text) implements Outcome {}

    /** Why nothing is known of a command. */
    enum Reason {
        /** Nobody is there, or what is there doesn't speak the protocol. */
        UNREACHABLE,
        /** The machine shows a host key, and none is pinned. Nothing was sent. */
        UNKNOWN_HOST_KEY,
        /** The machine shows another host key than the pinned one. Nothing was sent. */
        CHANGED_HOST_KEY,
        /** The machine doesn't let this user in with these keys. */
        REFUSED,
        /** The user may not do there what was asked. The command didn't run. */
        NOT_ALLOWED,
        /** It took too long; it may go on there. */
        TIMED_OUT,
        /** The way to the machine broke, and the machine can't say what became of it. */
        LOST
    }
}
