package dev.flotilla.mirror.upstream;

import java.util.ArrayDeque;
import java.util.Queue;

/** Lets a bounded number of fetches run and a bounded number wait, in the order in which they came. For any thread. */
public final class Turns {
    private final int running;
    private final int waiting;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private int taken;

    /**
     * Makes them.
     *
     * @param running how many may run at a time
     * @param waiting how many may wait for their turn
     */
    public Turns(int running, int waiting) {
        this.running = running;
        this.waiting = waiting;
    }

    /** Runs {@code fetch} now or in its turn; false where too many wait already. What ran calls {@link #done} once. */
    public boolean request(Runnable fetch) {
        synchronized (this) {
            if (taken >= running) {
                return queue.size() < waiting && queue.add(fetch);
            }
            taken++;
        }
        fetch.run();
        return true;
    }

    /** Ends a turn; the next one in the queue begins on this thread. */
    public void done() {
        Runnable next;
        synchronized (this) {
            next = queue.poll();
            if (next == null) {
                taken--;
                return;
            }
        }
        next.run();
    }
}
