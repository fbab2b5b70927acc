package dev.flotilla.mirror.pages;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** How often in a second clients' wishes make this mirror ask upstream. For any thread, without locks. */
final class RefreshBudget {
    private final int perSecond;
    private final AtomicReference<Spent> spent = new AtomicReference<>(new Spent(Long.MIN_VALUE, 0));

    private record Spent(long second, int count) {}

    RefreshBudget(int perSecond) {
        this.perSecond = perSecond;
    }

    /** Whether no wish is ever granted. */
    boolean isNone() {
        return perSecond == 0;
    }

    /** Takes one of this second's, where any is left. */
    boolean tryTake(Instant now) {
        while (true) {
            var before = spent.get();
            int count = before.second() == now.getEpochSecond() ? before.count() : 0;
            if (count >= perSecond) {
                return false;
            }
            if (spent.compareAndSet(before, new Spent(now.getEpochSecond(), count + 1))) {
                return true;
            }
        }
    }
}
