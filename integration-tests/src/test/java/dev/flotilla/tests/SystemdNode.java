package dev.flotilla.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node that systemd runs, as process 1 of a system of its own on this machine, whose network it shares. */
final class SystemdNode implements AutoCloseable {
    private final OwnSystem system;

    private SystemdNode(OwnSystem system) {
        this.system = system;
    }

    /** @param folder holds {@code agent.conf}, {@code root.json} and {@code agent.env} */
    static SystemdNode start(Path folder) throws IOException {
        Path tree = Path.of(System.getProperty("flotilla.root"), "node/target/flotilla-node");
        Path prepare = OwnSystem.script("systemd-node.sh", folder.resolve("prepare.sh"));
        Files.writeString(prepare, "tree='" + tree.toAbsolutePath() + "'\n" + Files.readString(prepare));
        return new SystemdNode(OwnSystem.start(folder, OwnSystem.Init.SYSTEMD, List.of()));
    }

    /** Runs the script of the unpacked archive with what the node is told of who it is. */
    Command install(String... options) {
        var line = new ArrayList<>(List.of(
                "/opt/flotilla-node/install.sh",
                "--agent-conf",
                "/opt/given/agent.conf",
                "--trust-root",
                "/opt/given/root.json",
                "--environment",
                "/opt/given/agent.env"));
        line.addAll(List.of(options));
        return run(line.toArray(String[]::new));
    }

    /** Runs a command on the node. */
    Command run(String... command) {
        return system.run(command);
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
        return system.file(path);
    }

    /** What {@code /proc/‹pid›/‹name›} says of a process of the node, by the node's own number for it. */
    String process(long pid, String name) {
        return run("cat", "/proc/" + pid + "/" + name).succeeded().output();
    }

    /** What happened, for those who look for a reason. */
    String log() {
        Path agent = file("/var/log/flotilla-agent.log");
        try {
            return system.log() + (Files.exists(agent) ? Files.readString(agent) : "");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        system.close();
    }
}
