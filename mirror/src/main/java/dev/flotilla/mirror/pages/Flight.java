package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.ClientNetwork;
import dev.flotilla.mirror.upstream.Trail;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One fetch and everybody who waits for it. Each waiter has a promise on its own context; the fetch belongs to none of
 * them. For any thread.
 */
final class Flight {
    private final List<Waiter> waiters = new ArrayList<>();
    private final Set<Variant> wanted = new LinkedHashSet<>();
    private final boolean renewal;
    private final long since;
    private final Trail trail;
    private final Optional<ClientNetwork> network;
    private boolean closed;
    private volatile boolean impatient;

    /**
     * Of a fetch that serves a page as long as its lifetime says, or, as a {@code renewal}, asks upstream all the same.
     *
     * @param since when it begins, as {@link PurgeFence#now} says
     * @param trail of the request that begins it
     * @param network of the client that begins it, where it matters
     */
    Flight(boolean renewal, long since, Trail trail, Optional<ClientNetwork> network) {
        this.renewal = renewal;
        this.since = since;
        this.trail = trail;
        this.network = network;
    }

    Optional<ClientNetwork> network() {
        return network;
    }

    /** Where the request that began it has been: those that join have been at the same mirrors. */
    Trail trail() {
        return trail;
    }

    long since() {
        return since;
    }

    boolean isRenewal() {
        return renewal;
    }

    /**
     * One client's request.
     *
     * @param first whether the fetch was begun for it
     */
    record Waiter(ContextInternal context, Promise<PageAnswer> promise, Variant variant, boolean first) {
        /** Where it came from, where it matters. */
        Optional<ClientNetwork> network() {
            return ClientNetwork.of(context);
        }
    }

    /** What came of wanting to join. */
    sealed interface Boarding {
        record Joined(Waiter waiter) implements Boarding {}

        /** As many wait as may. */
        record Full() implements Boarding {}

        /** The answer is there: ask the cache again. */
        record Over() implements Boarding {}
    }

    synchronized Boarding join(ContextInternal context, Variant variant, int most) {
        if (closed) {
            return new Boarding.Over();
        }
        if (waiters.size() >= most) {
            return new Boarding.Full();
        }
        var waiter = new Waiter(context, context.promise(), variant, waiters.isEmpty());
        waiters.add(waiter);
        wanted.add(variant);
        return new Boarding.Joined(waiter);
    }

    /** The representations that those who joined so far want. */
    synchronized Set<Variant> wanted() {
        return new LinkedHashSet<>(wanted);
    }

    /** Hands out those who wait now; the fetch goes on, and from now on nobody needs to wait who can be served stale. */
    synchronized List<Waiter> dismiss() {
        impatient = true;
        return handOut();
    }

    /** Hands out the one for whom the fetch was begun, if he waits; those who joined him go on waiting. */
    synchronized Optional<Waiter> dismissFirst() {
        return !waiters.isEmpty() && waiters.getFirst().first() ? Optional.of(waiters.removeFirst()) : Optional.empty();
    }

    /** The networks of those who wait, in the order in which they came, each once. */
    synchronized Set<Optional<ClientNetwork>> networks() {
        var networks = new LinkedHashSet<Optional<ClientNetwork>>();
        waiters.forEach(waiter -> networks.add(waiter.network()));
        return networks;
    }

    /** Ends the flight and hands out those who still wait. */
    synchronized List<Waiter> land() {
        closed = true;
        return handOut();
    }

    boolean isImpatient() {
        return impatient;
    }

    private List<Waiter> handOut() {
        var out = List.copyOf(waiters);
        waiters.clear();
        return out;
    }
}
