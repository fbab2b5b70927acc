package dev.flotilla.agent.mirror;

import java.time.Instant;
import java.util.Optional;

/**
 * A mirror that was started at some time, by this agent or by one before it.
 *
 * @param program what it was started with
 * @param child there where this very agent started it: only a parent learns the exit status
 */
record MirrorProcess(ProcessIdentity identity, Instant started, MirrorProgram program, Optional<Process> child) {
    long pid() {
        return identity.pid();
    }

    /** How it ended, as far as it can be known. */
    String end() {
        String status = child.filter(process -> !process.isAlive())
                .map(process -> " with status " + process.exitValue())
                .orElse("");
        return "the mirror (process " + pid() + ") ended" + status;
    }
}
