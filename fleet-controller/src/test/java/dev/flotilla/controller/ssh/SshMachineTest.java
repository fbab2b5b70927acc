package dev.flotilla.controller.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.Outcome.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands on a real OpenSSH server. */
@Tag("real")
class SshMachineTest {
    private static final String NAME = "east/east-1";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path key;
    private OpenSshServer server;
    private HostKeyBook book;
    private SshConnections connections;

    @BeforeEach
    void start() throws IOException {
        key = OpenSshServer.key(folder.resolve("id"));
        server = OpenSshServer.start(folder.resolve("server"), key);
        book = HostKeyBook.open(folder.resolve("host-keys"));
        book.pin(NAME, server.hostKey());
        connections = connections(key);
    }

    @AfterEach
    void stop() {
        connections.close();
        server.close();
    }

    private SshConnections connections(Path identity) throws IOException {
        return connections(identity, SshConnections.Limits.usual(LONG));
    }

    private SshConnections connections(Path identity, SshConnections.Limits limits) throws IOException {
        return new SshConnections(new Identities(List.of(identity), Optional.empty()), book, limits);
    }

    private static SshConnections.Limits limits(Duration alive, Duration idle) {
        return new SshConnections.Limits(LONG, 10, 8, alive, idle, 1 << 20);
    }

    private Outcome run(String... words) throws InterruptedException {
        return run(LONG, words);
    }

    private Outcome run(Duration limit, String... words) throws InterruptedException {
        return connections.machine(server.target(NAME)).run(MachineCommand.of(words), limit);
    }

