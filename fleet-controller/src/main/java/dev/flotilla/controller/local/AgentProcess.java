package dev.flotilla.controller.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The agent of one region as a process in a session of its own, on a lifeline; started again when it dies. It is ended by
 * its lifeline and not from here. Thread-safe.
 */
final class AgentProcess {
    /** Long enough that a person sees the agent missing, and that one which can't start doesn't keep the machine busy. */
    private static final Duration RESTART_DELAY = Duration.ofSeconds(5);

    private static final Duration RESTART_DELAY_LIMIT = Duration.ofMinutes(1);

    /** A log that is larger at a start is put aside; one older log is kept. */
    private static final long LARGEST_LOG_BYTES = 4L << 20;

    private final LocalRegion region;
    private final Launch launch;
    private final Consumer<String> events;
    private @Nullable Process process;
    private boolean ending;

    /**
     * How to start it.
     *
     * @param environment goes over this process's own
     */
    record Launch(List<String> command, Map<String, String> environment, Path log, Lifeline lifeline) {
        Launch {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /** @param events told when the agent died and when it runs again */
    AgentProcess(LocalRegion region, Launch launch, Consumer<String> events) {
        this.region = region;
        this.launch = launch;
        this.events = events;
    }

    /** Starts the process; from now on it is started again whenever it ends. */
    void start() throws IOException {
        Process first = launchOnce();
        if (first != null) {
            Thread.ofVirtual().name("agent-" + region.name()).start(() -> keepRunning(first));
        }
    }

    /** The number of the process that runs now, or of the last one. */
    synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** From now on nothing is started again. */
    synchronized void end() {
        ending = true;
        notifyAll();
    }

    private void keepRunning(Process first) {
        var delay = new RestartDelay(RESTART_DELAY, RESTART_DELAY_LIMIT);
        Process current = first;
        long begun = System.nanoTime();
        try {
            while (true) {
                int exit = current.waitFor();
                Duration wait = delay.after(Duration.ofNanos(System.nanoTime() - begun));
                if (isEnding()) {
                    return;
                }
                events.accept("agent of " + region.name() + " ended (" + exitInWords(exit) + "); starting it again in "
                        + wait.toSeconds() + " s. Its mirror goes on serving");
                Process next = launchAfter(wait, delay);
                if (next == null) {
                    return;
                }
                begun = System.nanoTime();
                current = next;
                events.accept("agent of " + region.name() + " runs again (process " + current.pid() + ")");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tries until it starts: what keeps a process from starting, such as too many of them, passes. Null once it is to end. */
    private @Nullable Process launchAfter(Duration first, RestartDelay delay) throws InterruptedException {
        Duration wait = first;
        while (pause(wait)) {
            try {
                return launchOnce();
            } catch (IOException failed) {
                wait = delay.after(Duration.ZERO);
                events.accept("agent of " + region.name() + " can't be started again: " + failed.getMessage()
                        + "; trying once more in " + wait.toSeconds() + " s");
            }
        }
        return null;
    }

    private static String exitInWords(int exit) {
        int signalBase = 128;
        return exit > signalBase ? "killed by signal " + (exit - signalBase) : "exit code " + exit;
    }

    private synchronized @Nullable Process launchOnce() throws IOException {
        if (ending) {
            return null;
        }
        putLargeLogAside();
        var builder = new ProcessBuilder(launch.command())
                .redirectInput(launch.lifeline().input())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(launch.log().toFile()))
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().putAll(launch.environment());
        Process started = builder.start();
        process = started;
        return started;
    }

    private void putLargeLogAside() throws IOException {
        if (Files.exists(launch.log()) && Files.size(launch.log()) > LARGEST_LOG_BYTES) {
            Files.move(
                    launch.log(),
                    launch.log().resolveSibling(launch.log().getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private synchronized boolean isEnding() {
        return ending;
    }

    /** Whether the time passed without an end. */
    private synchronized boolean pause(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (!ending) {
            long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                return true;
            }
            wait(left);
        }
        return false;
    }
}
