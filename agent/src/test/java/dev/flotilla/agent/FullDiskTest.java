package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.vocabulary.ByteSize;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
        keepFree("0");
    }

    private void keepFree(String size) throws IOException {
        node.configure(server.endpoint(), "flotilla.agent.limits.free-space = " + size);
    }

    @AfterEach
    void end() {
        node.close();
        bucket.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "files", "late"})
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

    /** What isn't there beforehand is not begun: nothing is fetched, and nothing of the release comes to the disk. */
    @Test
    void aDiskWithTooLittleRoomIsSeenBeforehandAndOneWithJustEnoughIsUsed() throws Exception {
        Files.createDirectories(node.state().path());
        fleet.publish(1, node.mirror("release-1", "good"));
        Process agents = agents();
        try (BufferedReader said = agents.inputReader();
                BufferedWriter orders = agents.outputWriter()) {
            assertThat(cycle(said, orders, "late 100000")).isEqualTo("|1 COMMITTED");
            said.readLine();
            keepFree("1 MiB");
            var program = TestFleet.program("another");
            long needed = 3L * program.archive().length + (1 << 20);
            fleet.publish(fleet.draft(2, node.mirror("release-2", "good")).with(program));
            // What the agent writes before it looks, metadata above all, comes to less than this.
            int slack = 16;
            String cramped = cycle(said, orders, "bytes " + needed / 4096);
            assertThat(cramped)
                    .startsWith("release 2 can't be fetched: the disk with ")
                    .contains(new ByteSize(needed) + " are needed")
                    .endsWith("|1 COMMITTED");
            assertThat(said.readLine()).isEqualTo("|2 COMMITTED");
            fleet.publish(fleet.draft(3, node.mirror("release-3", "good")).with(TestFleet.program("a third")));
            assertThat(cycle(said, orders, "bytes " + (needed / 4096 + slack))).isEqualTo("|3 COMMITTED");
            assertThat(node.ask("/name")).isEqualTo("release-3");
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
