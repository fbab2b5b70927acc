package dev.flotilla.controller.local;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to be undone at the end, in reverse order, once. It may begin at any time, also while the fleet is still coming
 * up: what is added afterwards is undone at once, and whoever adds it is told to stop. Thread-safe.
 */
final class Teardown implements AutoCloseable {
    private final Deque<Undoing> undoings = new ArrayDeque<>();
    private boolean begun;
    private boolean done;

    /** Undoes one thing. A failure is of no interest to the others. */
    interface Undoing {
        void undo() throws Exception;
    }

    /** Says that things are being undone already. */
    static final class BegunException extends RuntimeException {
        private static final long serialVersionUID = 1;

        BegunException() {
            super("the fleet is being stopped");
        }
    }

    void add(Undoing undoing) {
        synchronized (this) {
            if (!begun) {
                undoings.push(undoing);
                return;
            }
        }
        undo(undoing);
        throw new BegunException();
    }

    synchronized boolean hasBegun() {
        return begun;
    }

    /** Undoes everything. A second caller waits until the first is done. */
    @Override
    public void close() {
        synchronized (this) {
            if (begun) {
                awaitDone();
                return;
            }
            begun = true;
        }
        undoings.forEach(Teardown::undo);
        synchronized (this) {
            done = true;
            notifyAll();
        }
    }

    private synchronized void awaitDone() {
        boolean interrupted = false;
        while (!done) {
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void undo(Undoing undoing) {
        try {
            undoing.undo();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (Exception failed) {
            System.err.println("flotilla: while stopping: " + failed.getMessage());
        }
    }
}
