package dev.flotilla.mirror.files;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How long one client waits for its answer, all steps to it taken together. Safe for use from any thread. */
final class Patience {
    private final Vertx vertx;
    private final Duration limit;
    private final long endNanos;

    private Patience(Vertx vertx, Duration limit) {
        this.vertx = vertx;
        this.limit = limit;
        this.endNanos = System.nanoTime() + limit.toNanos();
    }

    /** Begins now. */
    static Patience of(Vertx vertx, Duration limit) {
        return new Patience(vertx, limit);
    }

    /** The answer once it is at its end. */
    FileAnswer late() {
        return new FileAnswer.Unavailable("it did not begin to come within " + limit.toMillis() + " ms");
    }

    /** How many milliseconds are left, at least the one that a timer needs. */
    long leftMillis() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
    }

    /**
     * What {@code step} gives, or {@code late} once patience is at its end; then what still comes goes to {@code unwanted}.
     * Completes on the caller's context where it has one.
     */
    <T> Future<T> within(Future<T> step, Supplier<T> late, Consumer<T> unwanted) {
        if (step.isComplete()) {
            return step;
        }
        Context context = vertx.getOrCreateContext();
        Promise<T> outcome = Promise.promise();
        long timer =
                vertx.setTimer(leftMillis(), fired -> context.runOnContext(back -> outcome.tryComplete(late.get())));
        step.onComplete(result -> context.runOnContext(back -> {
            vertx.cancelTimer(timer);
            boolean taken = result.succeeded() ? outcome.tryComplete(result.result()) : outcome.tryFail(result.cause());
            if (!taken && result.succeeded()) {
                unwanted.accept(result.result());
            }
        }));
        return outcome.future();
    }
}
