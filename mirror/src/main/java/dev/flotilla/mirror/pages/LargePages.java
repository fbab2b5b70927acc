package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Room;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Has pages that are larger than usual read, parsed and rendered one after the other: parsed, one takes several times the heap of its
 * bytes, and a few together more than there is. For workers: it blocks.
 */
final class LargePages {
    private final ReentrantLock turn = new ReentrantLock(true);

    /** Does {@code work} on a page that has {@code bytes} as it is stored. */
    <T> T inTurn(long bytes, Supplier<T> work) {
        if (bytes <= Room.USUAL_BYTES) {
            return work.get();
        }
        turn.lock();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }
}
