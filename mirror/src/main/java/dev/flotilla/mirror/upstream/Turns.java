package dev.flotilla.mirror.upstream;

import java.util.ArrayDeque;
import java.util.Queue;

/** Lets a bounded number of fetches run and a bounded number wait, in the order in which they came. For any thread. */
public final class Turns {
    private final int running;
    private final int waiting;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private int taken;

    /** What became of a request for a turn. */
    public enum Place {
        /** It runs. */
        TURN,
        /** It waits. */
        QUEUE,
        /** Too many wait already. */
        NONE
    }

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
        return place(fetch) != Place.NONE;
    }

    /** The same for whoever wants to know whether {@code fetch} has to wait. */
    public Place place(Runnable fetch) {
        synchronized (this) {
            if (taken >= running) {
                return queue.size() < waiting && queue.add(fetch) ? Place.QUEUE : Place.NONE;
            }
            taken++;
        }
        fetch.run();
        return Place.TURN;
    }

    /** Whether nobody waits, and half of the turns at most are taken once one more is: for what nobody waits for. */
    public synchronized boolean isQuiet() {
        return queue.isEmpty() && (taken + 1) * 2L <= running;
    }

    /** Has {@code fetch} wait no longer; false where it has had its turn. Who has waited longest is found soonest. */
    public synchronized boolean withdraw(Runnable fetch) {
        return queue.remove(fetch);
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
