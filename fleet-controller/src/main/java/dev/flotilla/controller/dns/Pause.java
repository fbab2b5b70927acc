package dev.flotilla.controller.dns;

import java.time.Duration;

/** How to let time pass: {@code Thread::sleep}, except in tests. */
@FunctionalInterface
public interface Pause {
    void elapse(Duration duration) throws InterruptedException;
}
