package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Room;
import dev.flotilla.vocabulary.ByteSize;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Bounds the heap that the bodies of large pages take together while they come. Room is given in the order in which it was
 * asked for; a page for which there is never enough gets it alone. Where all who have some wait for more, the one that has
 * the most gets it all the same, since nobody would ever give any back: the bound is exceeded by one page at most. For any thread.
 */
final class ArrivingPages {
    private final long limit;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private long taken;

    /** How many have room and don't wait for more. */
    private int coming;

    ArrivingPages(ByteSize limit) {
        this.limit = limit.bytes();
    }

    /** Room for one page, to be closed when its body isn't needed any more. */
    Place open() {
        return new Place();
    }

    /** The room of one page. */
    final class Place implements Room, AutoCloseable {
        private long held;
        private long wanted;
        private Runnable granted = () -> {};
        private boolean closed;

        @Override
        public void want(long bytes, Runnable whenGranted) {
            change(() -> {
                if (closed) {
                    return;
                }
                stopComing();
                wanted = Math.max(held, bytes);
                granted = whenGranted;
                if (wanted == held) {
                    waiting.addFirst(this);
                } else {
                    waiting.addLast(this);
                }
            });
        }

        @Override
        public void close() {
            change(() -> {
                if (closed) {
                    return;
                }
                closed = true;
                stopComing();
                taken -= held;
                held = 0;
            });
        }

        /** The place of an earlier question is given up, too. */
        private void stopComing() {
            boolean waited = waiting.remove(this);
            coming -= held > 0 && !waited ? 1 : 0;
        }

        private Runnable grant() {
            taken += wanted - held;
            held = wanted;
            coming++;
            return granted;
        }
    }

    private void change(Runnable change) {
        List<Runnable> granted = new ArrayList<>();
        synchronized (this) {
            change.run();
            for (var next = next(); next.isPresent(); next = next()) {
                waiting.remove(next.get());
                granted.add(next.get().grant());
            }
        }
        granted.forEach(Runnable::run);
    }

    /** The first one, where there is room; where nobody would ever make room, the one that has the most already. */
    private Optional<Place> next() {
        return coming == 0
                ? waiting.stream().max(Comparator.comparingLong(place -> place.held))
                : Optional.ofNullable(waiting.peek())
                        .filter(first -> first.wanted == first.held || taken + first.wanted - first.held <= limit);
    }

    /** How many bytes are given away. */
    synchronized long bytes() {
        return taken;
    }
}
