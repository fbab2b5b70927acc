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
import java.util.Objects;

/** A node that systemd runs, as process 1 of namespaces on this machine. It needs root, and fails without. */
final class SystemdNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path folder;
    private final Process outer;
    private final Path groups;
    private final long systemd;

    private SystemdNode(Path folder, Process outer, Path groups, long systemd) {
        this.folder = folder;
        this.outer = outer;
        this.groups = groups;
        this.systemd = systemd;
    }

    /** @param folder holds {@code agent.conf}, {@code root.json} and {@code aws.env} */
    static SystemdNode start(Path folder, Path agent) throws IOException {
        Path script = folder.resolve("systemd-node.sh");
        try (InputStream shipped = Objects.requireNonNull(SystemdNode.class.getResourceAsStream("/systemd-node.sh"))) {
            Files.copy(shipped, script, StandardCopyOption.REPLACE_EXISTING);
        }
        Process outer = new ProcessBuilder(
                        "bash", script.toString(), folder.toString(), agent.toString(), System.getProperty("java.home"))
                .redirectErrorStream(true)
                .redirectOutput(log(folder).toFile())
                .start();
        await("systemd to be process 1")
                .atMost(PATIENCE)
                .until(() -> !outer.isAlive()
                        || outer.children().anyMatch(child -> named(child).equals("systemd")));
        long systemd = outer.children()
                .filter(child -> named(child).equals("systemd"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("systemd did not start:\n" + read(log(folder))))
                .pid();
        Path groups = Path.of(Command.run(List.of("findmnt", "-rn", "-t", "cgroup2", "-o", "TARGET"))
                .succeeded()
                .output()
                .lines()
                .findFirst()
                .orElseThrow());
        String own = read(Path.of("/proc", Long.toString(outer.pid()), "cgroup"))
                .lines()
                .filter(line -> line.startsWith("0::/"))
                .findFirst()
                .orElseThrow()
                .substring("0::/".length());
        var node = new SystemdNode(folder, outer, groups.resolve(own), systemd);
        await("systemd to be done")
                .atMost(PATIENCE)
                .until(() -> node.run("systemctl", "is-system-running")
                        .output()
                        .strip()
                        .equals("running"));
        return node;
    }

    private static Path log(Path folder) {
        return folder.resolve("systemd.log");
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

    /** Runs a command on the node. */
    Command run(String... command) {
        var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(systemd), "-p", "-m", "-u", "-i", "-C"));
        line.addAll(List.of(command));
        return Command.run(line);
    }

    /** One property of a unit. */
    String property(String unit, String name) {
        return run("systemctl", "show", "--value", "--property=" + name, unit)
                .succeeded()
                .output()
                .strip();
    }

    /** A file of the node, to be read from here. */
    Path file(String path) {
        return Path.of("/proc", Long.toString(systemd), "root").resolve(path.substring(1));
    }

    /** What {@code /proc/‹pid›/‹name›} says of a process of the node, by the node's own number for it. */
    String process(long pid, String name) {
        return run("cat", "/proc/" + pid + "/" + name).succeeded().output();
    }

    /** What happened, for those who look for a reason. */
    String log() {
        Path agent = file("/var/log/flotilla-agent.log");
        return read(log(folder)) + (Files.exists(agent) ? read(agent) : "");
    }

    @Override
    public void close() {
        outer.destroyForcibly();
        await("the node to end").atMost(PATIENCE).until(() -> !outer.isAlive());
        await("its control groups to be empty").atMost(PATIENCE).until(() -> {
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
        });
    }
}
