package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.controller.machine.AsRoot;
import dev.flotilla.controller.machine.FileTransfer;
import dev.flotilla.controller.machine.FileTransfer.Cargo;
import dev.flotilla.controller.machine.FileTransfer.Placed;
import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.vocabulary.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on their way to a real OpenSSH server, and what becomes of them where it breaks. */
@Tag("real")
class FileTransferTest {
    private static final String NAME = "east/east-1";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int SIZE = 24 << 20;

    @TempDir
    Path folder;

    private OpenSshServer server;
    private SshConnections connections;
    private Machine machine;
    private Path file;
    private byte[] content = {};
    private Path target;

    @BeforeEach
    void start() throws IOException {
        Path key = OpenSshServer.key(folder.resolve("id"));
        server = OpenSshServer.start(folder.resolve("server"), key);
        var book = HostKeyBook.open(folder.resolve("host-keys"));
        book.pin(NAME, server.hostKey());
        connections = new SshConnections(
                new Identities(List.of(key), Optional.empty()), book, SshConnections.Limits.usual(LONG));
        machine = connections.machine(server.target(NAME));
        content = new byte[SIZE];
        new Random(7).nextBytes(content);
        file = Files.write(folder.resolve("archive"), content);
        target = folder.resolve("machine/there/archive");
    }

    @AfterEach
    void stop() {
        connections.close();
        server.close();
    }

    private Cargo cargo() {
        return new Cargo(file, Sha256.of(content), target.toString(), "640");
    }

    private Placed place(Machine on) throws Exception {
        return new FileTransfer(on, LONG).place(cargo());
    }

    private Path partial() {
        return target.resolveSibling(".partial-" + Sha256.of(content));
    }

    /** The same machine, with something between it and whoever sends. */
    private Machine with(Between between) {
        return (command, input, heard, limit) -> machine.run(command, () -> between.of(input), heard, limit);
    }

    private interface Between {
        InputStream of(Input input) throws IOException;
    }

    /** Input that does something, once, when so many bytes have gone. */
    private static InputStream after(long bytes, InputStream input, Step step) {
        var left = new AtomicLong(bytes);
        return new FilterInputStream(input) {
            @Override
            public int read(byte[] block, int offset, int length) throws IOException {
                int read = super.read(block, offset, length);
                if (read > 0 && left.getAndAdd(-read) > 0 && left.get() <= 0) {
                    step.take();
                }
                return read;
            }
        };
    }

    private interface Step {
        void take() throws IOException;
    }

    private void killTheConnections() throws IOException {
        for (ProcessHandle child : server.children()) {
            child.destroyForcibly();
        }
    }

    @Test
    void aFileArrivesWholeWithItsModeAndIsNotSentTwice() throws Exception {
        assertThat(place(machine)).isEqualTo(new Placed.Sent(SIZE));
        assertThat(target).hasBinaryContent(content);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-r-----");
        assertThat(place(machine)).isEqualTo(new Placed.Already());
        assertThat(target.getParent()).isDirectoryNotContaining(entry -> !entry.equals(target));
    }

    /** A command whose connection hangs may live on over there, and write when that comes back. */
    @Test
    void whoHangsInAnEarlierTransferWritesNothingIntoTheFile() throws Exception {
        for (int begun : List.of(0, SIZE / 3)) {
            Files.createDirectories(target.getParent());
            Files.write(partial(), Arrays.copyOf(content, begun));
            try (var hanging = Files.newOutputStream(partial(), StandardOpenOption.APPEND)) {
                assertThat(place(machine)).isEqualTo(new Placed.Sent(SIZE - begun));
                hanging.write(content, begun, 1000);
            }
            assertThat(target).hasBinaryContent(content);
            assertThat(target.getParent()).isDirectoryNotContaining(entry -> !entry.equals(target));
            Files.delete(target);
        }
    }

