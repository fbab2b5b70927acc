package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.store.PageKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps what was begun before a purge from being kept after it: what is read or fetched notes the time on this clock of
 * purges first, and is put into its place only if no purge has covered it since. For any thread; raising it and committing
 * wait for each other, so both belong on workers.
 */
final class PurgeFence {
    /** Older purges are taken for purges of everything: what began so long ago begins again. */
    private static final int REMEMBERED = 128;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile Past past = new Past(0, List.of());

    /** How many purges there were, and the scopes of the last ones, the latest last. */
    private record Past(long count, List<PurgeScope> latest) {
        Past {
            latest = List.copyOf(latest);
        }
    }

    /** The time now: to be asked for before anything is looked at. */
    long now() {
        return past.count();
    }

    /** Whether the page has been purged since {@code since}. */
    boolean isOutdated(PageKey key, long since) {
        var known = past;
        long missed = known.count() - since;
        if (missed == 0) {
            return false;
        }
        int remembered = known.latest().size();
        return missed > remembered
                || known.latest().subList(remembered - (int) missed, remembered).stream()
                        .anyMatch(scope -> scope.covers(key));
    }

    /** Runs {@code work}, which puts something of the page into its place, unless the page was purged since {@code since}. */
    boolean commit(PageKey key, long since, Runnable work) {
        lock.readLock().lock();
        try {
            if (isOutdated(key, since)) {
                return false;
            }
            work.run();
            return true;
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Purges: nothing is committed while {@code work} runs, and nothing afterwards that was begun before it was done: what begins
     * meanwhile may still have seen something of before. So it is a purge at its beginning and at its end.
     */
    <T> T raise(PurgeScope scope, Supplier<T> work) {
        lock.writeLock().lock();
        try {
            advance(scope);
            T result = work.get();
            advance(scope);
            return result;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void advance(PurgeScope scope) {
        var latest = new ArrayList<>(past.latest());
        latest.add(scope);
        past = new Past(past.count() + 1, latest.subList(Math.max(0, latest.size() - REMEMBERED), latest.size()));
    }
}
