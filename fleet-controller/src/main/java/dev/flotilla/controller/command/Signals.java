package dev.flotilla.controller.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has a verb that runs on end in order when its process is told to: SIGINT, SIGTERM, SIGHUP. The verb's thread is interrupted, and the process waits for
 * {@link #close} and ends with the verb's own exit code. For one thread.
 */
final class Signals implements AutoCloseable {
    private final Thread worker = Thread.currentThread();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Duration patience;
    private final Thread hook;
    private volatile int exitCode;

    /** @param patience a verb that takes longer to end is left to its fate */
    private Signals(Duration patience) {
        this.patience = patience;
        this.hook = new Thread(this::signalled, "ending");
    }

    static Signals listen(Duration patience) {
        var signals = new Signals(patience);
        Runtime.getRuntime().addShutdownHook(signals.hook);
        return signals;
    }

    /** What the process ends with where a signal has come. */
    void exitCode(int code) {
        exitCode = code;
    }

    private void signalled() {
        worker.interrupt();
        try {
            if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                exitCode = CommandFailure.FAILED;
            }
        } catch (InterruptedException ignored) {
            exitCode = CommandFailure.FAILED;
        }
        // The only way to an exit code of one's own after a signal.
        Runtime.getRuntime().halt(exitCode);
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException signalled) {
            awaitEnd();
        }
    }

    /** The hook runs, and ends the process: nothing that comes after may be said any more. */
    private static void awaitEnd() {
        while (true) {
            LockSupport.park();
        }
    }
}
