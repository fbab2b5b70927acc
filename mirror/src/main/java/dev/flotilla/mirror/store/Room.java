package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Room for what comes: within the budget and above the floor of free disk, by the eviction of what is asked for least. Only the
 * keeper evicts, once it knows all that is there. Safe for use from any thread; all but the figures blocks.
 */
final class Room {
    /** How many candidates for eviction are looked at in one go, at first. */
    private static final int CANDIDATES = 16;

    private final Keeper keeper;
    private final Budget budget;
    private final DiskHealth health;
    private final Books books;
    private final AtomicLong evicted = new AtomicLong();

    /** What has been written of what is unfinished. */
    private final AtomicLong arrived = new AtomicLong();

    /** Whether the folders have been read since this process became the keeper. */
    private volatile boolean complete;

    /** Whether the budget is known to say what is taken: not before the folders have been read once. */
    private volatile boolean counted;

    Room(Keeper keeper, Budget budget, DiskHealth health, Books books) {
        this.keeper = keeper;
        this.budget = budget;
        this.health = health;
        this.books = books;
    }

    /** The budget says what is taken, before the folders are read. */
    void believeBudget() {
        counted = true;
    }

    /** The folders have to be read before anything is evicted again. */
    void suspend() {
        complete = false;
    }

    /** The folders have been read, and the budget says what is in them. */
    void resume() {
        counted = true;
        complete = true;
    }

    boolean isComplete() {
        return complete;
    }

    /** How many files had to leave. */
    long evicted() {
        return evicted.get();
    }

    /** Takes room from the budget for something unfinished, evicting what has to go. */
    void reserve(long bytes) throws IOException {
        if (bytes > budget.limit()) {
            throw new NoRoom("it is larger than the store's whole budget of " + new ByteSize(budget.limit()));
        }
        if (take(bytes)) {
            return;
        }
        synchronized (books) {
            requireEviction(bytes);
            long reserve = budget.kept() - unwritten();
            if (!health.couldHaveRoom(bytes, reserve)) {
                throw health.full(bytes, reserve);
            }
            int candidates = CANDIDATES;
            while (books.isFull() || !health.hasRoom(bytes, unwritten()) || !budget.promise(bytes)) {
                if (!evictOne(candidates)) {
                    if (candidates >= books.evictableCount()) {
                        throw new NoRoom("the store's budget of " + new ByteSize(budget.limit())
                                + " is taken by files that are pinned, being sent or downloaded");
                    }
                    candidates *= 8;
                }
            }
        }
    }

    /** Takes room from the budget where it is free. */
    boolean take(long bytes) throws IOException {
        return !books.isFull() && counted && health.hasRoom(bytes, unwritten()) && budget.promise(bytes);
    }

    /** Counts what has been written of something unfinished; less than nothing once that is over. */
    void arrived(long bytes) {
        arrived.addAndGet(bytes);
    }

    private long unwritten() {
        return Math.max(0, budget.promised() - arrived.get());
    }

    private void requireEviction(long bytes) throws IOException {
        if (counted && !keeper.isHere()) {
            budget.want(bytes);
            throw new NoRoom("there is no room in the store, and another process, which may evict, is asked for it");
        }
        if (!complete || !counted) {
            throw new NoRoom("the store's budget of " + new ByteSize(budget.limit())
                    + " is taken, and its folders are still being read");
        }
    }

    /** Evicts until {@code bytes} are free, or nothing can leave any more. */
    void makeRoom(long bytes) throws IOException {
        synchronized (books) {
            int candidates = CANDIDATES;
            while (mayEvict() && (budget.taken() + bytes > budget.limit() || isNearFloor(bytes))) {
                if (!evictOne(candidates)) {
                    if (candidates >= books.evictableCount()) {
                        return;
                    }
                    candidates *= 8;
                }
            }
        }
    }

    private boolean mayEvict() {
        return keeper.isHere() && complete;
    }

    /** What others take of the disk makes nobody leave here unless room is wanted. */
    private boolean isNearFloor(long bytes) throws IOException {
        return bytes > 0 && !health.hasRoom(bytes, unwritten());
    }

    private boolean evictOne(int candidates) throws IOException {
        for (Blob blob : books.coldest(candidates)) {
            if (blob.leave()) {
                boolean removed = false;
                try {
                    books.remove(blob);
                    removed = true;
                } finally {
                    if (!removed) {
                        blob.stay();
                    }
                }
                evicted.incrementAndGet();
                return true;
            }
        }
        return false;
    }
}
