package dev.flotilla.mirror.pages;

import java.util.ArrayDeque;
import java.util.Queue;

/** Lets a bounded number of fetches run and a bounded number wait, in their order. For any thread. */
final class FetchQueue {
    private final int concurrent;
    private final int waiting;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private int running;

    FetchQueue(int concurrent, int waiting) {
        this.concurrent = concurrent;
        this.waiting = waiting;
    }

    /** Runs {@code fetch} now or in its turn; false where too many wait already. It has to call {@link #done} once. */
    boolean enter(Runnable fetch) {
        synchronized (this) {
            if (running >= concurrent) {
                return queue.size() < waiting && queue.add(fetch);
            }
            running++;
        }
        fetch.run();
        return true;
    }

    /** A fetch is over; the next one begins on this thread. */
    void done() {
        Runnable next;
        synchronized (this) {
            next = queue.poll();
            if (next == null) {
                running--;
                return;
            }
        }
        next.run();
    }
}
