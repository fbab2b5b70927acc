package dev.flotilla.controller.machine;

import java.io.IOException;
import java.time.Duration;

/** The machine on which tests run, without SSH. */
public final class ThisMachine implements Machine {
    @Override
    public Outcome run(MachineCommand command, Input input, Duration limit) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command.words()).start();
            process.getOutputStream().close();
            byte[] out = process.getInputStream().readAllBytes();
            byte[] error = process.getErrorStream().readAllBytes();
            return new Outcome.Ended(process.waitFor(), out, error, true, Duration.ZERO);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