    private static Outcome.Ended ended(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Ended.class);
        return (Outcome.Ended) outcome;
    }

    private static Outcome.Failed failed(Outcome outcome, Reason reason) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).as(failed.text()).isEqualTo(reason));
        return (Outcome.Failed) outcome;
    }

    @Test
    void bothOutputsAndTheExitCodeComeBackApart() throws Exception {
        var ended = ended(run("sh", "-c", "echo out; echo error >&2; exit 3"));
        assertThat(ended.outText()).isEqualTo("out\n");
        assertThat(ended.errorText()).isEqualTo("error\n");
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.whole()).isTrue();
    }

    @Test
    void wordsArriveAsTheyAre() throws Exception {
        List<String> words = List.of(
                "",
                " ",
                "a b",
                "'",
                "''\\''",
                "\"",
                "$HOME",
                "`id`",
                "$(id)",
                "a\nb\n",
                "*",
                "~",
                "\\",
                "-n",
                "ü€",
                "; exit 9");
        List<String> command = new ArrayList<>(List.of("printf", "<%s>"));
        command.addAll(words);
        var ended = ended(run(command.toArray(String[]::new)));
        assertThat(ended.outText()).isEqualTo("<" + String.join("><", words) + ">");
        assertThat(ended.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 126, 127, 128, 255})
    void everyExitCodeIsTheCommandsOwn(int code) throws Exception {
        assertThat(ended(run("sh", "-c", "exit " + code)).exitCode()).isEqualTo(code);
    }

    @Test
    void aProgramThatIsNotThereIsAnExitCodeAsInAnyShell() throws Exception {
        assertThat(ended(run("no-such-program-here")).exitCode()).isEqualTo(127);
    }

    @Test
    void aCommandGetsNoInputAndDoesNotWaitForAny() throws Exception {
        var ended = ended(run("cat"));
        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void muchOutputIsTakenAndItsBeginningKept() throws Exception {
        var ended = ended(run("sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 5"));
        assertThat(ended.exitCode()).isEqualTo(5);
        assertThat(ended.out()).hasSize(1 << 20);
        assertThat(ended.error()).hasSize(1 << 20);
        assertThat(ended.whole()).isFalse();
    }

    @Test
    void linesAreHeardAsTheyComeAndWhatHasNoEndAtTheEnd() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        Path go = folder.resolve("go");
        var command = MachineCommand.of(
                "sh",
                "-c",
                "echo one; while [ ! -e \"$1\" ]; do sleep 0.05; done; echo two; printf rest",
                "sh",
                go.toString());
        var running = CompletableFuture.supplyAsync(() -> {
            try {
                return connections.machine(server.target(NAME)).run(command, Input.NOTHING, heard::add, LONG);
            } catch (InterruptedException ended) {
                throw new AssertionError(ended);
            }
        });
        assertThat(heard.poll(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("while the command still runs")
                .isEqualTo("one");
        Files.createFile(go);
        assertThat(ended(running.join()).outText()).isEqualTo("one\ntwo\nrest");
        assertThat(heard).containsExactly("two", "rest");
    }

    @Test
    void aCommandThatTakesTooLongIsGivenUp() throws Exception {
        long begin = System.nanoTime();
        var failed = failed(run(Duration.ofMillis(1_500), "sleep", "100"), Reason.TIMED_OUT);
        assertThat(failed.text()).contains("1500 ms", "may go on");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        assertThat(ended(run("true")).exitCode())
                .as("the machine is there for the next one")
                .isZero();
    }

    /** The process that sshd has for the connection is the parent of the shell that the command's parent is. */
    @Test
    void aConnectionThatBreaksIsMadeAgainAndTheMachineAskedForTheExitCode() throws Exception {
        var ended = ended(run(
                "sh",
                "-c",
                "echo before; sleep 0.5; kill -9 $(ps -o ppid= -p $PPID); sleep 1; echo ran > \"$HOME/ran\"; exit 7"));
        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.whole())
                .as("what it wrote after the connection broke is lost")
                .isFalse();
        assertThat(server.home().resolve("ran")).exists();
    }

    @Test
    void whereTheMachineDoesNotKnowEitherNothingIsClaimed() throws Exception {
        var failed = failed(
                run("sh", "-c", "rm -rf \"$HOME/.flotilla\"; kill -9 $(ps -o ppid= -p $PPID) $PPID"), Reason.LOST);
        assertThat(failed.text()).contains("doesn't know how the command ended");
    }

    @Test
    void aServerThatIsAwayAndComesBackIsFoundAgain() throws Exception {
        assertThat(ended(run("true")).exitCode()).isZero();
        int port = server.port();
        server.close();
        assertThat(run(Duration.ofSeconds(3), "true"))
                .as("it can't be reached, or what became of the command can't be asked")
                .isInstanceOf(Outcome.Failed.class);
        failed(run("true"), Reason.UNREACHABLE);
        server = OpenSshServer.start(folder.resolve("server"), key, port);
        assertThat(ended(run("true")).exitCode()).isZero();
    }

    @Test
    void anUnknownHostKeyIsShownAndNothingIsSent() throws Exception {
        var stranger = server.target("east/east-2");
        var failed = failed(
                connections.machine(stranger).run(MachineCommand.of("touch", "here"), LONG), Reason.UNKNOWN_HOST_KEY);
        assertThat(failed.text())
                .contains(server.hostKey().fingerprint(), "ssh-ed25519", "flotilla hostkey accept east/east-2");
        assertThat(server.home()).isEmptyDirectory();
        assertThat(connections.look(stranger)).isEqualTo(new HostKeySight.Unknown(server.hostKey()));
    }

    @Test
    void aChangedHostKeyIsRefusedLoudlyUntilSomebodyPinsIt() throws Exception {
        PublicHostKey before = server.hostKey();
        server.close();
        server = OpenSshServer.start(folder.resolve("another"), key, server.port());
        assertThat(failed(run("true"), Reason.CHANGED_HOST_KEY).text())
                .contains("CHANGED", server.hostKey().fingerprint(), "flotilla hostkey rotate " + NAME);
        assertThat(connections.look(server.target(NAME))).isEqualTo(new HostKeySight.Changed(before, server.hostKey()));
        book.pin(NAME, server.hostKey());
        assertThat(ended(run("true")).exitCode()).isZero();
        assertThat(connections.look(server.target(NAME))).isEqualTo(new HostKeySight.Right(server.hostKey()));
    }

    /** It shows the key of the kind that is pinned first, though the library prefers others. */
    @Test
    void ofSeveralHostKeysThePinnedOneIsAskedFor() throws Exception {
        Path second = folder.resolve("ecdsa");
        OpenSshServer.run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", second.toString());
        try (var both = OpenSshServer.start(folder.resolve("both"), key, "HostKey " + second)) {
            var ecdsa =
                    new PublicHostKey(Files.readString(Path.of(second + ".pub")).split(" ", -1)[1]);
            for (PublicHostKey pinned : List.of(ecdsa, both.hostKey())) {
                book.pin("two", pinned);
                assertThat(connections.look(both.target("two"))).isEqualTo(new HostKeySight.Right(pinned));
            }
        }
    }

    @Test
    void whoIsNotLetInIsToldSo() throws Exception {
        try (var strangers = connections(OpenSshServer.key(folder.resolve("other")))) {
            var failed =
                    failed(strangers.machine(server.target(NAME)).run(MachineCommand.of("true"), LONG), Reason.REFUSED);
            assertThat(failed.text()).contains("doesn't let in " + OpenSshServer.USER);
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var target = new SshTarget(NAME, "127.0.0.1", silent.getLocalPort(), OpenSshServer.USER);
            failed(connections.machine(target).run(MachineCommand.of("true"), Duration.ofSeconds(1)), Reason.TIMED_OUT);
            try (var impatient = new SshConnections(
                    new Identities(List.of(key), Optional.empty()),
                    book,
                    SshConnections.Limits.usual(Duration.ofSeconds(1)))) {
                failed(impatient.machine(target).run(MachineCommand.of("true"), LONG), Reason.UNREACHABLE);
                assertThat(impatient.look(target)).isInstanceOf(HostKeySight.Hidden.class);
            }
        }
    }

    @Test
    void aServerThatHasAsManyStartingAsItAllowsIsAskedAgain() throws Exception {
        try (var busy = OpenSshServer.start(folder.resolve("busy"), key, "MaxStartups 1", "LogLevel VERBOSE");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            book.pin("busy", busy.hostKey());
            Path log = folder.resolve("busy/sshd.log");
            Future<Outcome> outcome;
            try (var starting = greeted(busy.port())) {
                int before = timesTurnedAway(log);
                outcome = threads.submit(
                        () -> connections.machine(busy.target("busy")).run(MachineCommand.of("true"), LONG));
                await().until(() -> timesTurnedAway(log) > before);
                assertThat(starting.isConnected()).isTrue();
            }
            assertThat(ended(outcome.get()).exitCode()).isZero();
        }
    }

    /** A connection that is starting for as long as it is open. */
    private static Socket greeted(int port) throws IOException {
        while (true) {
            var socket = new Socket(InetAddress.getLoopbackAddress(), port);
            if (socket.getInputStream().read() == 'S') {
                return socket;
            }
            socket.close(); // Whoever looked whether the server is there hasn't left yet.
        }
    }

    private static int timesTurnedAway(Path log) throws IOException {
        return Files.readString(log).split("past MaxStartups", -1).length;
    }

    @Test
    void aServerThatTurnsEverybodyAwayIsUnreachable() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> turnedAway;
            try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
                turnedAway = threads.submit(() -> timesAsked(server));
                var target = new SshTarget(NAME, "127.0.0.1", server.getLocalPort(), OpenSshServer.USER);
                failed(connections.machine(target).run(MachineCommand.of("true"), LONG), Reason.UNREACHABLE);
            }
            assertThat(turnedAway.get()).isEqualTo(5);
        }
    }

    private static int timesAsked(ServerSocket server) {
        for (int times = 0; ; times++) {
            try {
                server.accept().close();
            } catch (IOException ended) {
                return times;
            }
        }
    }

    @Test
    void aServerThatOpensNoMoreChannelsIsAskedAgain() throws Exception {
        try (var narrow = OpenSshServer.start(folder.resolve("narrow"), key, "MaxSessions 1")) {
            book.pin("narrow", narrow.hostKey());
            Machine machine = connections.machine(narrow.target("narrow"));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Outcome>> outcomes = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    outcomes.add(threads.submit(() -> machine.run(MachineCommand.of("sleep", "0.3"), LONG)));
                }
                for (var outcome : outcomes) {
                    assertThat(ended(outcome.get()).exitCode()).isZero();
                }
            }
        }
    }

    @Test
    void manyCommandsShareOneSessionAndTheServersBoundOfChannels() throws Exception {
        Machine machine = connections.machine(server.target(NAME));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                var command = MachineCommand.of("sh", "-c", "sleep 0.2; echo \"$PPID $1\"", "sh", Integer.toString(i));
                outcomes.add(threads.submit(() -> machine.run(command, LONG)));
            }
            for (int i = 0; i < outcomes.size(); i++) {
                assertThat(ended(outcomes.get(i).get()).outText()).endsWith(" " + i + "\n");
            }
        }
        assertThat(timesLetIn()).isOne();
    }

    @Test
    void aSessionThatNobodyUsesEndsAndIsOpenedAnewForTheNext() throws Exception {
        Duration idle = Duration.ofMillis(500);
        try (var forgetful = connections(key, limits(Duration.ofSeconds(10), idle))) {
            Machine machine = forgetful.machine(server.target(NAME));
            var ended = ended(machine.run(MachineCommand.of("sleep", "1.5"), LONG));
            assertThat(ended.whole()).as("while it is used it isn't idle").isTrue();
            assertThat(timesLetIn()).isOne();
            await().until(() -> server.children().isEmpty());
            assertThat(ended(machine.run(MachineCommand.of("true"), LONG)).exitCode())
                    .isZero();
            assertThat(timesLetIn()).isEqualTo(2);
        }
    }

    private long timesLetIn() throws IOException {
        try (var lines = Files.lines(folder.resolve("server/sshd.log"))) {
            return lines.filter(line -> line.startsWith("Accepted publickey")).count();
        }
    }

    /** Its own end would come after 15 minutes and more: that is how long TCP sends again what nobody acknowledges. */
    @Test
    void aSessionWhoseNetworkGoesSilentIsFoundDeadAfterThreeQuestions() throws Exception {
        String said = SilentNetwork.run(folder, Duration.ofMillis(500));
        assertThat(Duration.parse(said.strip()))
                .as("three questions, the wait for the last answer, and a slow machine")
                .isBetween(Duration.ofMillis(1_400), Duration.ofSeconds(20));
    }

    @Test
    void aCommandThatSaysNothingIsKeptAliveThroughARouterThatForgetsSilentConnections() throws Exception {
        try (var router = new ForgetfulRouter(server.port(), Duration.ofMillis(1_500));
                var lively = connections(key, limits(Duration.ofMillis(200), LONG))) {
            var target = new SshTarget(NAME, "127.0.0.1", router.port(), OpenSshServer.USER);
            var ended = ended(lively.machine(target).run(MachineCommand.of("sh", "-c", "sleep 4; echo done"), LONG));
            assertThat(ended.whole()).isTrue();
            assertThat(ended.outText()).isEqualTo("done\n");
            assertThat(timesLetIn()).isOne();
        }
    }

    @Test
    void recordsOfAnHourAgoAreRemoved() throws Exception {
        ended(run("true"));
        Path runs = server.home().resolve(".flotilla/runs");
        try (var files = Files.list(runs)) {
            Path old = files.findFirst().orElseThrow();
            Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
            ended(run("true"));
            assertThat(old).doesNotExist();
        }
        try (var files = Files.list(runs)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aKeyOfAnAgentLetsIn() throws Exception {
        Path socket = folder.resolve("agent");
        Process agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start();
        try {
            await().until(() -> Files.exists(socket));
            var add = new ProcessBuilder("ssh-add", "-q", key.toString()).redirectErrorStream(true);
            add.environment().put("SSH_AUTH_SOCK", socket.toString());
            assertThat(add.start().onExit().join().exitValue()).isZero();
            try (var byAgent = new SshConnections(
                    Identities.of(List.of(), folder, Optional.of(socket)), book, SshConnections.Limits.usual(LONG))) {
                assertThat(ended(byAgent.machine(server.target(NAME)).run(MachineCommand.of("true"), LONG))
                                .exitCode())
                        .isZero();
            }
        } finally {
            agent.destroyForcibly();
        }
    }

    @Test
    void aCertificateBesideTheKeyLetsIn() throws Exception {
        Path authority = OpenSshServer.key(folder.resolve("authority"));
        Path user = OpenSshServer.key(folder.resolve("user"));
        OpenSshServer.run(
                "ssh-keygen", "-q", "-s", authority.toString(), "-I", "test", "-n", OpenSshServer.USER, user + ".pub");
        try (var trusting = OpenSshServer.start(
                        folder.resolve("trusting"),
                        OpenSshServer.key(folder.resolve("nobody")),
                        "TrustedUserCAKeys " + authority + ".pub");
                var certified = connections(user)) {
            book.pin("certified", trusting.hostKey());
            assertThat(ended(certified.machine(trusting.target("certified")).run(MachineCommand.of("true"), LONG))
                            .exitCode())
                    .isZero();
        }
    }

    @Test
    void aKeyThatCanNotBeReadIsNamed() {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> connections(missing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void theBookOfHostKeysIsReadAgainAndItsMistakesAreNamed() throws IOException {
        assertThat(HostKeyBook.open(book.file()).pinned(NAME)).contains(server.hostKey());
        assertThat(HostKeyBook.open(book.file()).pinned("west/west-1")).isEmpty();
        for (String wrong : Arrays.asList("east/east-1", "east/east-1 AAAA", "east/east-1 ???", "a b c")) {
            Files.writeString(book.file(), "# a comment\n\n" + wrong + "\n");
            assertThatThrownBy(() -> HostKeyBook.open(book.file()))
                    .as(wrong)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(book.file() + ":3: ");
        }
    }
}
