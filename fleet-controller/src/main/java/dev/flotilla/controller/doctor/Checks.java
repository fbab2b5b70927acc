package dev.flotilla.controller.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Runs checks at the same time, a bounded number of them, each with a limit of its own from its turn on. One that hangs is answered
 * for, its place given to the next one, and its thread left alone.
 */
final class Checks implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places;
    private final Duration limit;

    Checks(int atOnce, Duration limit) {
        this.places = new Semaphore(atOnce);
        this.limit = limit;
    }

    /** A check that is under way. */
    interface Answer<T> {
        T await() throws InterruptedException;
    }

    /** @param otherwise what a reason is, where the check can't be made or takes too long */
    <T> Answer<T> start(Callable<T> check, Function<String, T> otherwise) {
        Future<T> turn = threads.submit(() -> {
            places.acquire();
            try {
                return within(check, otherwise);
            } finally {
                places.release();
            }
        });
        return () -> {
            try {
                return turn.get();
            } catch (ExecutionException bug) {
                throw new IllegalStateException("a check", bug.getCause());
            }
        };
    }

    private <T> T within(Callable<T> check, Function<String, T> otherwise)
            throws InterruptedException, ExecutionException {
        Future<T> running = threads.submit(check);
        try {
            return running.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return otherwise.apply("no answer within " + limit.toSeconds() + " s");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException notFoundOut) {
                return otherwise.apply(String.valueOf(notFoundOut.getMessage()));
            }
            throw failed;
        } finally {
            running.cancel(true);
        }
    }

    /** Ends without waiting for what hangs: a virtual thread keeps no program alive. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
