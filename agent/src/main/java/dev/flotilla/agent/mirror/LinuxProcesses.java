package dev.flotilla.agent.mirror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The machine's processes as {@code /proc} shows them (proc(5)). The JDK's view of processes knows neither zombies nor
 * sessions, and computes start times from a clock that may be set.
 */
final class LinuxProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final int LARGEST_BYTES = 256 << 10;

    /** Positions behind the command's name, which is the only field that may hold blanks. */
    private static final int STATE = 0;

    private static final int SESSION = 3;
    private static final int START_TICKS = 19;

    /** The process that has this number now, unless it is dead and only waits for its parent to notice. */
    Optional<ProcessIdentity> identify(long pid) {
        return fields(pid)
                .filter(fields -> !fields[STATE].equals("Z") && !fields[STATE].equals("X"))
                .map(fields -> new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS]), boot()));
    }

    boolean isAlive(ProcessIdentity process) {
        return identify(process.pid()).filter(process::equals).isPresent();
    }

    /** The living leaders of sessions that have {@code variable=value} in their environment, as far as this user may see it. */
    List<ProcessIdentity> sessionLeadersWith(String variable, String value) {
        List<ProcessIdentity> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                if (name.chars().allMatch(Character::isDigit)) {
                    long pid = Long.parseLong(name);
                    leader(pid)
                            .filter(leader -> environment(pid, variable).equals(Optional.of(value)))
                            .ifPresent(found::add);
                }
            }
        } catch (IOException noProc) {
            return List.of();
        }
        return found;
    }

    private Optional<ProcessIdentity> leader(long pid) {
        return fields(pid)
                .filter(fields -> fields[SESSION].equals(Long.toString(pid)))
                .flatMap(ignored -> identify(pid));
    }

    /** One variable that a process was started with. */
    Optional<String> environment(long pid, String variable) {
        return read(PROC.resolve(Long.toString(pid)).resolve("environ"))
                .flatMap(text -> Stream.of(text.split("\0"))
                        .filter(entry -> entry.startsWith(variable + "="))
                        .map(entry -> entry.substring(variable.length() + 1))
                        .findFirst());
    }

    private static Optional<String[]> fields(long pid) {
        return read(PROC.resolve(Long.toString(pid)).resolve("stat"))
                .filter(stat -> stat.contains(") "))
                .map(stat -> stat.substring(stat.lastIndexOf(") ") + 2).split(" "))
                .filter(fields -> fields.length > START_TICKS);
    }

    private static String boot() {
        return read(PROC.resolve("sys/kernel/random/boot_id"))
                .map(String::strip)
                .orElse("unknown");
    }

    private static Optional<String> read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readNBytes(LARGEST_BYTES), StandardCharsets.UTF_8));
        } catch (IOException goneOrNotOurs) {
            return Optional.empty();
        }
    }
}
