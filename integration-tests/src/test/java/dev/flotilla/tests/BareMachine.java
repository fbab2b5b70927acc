package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A machine with nothing but a real OpenSSH server: an address of loopback of its own, and a folder of its own below which
 * everything is installed. Closing it removes whatever became of it.
 */
final class BareMachine implements AutoCloseable {
    private static final Path TREE = Path.of(System.getProperty("flotilla.root"), "node/target/flotilla-node");

    private final Path folder;
    private final String address;
    private final int port;
    private final Path userKey;
    private Process server;

    private BareMachine(Path folder, String address, int port, Path userKey) throws IOException {
        this.folder = folder;
        this.address = address;
        this.port = port;
        this.userKey = userKey;
        this.server = listen();
    }

    /** A machine that lets in whoever has {@code userKey}. */
    static BareMachine start(Path folder, String address, Path userKey) throws IOException {
        Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(folder.resolve("home"));
        key(folder.resolve("host_key"));
        return new BareMachine(folder, address, freePort(address), userKey);
    }

    static Path key(Path file) {
        Command.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString()))
                .succeeded();
        return file;
    }

    static int freePort(String address) throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return socket.getLocalPort();
        }
    }

    private Process listen() throws IOException {
        if (System.getProperty("user.name").equals("root")) {
            Files.createDirectories(Path.of("/run/sshd")); // Where the server of root changes its root to.
        }
        Path configuration = Files.write(
                folder.resolve("sshd_config"),
                List.of(
                        "Port " + port,
                        "ListenAddress " + address,
                        "HostKey " + folder.resolve("host_key"),
                        "PidFile none",
                        "AuthorizedKeysFile " + userKey + ".pub",
                        "PermitRootLogin yes",
                        "StrictModes no",
                        "UsePAM no",
                        "PasswordAuthentication no",
                        "KbdInteractiveAuthentication no",
                        "SetEnv HOME=" + folder.resolve("home")));
        Process started = new ProcessBuilder("/usr/sbin/sshd", "-D", "-e", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (var socket = new Socket(address, port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return started;
    }

    String address() {
        return address;
    }

    int port() {
        return port;
    }

    /** Below which everything is installed. */
    Path root() {
        return folder.resolve("root");
    }

    Path installed() {
        return root().resolve("opt/flotilla/current");
    }

    /** Ends the server and all who were let in by it; what runs on the machine goes on. */
    void unplug() {
        server.children().forEach(ProcessHandle::destroyForcibly);
        server.destroyForcibly();
        server.onExit().join();
    }

    void plugIn() {
        try {
            server = listen();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        unplug();
        Command.run(List.of(
                        TREE.resolve("install.sh").toString(),
                        "--uninstall",
                        "--with-store",
                        "--root",
                        root().toString(),
                        "--user",
                        System.getProperty("user.name")))
                .succeeded();
    }
}
