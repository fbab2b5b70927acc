package dev.flotilla.controller.machine;

import java.time.Duration;

/** A machine that runs commands. Safe for many threads. */
public interface Machine {
    /**
     * Runs {@code command} with no input. Comes back within {@code limit}, and a moment, whatever the machine does; a command
     * that was still running then may go on there.
     */
    Outcome run(MachineCommand command, Duration limit) throws InterruptedException;
}
