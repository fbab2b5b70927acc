package dev.flotilla.mirror.files;

import java.util.ArrayDeque;
import java.util.Deque;

/** Lets a bounded number of downloads run, the others wait in the order in which they came. Safe for use from any thread. */
final class Turns {
    private final int running;
    private final int waiting;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private int taken;

    Turns(int running, int waiting) {
        this.running = running;
        this.waiting = waiting;
    }

    /** Has {@code work} run once it is its turn; false when too many wait already. Whoever ran calls {@link #done}. */
    boolean request(Runnable work) {
        synchronized (this) {
            if (taken >= running) {
                if (queue.size() >= waiting) {
                    return false;
                }
                queue.add(work);
                return true;
            }
            taken++;
        }
        work.run();
        return true;
    }

    /** Ends a turn; the next one in the queue has it. */
    void done() {
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
