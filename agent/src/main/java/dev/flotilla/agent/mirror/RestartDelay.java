package dev.flotilla.agent.mirror;

import dev.flotilla.agent.configuration.MirrorSettings;
import java.time.Duration;

/** How long to wait before a dead mirror is started again: doubled each time, up to a limit. For one thread. */
final class RestartDelay {
    private final Duration limit;
    private Duration delay;
    private long overAt;
    private boolean waiting;

    RestartDelay(MirrorSettings.Restart settings) {
        this.limit = settings.limit();
        this.delay = settings.delay();
    }

    /** Begins to wait at {@code nanos}; answers for how long. */
    Duration next(long nanos) {
        Duration now = delay;
        overAt = nanos + now.toNanos();
        waiting = true;
        Duration doubled = now.multipliedBy(2);
        delay = doubled.compareTo(limit) > 0 ? limit : doubled;
        return now;
    }

    boolean isOver(long nanos) {
        return !waiting || nanos - overAt >= 0;
    }
}
