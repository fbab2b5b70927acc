package dev.flotilla.agent;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The wish that the agent ends, which any thread may have and all can wait for. Thread-safe. */
final class Stop {
    private final CountDownLatch wished = new CountDownLatch(1);

    void wish() {
        wished.countDown();
    }

    /** Waits for that long at most; answers whether the wish is there. */
    boolean within(Duration time) throws InterruptedException {
        return wished.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
