package dev.flotilla.controller.machine;

import java.time.Duration;
import java.util.function.Consumer;

/** A machine that runs commands. Safe for many threads. */
public interface Machine {
    /**
     * Runs {@code command} with no input. Comes back within {@code limit}, and a moment, whatever the machine does; a command
     * that was still running then may go on there.
     */
    default Outcome run(MachineCommand command, Duration limit) throws InterruptedException {
        return run(command, Input.NOTHING, limit);
    }

    /** Runs {@code command} with {@code input}, likewise. Input that can't be read ends early: whoever cares counts it. */
    default Outcome run(MachineCommand command, Input input, Duration limit) throws InterruptedException {
        return run(command, input, line -> {}, limit);
    }

    /**
     * The same, and {@code heard} is told each line of standard output as it comes, by another thread and one at a time. What a broken
     * connection has swallowed is never heard.
     */
    Outcome run(MachineCommand command, Input input, Consumer<String> heard, Duration limit)
            throws InterruptedException;
}
