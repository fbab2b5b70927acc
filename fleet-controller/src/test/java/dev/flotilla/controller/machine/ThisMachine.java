package dev.flotilla.controller.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** The machine on which tests run, without SSH. */
public final class ThisMachine implements Machine {
    @Override
    public Outcome run(MachineCommand command, Input input, Consumer<String> heard, Duration limit)
            throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command.words()).start();
            process.getOutputStream().close();
            byte[] out = process.getInputStream().readAllBytes();
            byte[] error = process.getErrorStream().readAllBytes();
            new String(out, StandardCharsets.UTF_8).lines().forEach(heard);
            return new Outcome.Ended(process.waitFor(), out, error, true, Duration.ZERO);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
