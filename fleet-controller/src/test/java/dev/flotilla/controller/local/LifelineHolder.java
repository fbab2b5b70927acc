package dev.flotilla.controller.local;

import java.nio.file.Path;

/** A process that holds a lifeline with one child on it, for tests that kill it. */
final class LifelineHolder {
    private LifelineHolder() {}

    /** {@code LifelineHolder FIFO STATE}: prints the child's process number and stays until its own input ends. */
    public static void main(String[] arguments) throws Exception {
        try (var lifeline = Lifeline.hold(Path.of(arguments[0]))) {
            var builder = new ProcessBuilder("setsid", "cat").redirectInput(lifeline.input());
            builder.environment().put(FleetProcesses.VARIABLE, arguments[1]);
            Process child = builder.start();
            System.out.println(child.pid());
            System.in.transferTo(System.out);
        }
    }
}
