package dev.flotilla.controller.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * All processes that run for one state folder: agents, their mirrors, whatever those start, and what is left of an earlier
 * command. Every child gets a variable that names the folder and hands it down; {@code /proc/PID/environ} tells.
 */
final class FleetProcesses {
    /** The variable in the environment of every child. */
    static final String VARIABLE = "FLOTILLA_LOCAL_STATE";

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final String marker;

    FleetProcesses(Path stateFolder) {
        this.marker = VARIABLE + "=" + stateFolder;
    }

    /** What runs now, this process never among it. */
    List<RunningProcess> list() {
        long self = ProcessHandle.current().pid();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .mapToLong(Long::parseLong)
                    .filter(pid -> pid != self && isMarked(pid))
                    .mapToObj(RunningProcess::of)
                    .filter(RunningProcess::isAlive)
                    .toList();
        } catch (IOException noProc) {
            return List.of();
        }
    }

    /**
     * Waits until none runs any more, and kills what still does after {@code patience}.
     *
     * @return those that had to be killed
     */
    List<RunningProcess> awaitEnd(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!list().isEmpty()) {
            if (System.nanoTime() > deadline) {
                List<RunningProcess> left = list();
                left.forEach(RunningProcess::kill);
                return left;
            }
            Thread.sleep(LOOK_EVERY);
        }
        return List.of();
    }

    private boolean isMarked(long pid) {
        try {
            byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            return Stream.of(new String(environment, StandardCharsets.UTF_8).split("\0", -1))
                    .anyMatch(marker::equals);
        } catch (IOException endedOrSomebodyElses) {
            return false;
        }
    }
}
