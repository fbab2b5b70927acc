package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A network of its own, of which nothing is left when its process ends: a command runs on a real SSH server, and once it has said
 * something no packet gets through any more. What becomes of it is printed.
 */
final class SilentNetwork {
    private SilentNetwork() {}

    /** What {@link #main} says, run on a network of its own. */
    static String run(Path folder, Duration alive) throws Exception {
        assertThat(OpenSshServer.USER)
                .as("only root makes networks: run the real tier as root")
                .isEqualTo("root");
        Path log = folder.resolve("network.log");
        Process process = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "--fork",
                        "--kill-child",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Djava.net.preferIPv4Stack=true", // So that its connections stand in /proc/net/tcp.
                        "-cp",
                        System.getProperty("java.class.path"),
                        SilentNetwork.class.getName(),
                        folder.toString(),
                        alive.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS))
                    .as("the network's program ends; it said: %s", Files.readString(log))
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.onExit().join();
        }
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    /** A folder of its own, and how often the machine is asked whether it is still there. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        loopback("up");
        Path key = OpenSshServer.key(folder.resolve("id"));
        var book = HostKeyBook.open(folder.resolve("host-keys"));
        var usual = SshConnections.Limits.usual(Duration.ofSeconds(1));
        var limits = new SshConnections.Limits(
                usual.connect(),
                usual.startsAtOnce(),
                usual.commandsAtOnce(),
                Duration.parse(arguments[1]),
                usual.idle(),
                usual.outputBytes());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var server = OpenSshServer.start(folder.resolve("server"), key);
                var connections = new SshConnections(new Identities(List.of(key), Optional.empty()), book, limits)) {
            book.pin("east/east-1", server.hostKey());
            var command = MachineCommand.of("sh", "-c", "echo begun; exec sleep 600");
            var begun = new CountDownLatch(1);
            var machine = connections.machine(server.target("east/east-1"));
            Future<Outcome> never = threads.submit(
                    () -> machine.run(command, Input.NOTHING, line -> begun.countDown(), Duration.ofMinutes(2)));
            begun.await();
            assertThat(isConnected(server.port())).isTrue();
            loopback("down");
            long begin = System.nanoTime();
            await().atMost(Duration.ofMinutes(1)).until(() -> !isConnected(server.port()));
            assertThat(never).isNotDone();
            System.out.println(Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    /** Whether this network has a connection to the port that its client hasn't given up: proc_net_tcp(5), state 01. */
    private static boolean isConnected(int port) throws IOException {
        String remote = "0100007F:%04X".formatted(port);
        try (var lines = Files.lines(Path.of("/proc/self/net/tcp"))) {
            return lines.map(line -> line.strip().split(" +", 5))
                    .anyMatch(columns -> columns[2].equals(remote) && columns[3].equals("01"));
        }
    }

    private static void loopback(String state) throws IOException {
        OpenSshServer.run("ip", "link", "set", "lo", state);
    }
}
