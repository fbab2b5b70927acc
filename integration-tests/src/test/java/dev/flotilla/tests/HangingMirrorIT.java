package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.configuration.MirrorSettings;
import dev.flotilla.agent.mirror.Comparison;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.mirror.MirrorProgram;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent's part that looks after the mirror, with packed mirrors of which one hangs once it has the listening sockets. It
 * breaks when whoever hangs isn't killed, when it is waited for without an end, or when the mirror before it has been touched.
 * Needs strace.
 */
@Tag("real")
class HangingMirrorIT {
    private static final Wheel WHEEL = Wheel.of("flotilla-test-hanging", "1.0", 3_000);

    /** Enough for a mirror that is traced to get the sockets, and less than a client waits. */
    private static final Duration START = Duration.ofSeconds(30);

    private static final MirrorSettings.TimeOuts TIME_OUTS = new MirrorSettings.TimeOuts(
            START, Duration.ofSeconds(2), Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofMillis(500));

    @TempDir
    private Path path;

    private CountingIndex upstream;
    private InetSocketAddress clients;
    private StateFolder state;
    private MirrorKeeper keeper;

    @BeforeEach
    void start() throws Exception {
        upstream = CountingIndex.of(WHEEL);
        state = new StateFolder(path.toRealPath().resolve("state"));
        state.create();
        clients = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.choose());
        var operations = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.choose());
        Files.writeString(path.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = %s }
                  operations { host = 127.0.0.1, port = %s }
                  upstreams = [ { name = sample, index = "%s" } ]
                  store { path = "%s", budget = 1 GiB }
                }
                """.formatted(
                        clients.getPort(), operations.getPort(), upstream.uri(), path.resolve("store")));
        var settings = new MirrorSettings(
                URI.create("http://127.0.0.1:" + operations.getPort() + "/readyz"),
                new MirrorSettings.Restart(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5)),
                TIME_OUTS,
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                false,
                ByteSize.ofMiB(1));
        keeper = new MirrorKeeper(
                settings,
                state,
                new RegionName("east"),
                new NodeName("east-1"),
                false,
                InstantSource.system(),
                System::nanoTime);
        assertThat(keeper.replace(program(1, PackedMirror.home()), Comparison.NONE))
                .isEqualTo(new MirrorKeeper.Start.Ready());
    }

    @AfterEach
    void end() throws Exception {
        keeper.keepNone();
        upstream.close();
        endTracer();
    }

    /** It goes on counting the time for which it holds a call back, although who called was killed, and that one's sockets with it. */
    private void endTracer() throws IOException {
        if (Files.exists(pidFile())) {
            field("TracerPid")
                    .map(Long::parseLong)
                    .flatMap(ProcessHandle::of)
                    .ifPresent(ProcessHandle::destroyForcibly);
            long hung = hungPid();
            await().until(() -> ProcessHandle.of(hung).isEmpty());
        }
    }

    private long hungPid() throws IOException {
        return Long.parseLong(Files.readString(pidFile()).strip());
    }

    /** What the system says about the one that hung; empty when it doesn't know it any more. */
    private Optional<String> field(String name) throws IOException {
        Path status = Path.of("/proc", Long.toString(hungPid()), "status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith(name + ":"))
                        .map(line -> line.substring(name.length() + 1).strip())
                        .findFirst()
                : Optional.empty();
    }

    private MirrorProgram program(long release, Path folder) {
        var digest = Sha256.of(Long.toString(release).getBytes(StandardCharsets.US_ASCII));
        return new MirrorProgram(release, digest, digest, folder, path.resolve("mirror.conf"));
    }

    /** A mirror that never comes back from accepting its first connection, and doesn't hear that it should end. */
    private Path hanging() throws IOException {
        Path script =
                Files.createDirectories(path.resolve("hanging").resolve("bin")).resolve("mirror");
        Files.writeString(script, """
                #!/bin/sh
                echo $$ > '%s'
                trap '' TERM
                exec strace -D -f --seccomp-bpf -qq -o /dev/null -e trace=accept4 \
                    -e inject=accept4:delay_enter=600000000 '%s' "$@"
                """.formatted(
                        pidFile(), PackedMirror.home().resolve("bin").resolve("mirror")));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return path.resolve("hanging");
    }

    private Path pidFile() {
        return path.resolve("hanging.pid");
    }

    private long servingPid() {
        return keeper.view().orElseThrow().mirror().orElseThrow().pid();
    }

    @Test
    void aMirrorOnTrialThatHangsIsKilledAndNoRequestIsLost() throws Exception {
        long serving = servingPid();
        try (var asking = new SteadyClients(clients, "/simple/" + WHEEL.project() + "/")) {
            var outcome = keeper.replace(program(2, hanging()), Comparison.NONE);
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            MirrorKeeper.Start.Failed.class,
                            failed -> assertThat(failed.reason()).contains("was not ready within 30.0 s"));
            // With the sockets it is in the way and is killed. It may also hang while it takes them, when a client
            // comes just then:
            // the one before goes on serving as if nothing were, and the other one has its time to leave.
            boolean hadTheSockets = field("State").orElse("Z").startsWith("Z");
            if (!hadTheSockets) {
                assertThat(keeper.programsOfLeaving()).contains(program(2, path).program());
                ProcessHandle.of(hungPid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            endTracer();
            assertThat(servingPid()).isEqualTo(serving);
            await().until(() ->
                    !hadTheSockets || Files.readString(state.mirrorLog()).contains("this one serves again"));
            try (var after = new KeptConnection(clients)) {
                assertThat(after.get("/simple/" + WHEEL.project() + "/", "").status())
                        .isEqualTo(200);
            }
            asking.allWereAnswered();
        }
        assertThat(keeper.replace(program(3, PackedMirror.home()), Comparison.NONE))
                .isEqualTo(new MirrorKeeper.Start.Ready());
        assertThat(servingPid()).isNotEqualTo(serving);
        await().until(() -> ProcessHandle.of(serving).isEmpty());
    }
}
