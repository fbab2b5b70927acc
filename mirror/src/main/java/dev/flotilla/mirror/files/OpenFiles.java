package dev.flotilla.mirror.files;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many files stay open while they are mapped, or are sent in parts: one client may have as many on their way as it has streams, and
 * descriptors are needed elsewhere. A file for which there is no room is written from its mapping, or opened for each part. For any
 * thread.
 */
final class OpenFiles {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    OpenFiles(int most) {
        this.most = most;
    }

    /** Whether one more may stay open; then {@link #closed} is called once. */
    boolean mayStay() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    void closed() {
        open.decrementAndGet();
    }
}
