package dev.flotilla.agent.mirror;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A mirror that was started at some time, by this agent or by one before it.
 *
 * @param program what it was started with
 * @param child there where this very agent started it: only a parent learns the exit status
 */
record MirrorProcess(ProcessIdentity identity, Instant started, MirrorProgram program, Optional<Process> child) {
    private static final int UNKNOWN = -1;

    long pid() {
        return identity.pid();
    }

    /** The same process, under the release that has its program now. */
    MirrorProcess of(MirrorProgram same) {
        return new MirrorProcess(identity, started, same, child);
    }

    /** Whether it ended with this status; only a parent knows. */
    boolean hasEndedWith(int status) {
        return status().filter(ended -> ended == status).isPresent();
    }

    /** That it ended before it was ready, for people. */
    String endBeforeReady(String lastLine) {
        return end() + " before it was ready" + (lastLine.isEmpty() ? "" : ": " + lastLine);
    }

    /** How it ended, as far as it can be known. */
    String end() {
        return "the mirror (process " + pid() + ") ended"
                + status().map(status -> " with status " + status).orElse("");
    }

    /** Of one that has ended: the system knows that a moment before the JDK does. */
    private Optional<Integer> status() {
        return child.map(process ->
                        process.onExit().thenApply(Process::exitValue).completeOnTimeout(UNKNOWN, 1, TimeUnit.SECONDS))
                .map(CompletableFuture::join)
                .filter(status -> status != UNKNOWN);
    }
}
