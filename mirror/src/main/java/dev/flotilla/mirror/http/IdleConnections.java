package dev.flotilla.mirror.http;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * Finds the connection that has been idle longest, when a new one needs its place: requests pay for no order among connections. All are
 * looked at once for some hundred new ones; whoever was asked something since then isn't idle longest any more. For any thread.
 */
final class IdleConnections {
    /** How many are found in one look. */
    private static final int FOUND_AT_ONCE = 256;

    /** Looks take a hundredth of one core at most: one connection is looked at in some 50 ns. */
    private static final long PAUSE_PER_CONNECTION_NANOS = TimeUnit.MICROSECONDS.toNanos(5);

    private final Collection<ConnectionPlace> all;
    private final Deque<Found> longest = new ArrayDeque<>();
    private long nextLookNanos = System.nanoTime();

    private record Found(ConnectionPlace place, long since) {}

    /** @param all the connections, which other threads change */
    IdleConnections(Collection<ConnectionPlace> all) {
        this.all = all;
    }

    /** Has the connection end that has been idle longest, for one that gets its place; false where none is known to be idle. */
    synchronized boolean giveUpLongest() {
        if (giveUpNext()) {
            return true;
        }
        if (System.nanoTime() - nextLookNanos < 0) {
            return false;
        }
        look();
        return giveUpNext();
    }

    private boolean giveUpNext() {
        for (Found found = longest.poll(); found != null; found = longest.poll()) {
            if (found.place().idleSince() == found.since() && found.place().giveAway(found.since())) {
                return true;
            }
        }
        return false;
    }

    private void look() {
        var order = Comparator.comparingLong(Found::since);
        var kept = new PriorityQueue<Found>(order.reversed());
        int seen = 0;
        for (ConnectionPlace place : all) {
            seen++;
            long since = place.idleSince();
            if (since == Long.MAX_VALUE
                    || (kept.size() == FOUND_AT_ONCE && since >= kept.element().since())) {
                continue;
            }
            if (kept.size() == FOUND_AT_ONCE) {
                kept.remove();
            }
            kept.add(new Found(place, since));
        }
        kept.stream().sorted(order).forEach(longest::add);
        nextLookNanos = System.nanoTime() + seen * PAUSE_PER_CONNECTION_NANOS;
    }
}
