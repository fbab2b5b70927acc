package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A real OpenSSH server on a free port of loopback, for the user who runs the tests, with a home folder of its own. */
public final class OpenSshServer implements AutoCloseable {
    public static final String USER = System.getProperty("user.name");

    private static final Path SSHD = Path.of("/usr/sbin/sshd");

    private final Path folder;
    private final Process process;
    private final int port;

    private OpenSshServer(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Starts one with a host key of its own that lets in those with {@code key}. */
    public static OpenSshServer start(Path folder, Path key, String... more) throws IOException {
        return start(folder, key, FreePort.choose(), more);
    }

    static OpenSshServer start(Path folder, Path key, int port, String... more) throws IOException {
        assertThat(SSHD).as("openssh-server has to be installed for this test").isExecutable();
        Path hostKey = key(Files.createDirectories(folder).resolve("host_key"));
        Path home = Files.createDirectories(folder.resolve("home"));
        if (USER.equals("root")) {
            Files.createDirectories(
                    Path.of("/run/sshd")); // Where the server of root changes its root to: it has to be there.
        }
        List<String> settings = new ArrayList<>(List.of(
                "Port " + port,
                "ListenAddress 127.0.0.1",
                "HostKey " + hostKey,
                "PidFile none",
                "AuthorizedKeysFile " + key + ".pub",
                "PermitRootLogin yes",
                "StrictModes no",
                "UsePAM no",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "SetEnv HOME=" + home));
        settings.addAll(Arrays.asList(more));
        Path configuration = Files.write(folder.resolve("sshd_config"), settings);
        Process process = new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            assertThat(process.isAlive())
                    .as(folder.resolve("sshd.log").toString())
                    .isTrue();
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return new OpenSshServer(folder, process, port);
    }

    /** Makes a pair of keys without a passphrase: {@code file} and {@code file.pub}. */
    public static Path key(Path file) throws IOException {
        if (Files.notExists(file)) {
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file.toString());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        return file;
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(output).isZero();
    }

    public int port() {
        return port;
    }

    Path home() {
        return folder.resolve("home");
    }

    /** The key that the server shows. */
    public PublicHostKey hostKey() throws IOException {
        return new PublicHostKey(
                Files.readString(folder.resolve("host_key.pub")).split(" ", -1)[1]);
    }

    SshTarget target(String machine) {
        return new SshTarget(machine, "127.0.0.1", port, USER);
    }

    /** The processes that the server has for those who are connected. */
    List<ProcessHandle> children() {
        return process.children().toList();
    }

    /** Ends the server, all who were let in by it, and what they left running: that has their home folder in its environment. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        ProcessHandle.allProcesses().filter(this::isAtHome).forEach(ProcessHandle::destroyForcibly);
    }

    private boolean isAtHome(ProcessHandle other) {
        Path environment = Path.of("/proc", Long.toString(other.pid()), "environ");
        try {
            return Arrays.asList(Files.readString(environment, StandardCharsets.ISO_8859_1)
                            .split("\0", -1))
                    .contains("HOME=" + home());
        } catch (IOException gone) {
            return false; // It has ended, or is somebody else's.
        }
    }
}
