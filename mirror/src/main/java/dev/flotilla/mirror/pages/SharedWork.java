package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Turns;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Work that is done once for all who want the same at a time, on a context of its own and in its turn. For any thread.
 *
 * @param <K> everything that makes the outcome what it is
 */
final class SharedWork<K, V> {
    private final Vertx vertx;
    private final Turns turns;
    private final int mostWaiters;
    private final Lease<V> lease;
    private final Map<K, List<Promise<Outcome<V>>>> waiting = new HashMap<>();

    /**
     * Shared work.
     *
     * @param turns how much of it is done at once, and waits for that
     * @param mostWaiters how many may wait for one
     */
    SharedWork(Vertx vertx, Turns turns, int mostWaiters, Lease<V> lease) {
        this.vertx = vertx;
        this.turns = turns;
        this.mostWaiters = mostWaiters;
        this.lease = lease;
    }

    /** What came of wanting some work to be done. */
    sealed interface Outcome<V> {
        /** The work is done; the value is lent to whoever gets it. */
        record Done<V>(V value) implements Outcome<V> {}

        /** As much waits as may. */
        record Refused<V>() implements Outcome<V> {}
    }

    /** How values are lent and given back. */
    interface Lease<V> {
        void lend(V value);

        void release(V value);

        /** Of values that need neither. */
        static <V> Lease<V> none() {
            return new Lease<>() {
                @Override
                public void lend(V value) {}

                @Override
                public void release(V value) {}
            };
        }
    }

    /**
     * Waits for the work that {@code key} names, which begins in its turn unless it is under way.
     *
     * @param work lends its value once; to be begun on any thread
     */
    Future<Outcome<V>> join(K key, ContextInternal context, Supplier<Future<V>> work) {
        Promise<Outcome<V>> promise = context.promise();
        boolean first;
        synchronized (waiting) {
            var others = waiting.computeIfAbsent(key, begun -> new ArrayList<>(1));
            if (others.size() >= mostWaiters) {
                return context.succeededFuture(new Outcome.Refused<>());
            }
            first = others.isEmpty();
            others.add(promise);
        }
        if (first && !turns.request(() -> begin(key, work))) {
            handOut(key).forEach(waiter -> waiter.complete(new Outcome.Refused<>()));
        }
        return promise.future();
    }

    private void begin(K key, Supplier<Future<V>> work) {
        ContextInternal own = ((VertxInternal) vertx).createEventLoopContext();
        own.runOnContext(begun -> own.succeededFuture()
                .compose(ready -> work.get())
                .onSuccess(value -> {
                    handOut(key).forEach(waiter -> {
                        lease.lend(value);
                        waiter.complete(new Outcome.Done<>(value));
                    });
                    lease.release(value);
                })
                .onFailure(fault -> handOut(key).forEach(waiter -> waiter.fail(fault)))
                .onComplete(done -> turns.done()));
    }

    private List<Promise<Outcome<V>>> handOut(K key) {
        synchronized (waiting) {
            var all = waiting.remove(key);
            return all == null ? List.of() : all;
        }
    }

    /** How many works run or wait. */
    int underWay() {
        synchronized (waiting) {
            return waiting.size();
        }
    }
}
