package dev.flotilla.controller.status;

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
 * Questions that are asked at the same time on virtual threads, a bounded number of them at once, with one deadline for
 * all. A question that fails or comes too late is answered by the reason.
 */
final class Questions {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places;
    private final Duration limit;
    private final long begin = System.nanoTime();

    Questions(int atOnce, Duration limit) {
        this.places = new Semaphore(atOnce);
        this.limit = limit;
    }

    /** An answer that is on its way. */
    @FunctionalInterface
    interface Answer<T> {
        T await() throws InterruptedException;
    }

    <T> Answer<T> ask(Callable<T> question, Function<String, T> otherwise) {
        Future<T> future = threads.submit(() -> {
            places.acquire();
            try {
                return question.call();
            } finally {
                places.release();
            }
        });
        return () -> {
            try {
                long left = limit.toNanos() - (System.nanoTime() - begin);
                return future.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof IOException notFoundOut) {
                    return otherwise.apply(String.valueOf(notFoundOut.getMessage()));
                }
                throw new IllegalStateException("asking for the status", failed.getCause());
            } catch (TimeoutException late) {
                return otherwise.apply("no answer within " + limit.toSeconds() + " s");
            }
        };
    }

    /** Ends without waiting for what has no answer yet: a thread that hangs in a system call keeps no program alive. */
    void end() {
        threads.shutdownNow();
    }
}
