package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.Outcome.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines behind a jump host, all of them real OpenSSH servers. */
@Tag("real")
class JumpHostTest {
    private static final String NAME = "east/east-1";
    private static final String JUMP_HOST = "jump/bastion";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path key;
    private OpenSshServer machine;
    private HostKeyBook book;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        key = OpenSshServer.key(folder.resolve("id"));
        machine = OpenSshServer.start(folder.resolve("machine"), key);
        opened.add(machine);
        book = HostKeyBook.open(folder.resolve("host-keys"));
        book.pin(NAME, machine.hostKey());
    }

    @AfterEach
    void stop() throws Exception {
        for (var one : opened.reversed()) {
            one.close();
        }
    }

    private OpenSshServer jumpHost(String... settings) throws IOException {
        var server = OpenSshServer.start(folder.resolve("jump-host"), key, settings);
        opened.add(server);
        return server;
    }

    private SshConnections connections() throws IOException {
        return connections(SshConnections.Limits.usual(LONG));
    }

    private SshConnections connections(SshConnections.Limits limits) throws IOException {
        var connections = new SshConnections(new Identities(List.of(key), Optional.empty()), book, limits);
        opened.add(connections);
        return connections;
    }

    private SshTarget through(OpenSshServer jumpHost, String name, OpenSshServer to) {
        SshTarget direct = to.target(name);
        return new SshTarget(
                name, direct.host(), direct.port(), direct.user(), Optional.of(jumpHost.target(JUMP_HOST)));
    }

    private static Outcome run(SshConnections connections, SshTarget target, String... words)
            throws InterruptedException {
        return connections.machine(target).run(MachineCommand.of(words), LONG);
    }

    private static String failed(Outcome outcome, Reason reason) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).as(failed.text()).isEqualTo(reason));
        return ((Outcome.Failed) outcome).text();
    }

    @Test
    void commandsReachAMachineBehindAJumpHost() throws Exception {
        var jumpHost = jumpHost("ForceCommand /bin/false");
        book.pin(JUMP_HOST, jumpHost.hostKey());
        var outcome = run(connections(), through(jumpHost, NAME, machine), "sh", "-c", "echo here; exit 3");
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Ended.class, ended -> {
            assertThat(ended.outText()).isEqualTo("here\n");
            assertThat(ended.exitCode()).isEqualTo(3);
        });
        assertThat(jumpHost.children()).as("those who are on it").isNotEmpty();
    }

    @Test
    void manyMachinesBehindItShareOneSessionToIt() throws Exception {
        var jumpHost = jumpHost("MaxStartups 1", "MaxSessions 1");
        book.pin(JUMP_HOST, jumpHost.hostKey());
        // One starts at a time: whoever kept that turn while he waits for the way would wait in vain.
        var connections = connections(
                new SshConnections.Limits(LONG, 1, 8, Duration.ofSeconds(10), Duration.ofMinutes(2), 1 << 16));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> running = new ArrayList<>();
            for (int i : IntStream.range(0, 12).toArray()) {
                String name = "east/east-" + i;
                book.pin(name, machine.hostKey());
                running.add(threads.submit(() -> run(connections, through(jumpHost, name, machine), "true")));
            }
            for (var one : running) {
                assertThat(one.get()).isInstanceOf(Outcome.Ended.class);
            }
        }
        assertThat(jumpHost.children()).hasSize(1);
    }

    /** The jump host runs no command itself: only what goes through it uses it. */
    @Test
    void theWayIsKeptWhileSomethingGoesThroughItAndLeftAfterwards() throws Exception {
        var jumpHost = jumpHost();
        book.pin(JUMP_HOST, jumpHost.hostKey());
        var connections = connections(
                new SshConnections.Limits(LONG, 10, 8, Duration.ofSeconds(10), Duration.ofMillis(400), 1 << 16));
        var target = through(jumpHost, NAME, machine);
        assertThat(run(connections, target, "sleep", "1.5"))
                .isInstanceOfSatisfying(
                        Outcome.Ended.class, ended -> assertThat(ended.whole()).isTrue());
        await().until(() -> machine.children().isEmpty() && jumpHost.children().isEmpty());
        assertThat(run(connections, target, "true")).isInstanceOf(Outcome.Ended.class);
    }

    @Test
    void nothingGoesThroughAJumpHostWhoseKeyIsNotThePinnedOne() throws Exception {
        var jumpHost = jumpHost();
        var target = through(jumpHost, NAME, machine);
        assertThat(failed(run(connections(), target, "true"), Reason.UNKNOWN_HOST_KEY))
                .startsWith("on the way to east/east-1: the host key of jump/bastion isn't known")
                .contains("flotilla hostkey accept jump/bastion");
        book.pin(JUMP_HOST, machine.hostKey());
        assertThat(failed(run(connections(), target, "true"), Reason.CHANGED_HOST_KEY))
                .contains("jump/bastion has CHANGED");
        assertThat(machine.children()).isEmpty();
    }

    @Test
    void theMachinesOwnKeyIsJudgedBehindAJumpHostToo() throws Exception {
        var jumpHost = jumpHost();
        book.pin(JUMP_HOST, jumpHost.hostKey());
        book.pin(NAME, jumpHost.hostKey());
        assertThat(failed(run(connections(), through(jumpHost, NAME, machine), "true"), Reason.CHANGED_HOST_KEY))
                .startsWith("the host key of east/east-1 has CHANGED");
        assertThat(connections().look(through(jumpHost, NAME, machine)))
                .isEqualTo(new HostKeySight.Changed(jumpHost.hostKey(), machine.hostKey()));
    }

    @Test
    void aJumpHostThatLetsNobodyThroughIsNamed() throws Exception {
        var jumpHost = jumpHost("AllowTcpForwarding no");
        book.pin(JUMP_HOST, jumpHost.hostKey());
        assertThat(failed(run(connections(), through(jumpHost, NAME, machine), "true"), Reason.UNREACHABLE))
                .contains(
                        jumpHost.target(JUMP_HOST) + " opens no connection to 127.0.0.1:" + machine.port(),
                        "AllowTcpForwarding");
    }

    @Test
    void aJumpHostThatIsAwayAndComesBackIsFoundAgain() throws Exception {
        var jumpHost = jumpHost();
        book.pin(JUMP_HOST, jumpHost.hostKey());
        var connections = connections();
        var target = through(jumpHost, NAME, machine);
        assertThat(run(connections, target, "true")).isInstanceOf(Outcome.Ended.class);
        int port = jumpHost.port();
        jumpHost.close();
        assertThat(connections.machine(target).run(MachineCommand.of("true"), Duration.ofSeconds(3)))
                .as("it can't be reached, or what became of the command can't be asked")
                .isInstanceOf(Outcome.Failed.class);
        assertThat(failed(run(connections, target, "true"), Reason.UNREACHABLE))
                .startsWith("on the way to east/east-1: ");
        opened.add(OpenSshServer.start(folder.resolve("jump-host"), key, port));
        assertThat(run(connections, target, "true")).isInstanceOf(Outcome.Ended.class);
    }
}