    @Test
    void whatWasThereBeforeStaysUntilTheNewFileIsWholeAndIsThenReplaced() throws Exception {
        Files.createDirectories(target.getParent());
        Files.writeString(target, "before");
        var seen = new AtomicInteger();
        assertThat(place(with(input -> after(SIZE / 2, input.open(), () -> {
                    assertThat(target).hasContent("before");
                    seen.incrementAndGet();
                }))))
                .isEqualTo(new Placed.Sent(SIZE));
        assertThat(seen).hasValue(1);
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aTransferThatBreaksGoesOnWhereItBroke() throws Exception {
        var broken = new AtomicBoolean();
        // Only a command that sends has input, and the first of those is broken.
        Placed placed = place(with(input -> after(SIZE / 2, input.open(), () -> {
            if (broken.compareAndSet(false, true)) {
                killTheConnections();
            }
        })));
        assertThat(placed)
                .isInstanceOfSatisfying(
                        Placed.Sent.class, sent -> assertThat(sent.bytes()).isGreaterThan(SIZE));
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void whatAnotherRunLeftIsGoneOnWith() throws Exception {
        Files.createDirectories(target.getParent());
        Files.write(partial(), Arrays.copyOf(content, SIZE - 1000));
        assertThat(place(machine)).isEqualTo(new Placed.Sent(1000));
        assertThat(target).hasBinaryContent(content);
        assertThat(partial()).doesNotExist();
    }

    @Test
    void aRestThatIsDamagedIsThrownAwayAndTheFileSentAnew() throws Exception {
        Files.createDirectories(target.getParent());
        Files.write(partial(), new byte[SIZE - 1000]);
        assertThat(place(machine)).isEqualTo(new Placed.Sent(SIZE + 1000));
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aFileThatChangesMeanwhileNeverArrives() throws Exception {
        Files.write(file, new byte[SIZE]);
        assertThat(place(machine))
                .isInstanceOfSatisfying(
                        Placed.Failed.class,
                        failed -> assertThat(failed.text()).contains("what arrived has another digest"));
        assertThat(target).doesNotExist();
        assertThat(partial()).doesNotExist();
    }

    @Test
    void aFileThatCanNotBeReadHereIsSaidToBeSo() {
        var missing = new Cargo(folder.resolve("missing"), Sha256.of(content), target.toString(), "640");
        assertThatThrownBy(() -> new FileTransfer(machine, LONG).place(missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void aFolderThatCanNotBeMadeIsAClearLine() throws Exception {
        var cargo = new Cargo(file, Sha256.of(content), "/proc/nothing/archive", "640");
        assertThat(new FileTransfer(machine, LONG).place(cargo))
                .isInstanceOfSatisfying(
                        Placed.Failed.class,
                        failed -> assertThat(failed.text())
                                .startsWith("/proc/nothing/archive can't be brought there: ")
                                .contains("mkdir"));
    }

    @Test
    void aMachineThatHangsInTheMiddleIsGivenUpAndTheNextRunFinishes() throws Exception {
        Machine hanging = with(input -> after(SIZE / 3, input.open(), () -> {
            for (ProcessHandle child : server.children()) {
                OpenSshServer.run("kill", "-STOP", Long.toString(child.pid()));
            }
        }));
        long begin = System.nanoTime();
        Placed placed = new FileTransfer(hanging, Duration.ofSeconds(4)).place(cargo());
        assertThat(placed)
                .isInstanceOfSatisfying(
                        Placed.Failed.class, failed -> assertThat(failed.text()).contains("took longer than"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        assertThat(target).doesNotExist();
        killTheConnections();
        assertThat(place(machine)).isInstanceOf(Placed.Sent.class);
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aFullDiskIsAClearLineAndLeavesRoom() throws Exception {
        assertThat(OpenSshServer.USER)
                .as("only root mounts file systems: run the real tier as root")
                .isEqualTo("root");
        Path small = Files.createDirectories(target.getParent());
        OpenSshServer.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small.toString());
        try {
            assertThat(place(machine))
                    .isInstanceOfSatisfying(
                            Placed.Failed.class,
                            failed -> assertThat(failed.text()).contains("the disk is too full", "KiB free"));
            // It looked large enough, and somebody else filled it.
            Machine believing = (command, input, heard, limit) -> {
                var words = command.words().stream()
                        .map(word -> word.replace("df -Pk", "false"))
                        .toList();
                return machine.run(new MachineCommand(words), input, heard, limit);
            };
            assertThat(place(believing))
                    .isInstanceOfSatisfying(
                            Placed.Failed.class,
                            failed -> assertThat(failed.text()).contains("No space left on device"));
            assertThat(small).isEmptyDirectory();
        } finally {
            OpenSshServer.run("umount", small.toString());
        }
    }

    @Test
    void commandsRunAsRootBySudoAndOneThatWantsAPasswordIsNamed() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        // Stands in for sudo where the rules of the machine that runs the tests are nobody's to change: its words are
        // sudo's own.
        Path sudo = bin.resolve("sudo");
        Files.writeString(sudo, """
                #!/bin/sh
                [ "$1 $2" = "-n --" ] || exit 99
                [ "$LC_ALL" = C ] || exit 98
                case $(cat '%s/rule') in
                    free) shift 2; exec "$@" ;;
                    password) echo 'sudo: a password is required' >&2; exit 1 ;;
                    *) echo "user is not in the sudoers file." >&2; exit 1 ;;
                esac
                """.formatted(folder));
        assertThat(sudo.toFile().setExecutable(true)).isTrue();
        Machine withPath = (command, input, heard, limit) -> {
            var words = new ArrayList<>(List.of("env", "PATH=" + bin + ":/usr/bin:/bin"));
            words.addAll(command.words());
            return machine.run(new MachineCommand(words), input, heard, limit);
        };
        var root = new AsRoot(withPath, "admin");
        Files.writeString(folder.resolve("rule"), "free");
        assertThat(place(root)).isEqualTo(new Placed.Sent(SIZE));
        assertThat(root.run(MachineCommand.of("sh", "-c", "echo password >&2; exit 1"), LONG))
                .as("a command's own words aren't taken for sudo's")
                .isInstanceOfSatisfying(
                        Outcome.Ended.class,
                        ended -> assertThat(ended.exitCode()).isEqualTo(1));
        Files.writeString(folder.resolve("rule"), "password");
        assertThat(root.run(MachineCommand.of("true"), LONG)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(Outcome.Reason.NOT_ALLOWED);
            assertThat(failed.text()).contains("wants a password of admin", "NOPASSWD", "/etc/sudoers.d/flotilla");
        });
        Files.writeString(folder.resolve("rule"), "none");
        assertThat(root.run(MachineCommand.of("true"), LONG))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.text()).contains("sudo refuses admin", "not in the sudoers file"));
    }
}
