package dev.flotilla.controller.local;

/**
 * Ends the command in order when the process is told to end: Ctrl-C (SIGINT), SIGTERM, or SIGHUP of a closed terminal.
 * Being asked to stop is a good end, so the exit code is 0 and not that of a signal.
 */
final class Ending {
    private static final int STOPPED_AS_ASKED = 0;
    private static final int FAILED = 1;

    private final Narration narration;
    private final Teardown teardown;
    private volatile int exitCode = STOPPED_AS_ASKED;
    private volatile boolean over;

    Ending(Narration narration, Teardown teardown) {
        this.narration = narration;
        this.teardown = teardown;
    }

    /** From now on a signal leads to the teardown. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "ending"));
    }

    private void signalled() {
        if (over) {
            return;
        }
        narration.line("\nStopping: agents and mirrors finish what they do ...");
        teardown.close();
        narration.line("Stopped. No process is left; the state folder stays for the next time.");
        // The only way to an exit code of one's own after a signal.
        Runtime.getRuntime().halt(exitCode);
    }

    /** Undoes everything after a failure, for which the caller then ends the process. Does not return after a signal. */
    void afterFailure() throws InterruptedException {
        if (teardown.hasBegun()) {
            awaitSignalled();
        }
        exitCode = FAILED;
        teardown.close();
        over = true;
    }

    /** For the main thread once a signal has come: the other thread ends the process. */
    void awaitSignalled() throws InterruptedException {
        Thread.currentThread().join();
    }
}
