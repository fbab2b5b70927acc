package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.vocabulary.Sha256;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real agent that is really killed, by the kernel, at the first, second, third … thing that it changes on disk or signals to a
 * process, until a cycle passes whole: the mirror serves throughout, and the next agent brings the release, and the agent that
 * comes with it, to the right end. Needs strace.
 */
@Tag("real")
class KilledAnywhereTest {
    private static final int MOST_CHANGES = 300;

    /** So many nodes are tormented at once, each by its share. */
    private static final int LANES = 3;

    private static final String CHANGES =
            "rename,renameat,renameat2,symlink,symlinkat,mkdir,mkdirat,unlink,unlinkat,rmdir,kill";

    @TempDir
    Path folder;

    /** One node with a bucket of its own. */
    private static final class Lane implements AutoCloseable {
        private final S3Server server;
        private final Bucket bucket;
        private final TestFleet fleet;
        private final TestNode node;
        private final AgentScripts scripts;
        private long version;

        Lane(Path folder) throws Exception {
            Files.createDirectories(folder);
            server = S3Server.start(folder.resolve("objects"));
            bucket = server.client();
            fleet = new TestFleet(bucket);
            node = new TestNode(folder, fleet, server.endpoint());
            scripts = AgentScripts.install(folder, "#!/bin/sh\nexit 0\n");
            publish();
            completes();
        }

        /** A release of which everything is new. */
        Sha256 publish() {
            version++;
            // It is never run, for the real agent of the test stands in for it; but it judges the configuration.
            var agent = TestFleet.packed("agent", "#!/bin/sh\n# " + version + "\nexit 0\n");
            fleet.publish(fleet.draft(version, node.mirror("release-" + version, "good"))
                    .with(TestFleet.program("program-" + version))
                    .withAgent(agent));
            return agent.digest();
        }

        /** The program that agent-launch would start now. */
        Path launched() {
            return Stream.of("promoted/program", "trial/program", "current")
                    .map(scripts.slots()::resolve)
                    .filter(home -> Files.isExecutable(home.resolve("bin/agent")))
                    .findFirst()
                    .orElse(scripts.home());
        }

        /** Runs one cycle of a process; answers whether it was killed. */
        boolean isKilledAt(int change) throws Exception {
            Path said = node.state().path().resolveSibling("strace.log");
            var builder = new ProcessBuilder(List.of(
                            "strace",
                            "-f",
                            "-qq",
                            "-o",
                            said.toString(),
                            "-e",
                            "trace=" + CHANGES,
                            "-e",
                            "inject=" + CHANGES + ":signal=KILL:when=" + change,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:-UsePerfData",
                            "-Dflotilla.home=" + launched().toRealPath(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "once",
                            "--config",
                            node.configurationFile().toString()))
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(said.resolveSibling("agent.log").toFile());
            builder.environment().put(Slots.VARIABLE, scripts.slots().toString());
            builder.environment().put("AWS_ACCESS_KEY_ID", S3Server.KEY);
            builder.environment().put("AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
            Process strace = builder.start();
            try {
                await("the agent to begin")
                        .atMost(TestNode.patience())
                        .until(() -> strace.children().findAny().isPresent() || !strace.isAlive());
                var agent = strace.children().findFirst();
                await("the agent to end")
                        .atMost(TestNode.patience().multipliedBy(4))
                        .until(() -> !agent.map(ProcessHandle::isAlive).orElse(false));
                return Files.readString(said).contains("+++ killed by SIGKILL +++");
            } finally {
                // It would wait for the mirror, which it lets go of like this, and which goes on.
                strace.destroyForcibly();
                strace.waitFor();
            }
        }

        /** The next agent, and the one after it on its trial, end what was begun. */
        void completes() throws Exception {
            assertThat(next().problem()).isEmpty();
            NodeReport report = next();
            assertThat(report.problem()).isEmpty();
            assertThat(report.release().orElseThrow().version()).isEqualTo(version);
            assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
            assertThat(node.serves("release-" + version)).isTrue();
            assertThat(node.mirror()).isPositive();
        }

        private NodeReport next() throws IOException, InterruptedException {
            var slots = Slots.open(scripts.slots(), launched());
            node.state().create();
            node.state().removeUnfinished();
            slots.tidy();
            return node.agent(bucket, slots, System::nanoTime).once();
        }

        void isRight(Sha256 agent) throws IOException {
            assertThat(Files.readSymbolicLink(scripts.slots().resolve("current")))
                    .isEqualTo(Path.of("programs", agent.hex()));
            try (Stream<Path> programs = Files.list(scripts.slots().resolve("programs"));
                    Stream<Path> slots = Files.list(scripts.slots())) {
                assertThat(programs).hasSize(1);
                assertThat(slots.map(path -> path.getFileName().toString()))
                        .containsExactlyInAnyOrder("programs", "current");
            }
            try (Stream<Path> all = Files.walk(node.state().path())) {
                assertThat(all.filter(path -> path.getFileName().toString().startsWith(".partial")))
                        .isEmpty();
            }
        }

        @Override
        public void close() {
            node.close();
            bucket.close();
            server.close();
        }
    }

    /** Torments one node; answers at which change a cycle passed whole, since it had no such change. */
    private static int torment(Lane lane, int first) throws Exception {
        for (int change = first; change < MOST_CHANGES; change += LANES) {
            Sha256 agent = lane.publish();
            boolean killed = lane.isKilledAt(change);
            assertThat(lane.node.serves("release-" + lane.version) || lane.node.serves("release-" + (lane.version - 1)))
                    .as("the mirror serves after a kill at change " + change)
                    .isTrue();
            lane.completes();
            lane.isRight(agent);
            if (!killed) {
                return change;
            }
        }
        throw new AssertionError("no cycle passes whole");
    }

    @Test
    void aCycleThatIsKilledAnywhereIsBroughtToTheRightEndByTheNextOne() throws Exception {
        List<Future<Integer>> lanes = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(LANES)) {
            for (int i = 1; i <= LANES; i++) {
                int first = i;
                lanes.add(threads.submit(() -> {
                    try (var lane = new Lane(folder.resolve("lane-" + first))) {
                        return torment(lane, first);
                    }
                }));
            }
            for (Future<Integer> lane : lanes) {
                assertThat(lane.get()).as("changes of a cycle").isGreaterThan(20);
            }
        }
    }
}
