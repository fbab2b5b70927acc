package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A system of its own on this machine: processes, files and, where it is on one, network ({@code machine.sh}). It needs root, and
 * fails without. Closing it is as if its power had gone: its disk stays as it is, for another start.
 */
final class OwnSystem implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** What its first process is. */
    enum Init {
        SYSTEMD("systemd"),
        /** Nothing of this machine's is there, but busybox, and it is the init. */
        BUSYBOX("init"),
        /** Nothing starts anything but an SSH server. */
        PLAIN("bash");

        private final String process;

        Init(String process) {
            this.process = process;
        }
    }

    private final Path log;
    private final Process outer;
    private final Optional<Path> groups;
    private final long first;

    private OwnSystem(Path log, Process outer, Optional<Path> groups, long first) {
        this.log = log;
        this.outer = outer;
        this.groups = groups;
        this.first = first;
    }

    /**
     * Starts it, and waits until its first process is done.
     *
     * @param folder holds {@code prepare.sh}, and gets the disk
     * @param prefix how a process comes to where its disk is mounted
     * @param place the network, the address, the port and perhaps the files that it begins with; or nothing
     */
    static OwnSystem start(Path folder, Init init, List<String> prefix, String... place) throws IOException {
        Path script = script("machine.sh", folder.resolve("machine.sh"));
        Path log = folder.resolve("system.log");
        List<String> line = new ArrayList<>(prefix);
        line.addAll(List.of(
                "bash", script.toString(), folder.toString(), init.name().toLowerCase(Locale.ROOT)));
        line.addAll(List.of(place));
        Process outer = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        String name = init.process;
        await("the first process")
                .atMost(PATIENCE)
                .until(() -> !outer.isAlive()
                        || outer.children().anyMatch(child -> named(child).equals(name)));
        long first = outer.children()
                .filter(child -> named(child).equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the system did not start:\n" + read(log)))
                .pid();
        var system = new OwnSystem(
                log, outer, init == Init.SYSTEMD ? Optional.of(groups(outer.pid())) : Optional.empty(), first);
        if (init == Init.SYSTEMD) {
            await("systemd to be done")
                    .atMost(PATIENCE)
                    .until(() -> system.run("systemctl", "is-system-running")
                            .output()
                            .strip()
                            .equals("running"));
        }
        return system;
    }

    /** Copies a script that comes with these tests. */
    static Path script(String name, Path target) throws IOException {
        try (InputStream shipped = Objects.requireNonNull(OwnSystem.class.getResourceAsStream("/" + name))) {
            Files.copy(shipped, target, StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
    }

    private static Path groups(long process) {
        Path all = Path.of(Command.run(List.of("findmnt", "-rn", "-t", "cgroup2", "-o", "TARGET"))
                .succeeded()
                .output()
                .lines()
                .findFirst()
                .orElseThrow());
        String own = read(Path.of("/proc", Long.toString(process), "cgroup"))
                .lines()
                .filter(line -> line.startsWith("0::/"))
                .findFirst()
                .orElseThrow()
                .substring("0::/".length());
        return all.resolve(own);
    }

    private static String named(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "comm"))
                    .strip();
        } catch (IOException ended) {
            return "";
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Runs a command there. */
    Command run(String... command) {
        var line = new ArrayList<>(inside());
        line.addAll(List.of(command));
        return Command.run(line);
    }

    /** What a command line has to begin with to be run there. */
    List<String> inside() {
        return List.of("nsenter", "-t", Long.toString(first), "-p", "-m", "-u", "-i", "-C", "-n", "--");
    }

    /** A file of it, to be read and written from here. */
    Path file(String path) {
        return Path.of("/proc", Long.toString(first), "root").resolve(path.substring(1));
    }

    /** What its first process has said. */
    String log() {
        return read(log);
    }

    @Override
    public void close() {
        outer.destroyForcibly();
        await("the system to end").atMost(PATIENCE).until(() -> !outer.isAlive() && !Files.exists(file("/")));
        groups.ifPresent(
                path -> await("its control groups to be empty").atMost(PATIENCE).until(() -> isRemoved(path)));
    }

    private static boolean isRemoved(Path groups) {
        try (var left = Files.walk(groups)) {
            for (Path group : left.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList()) {
                Files.delete(group);
            }
            return true;
        } catch (IOException stillInUse) {
            return false;
        }
    }
}
