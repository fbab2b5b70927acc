package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Server;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cycle on a real file system that is full at the first write, at the second, and so on until the cycle passes: the mirror
 * serves throughout, and the next cycle with room on the disk comes to the right end. Needs root, for a small disk in memory.
 */
@Tag("real")
class FullDiskTest {
    private static final int MOST_ROOM = 200;

    private Path folder = Path.of("");
    private S3Server server;
    private Bucket bucket;
    private TestFleet fleet;
    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = S3Server.start(folder.resolve("objects"));
        bucket = server.client();
        fleet = new TestFleet(bucket);
        node = new TestNode(folder, fleet, server.endpoint());
        // Else the agent would see beforehand that there is no room, and not try.
        node.configure(server.endpoint(), "flotilla.agent.limits.free-space = 0");
    }

    @AfterEach
    void end() {
        node.close();
        bucket.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "files"})
    void aCycleOnAFullDiskLeavesTheMirrorAndTheNextOneEndsRight(String what) throws Exception {
        Files.createDirectories(node.state().path());
        fleet.publish(1, node.mirror("release-1", "good"));
        Process agents = agents();
        try (BufferedReader said = agents.inputReader();
                BufferedWriter orders = agents.outputWriter()) {
            // So much room that the first release finds its place at once.
            assertThat(cycle(said, orders, what + " 100000")).isEqualTo("|1 COMMITTED");
            assertThat(said.readLine()).isEqualTo("|1 COMMITTED");
            for (int room = 0; room < MOST_ROOM; room++) {
                long version = room + 2L;
                fleet.publish(fleet.draft(version, node.mirror("release-" + version, "good"))
                        .with(TestFleet.program("program-" + version)));
                String cramped = cycle(said, orders, what + " " + room);
                String served = node.ask("/name");
                assertThat(said.readLine())
                        .as("after room for " + room + " " + what + ": " + cramped)
                        .isEqualTo("|" + version + " COMMITTED");
                assertThat(served).isIn("release-" + (version - 1), "release-" + version);
                assertThat(node.ask("/name")).isEqualTo("release-" + version);
                if (cramped.equals("|" + version + " COMMITTED")) {
                    // How many it takes depends on what the cycles before have left to be deleted.
                    assertThat(room).as("cycles that failed").isGreaterThan(1);
                    return;
                }
            }
            throw new AssertionError("no cycle passes whole");
        } finally {
            agents.destroyForcibly();
            agents.waitFor(30, TimeUnit.SECONDS);
        }
    }

    private static String cycle(BufferedReader said, BufferedWriter orders, String order) throws Exception {
        orders.write(order + "\n");
        orders.flush();
        return String.valueOf(said.readLine());
    }

    private Process agents() throws Exception {
        var builder = new ProcessBuilder(List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=4m,nr_inodes=500 tmpfs \"$0\" && exec \"$@\"",
                        node.state().path().toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrampedAgent.class.getName(),
                        node.configurationFile().toString(),
                        node.state().path().toString()))
                .redirectError(folder.resolve("agents.log").toFile());
        builder.environment().put("AWS_ACCESS_KEY_ID", S3Server.KEY);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
        return builder.start();
    }
}
