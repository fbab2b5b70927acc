package dev.flotilla.controller.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process of this machine, told from a later one with the same number by its start time.
 *
 * @param startTicks when it started, in clock ticks since the machine did (field 22 of {@code /proc/PID/stat}, proc(5))
 */
record RunningProcess(long pid, long startTicks) {
    private static final int STATE_FIELD = 0;
    private static final int START_FIELD = 19;

    /** The process that has {@code pid} now; a dead one where there is none. */
    static RunningProcess of(long pid) {
        String[] fields = fields(pid);
        return new RunningProcess(pid, fields.length > START_FIELD ? Long.parseLong(fields[START_FIELD]) : -1);
    }

    /** Whether it still runs. One that has ended and waits to be noticed by its parent (a zombie) doesn't. */
    boolean isAlive() {
        String[] fields = fields(pid);
        return fields.length > START_FIELD
                && Long.parseLong(fields[START_FIELD]) == startTicks
                && !fields[STATE_FIELD].equals("Z")
                && !fields[STATE_FIELD].equals("X");
    }

    /** Ends it at once (SIGKILL). */
    void kill() {
        if (isAlive()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** What follows the program's name, which stands in parentheses and may hold anything. */
    private static String[] fields(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        } catch (IOException ended) {
            return new String[0];
        }
    }
}
