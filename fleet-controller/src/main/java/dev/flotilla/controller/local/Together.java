package dev.flotilla.controller.local;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does a few things at the same time. Closing it waits for those that still run. */
final class Together implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    <T> Future<T> begin(Callable<T> task) {
        return threads.submit(task);
    }

    /**
     * Waits for a result.
     *
     * @throws CannotStartException with the task's own message, or with one that begins with {@code what} where an input
     *     or output failed
     */
    static <T> T result(Future<T> future, String what) throws CannotStartException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case CannotStartException cause -> throw cause;
                case IOException cause -> throw new CannotStartException(what + ": " + cause.getMessage(), cause);
                case RuntimeException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case null, default -> throw new IllegalStateException(failed);
            }
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
