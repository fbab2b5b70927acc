package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.ForgetfulWay;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.vocabulary.ByteSize;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has come of a program is not fetched again, and never believed before the whole of it is verified. */
class PartialDownloadTest {
    @Test
    void anAgentThatIsKilledInTheMiddleLeavesItsPartToTheNextOne(@TempDir Path folder) throws Exception {
        TestFleet.Program program = TestFleet.large(2 << 20);
        long size = program.archive().length;
        try (S3Server server = S3Server.start(folder.resolve("objects"));
                Bucket bucket = server.client();
                var way = new ForgetfulWay(server.endpoint())) {
            var fleet = new TestFleet(bucket);
            try (var node = new TestNode(folder, fleet, way.entry())) {
                fleet.publish(fleet.draft(1, node.mirror("one", "good")).with(program));
                way.stallAfter(size / 2);
                Path part = node.state()
                        .path()
                        .resolve("downloads")
                        .resolve(program.digest().hex());
                try (var agent = AgentProcess.start(
                        "run", "--config", node.configurationFile().toString())) {
                    // The last blocks may wait to be written.
                    await().atMost(TestNode.patience())
                            .until(() -> Files.exists(part)
                                    && Files.size(part)
                                            > size / 2 - ByteSize.ofKiB(256).bytes());
                    agent.kill();
                }
                way.stallAfter(Long.MAX_VALUE);
                long before = way.carried();
                try (var agent = AgentProcess.start(
                        "once", "--config", node.configurationFile().toString())) {
                    assertThat(agent.ended()).as(agent.said()).isZero();
                }
                assertThat(node.serves("one")).isTrue();
                assertThat(way.carried() - before).isLessThan(size * 3 / 4);
                try (var left = Files.list(node.state().path().resolve("downloads"))) {
                    assertThat(left).isEmpty();
                }
            }
        }
    }

    @Test
    void aPartThatWasSpoiledBeginsAnewOnceAndIsNoFaultOfTheRelease(@TempDir Path folder) throws Exception {
        var bucket = new MemoryBucket();
        var fleet = new TestFleet(bucket);
        try (var node = new TestNode(folder, fleet, URI.create("http://127.0.0.1:9"))) {
            TestFleet.Draft draft = fleet.draft(1, node.mirror("one", "good"));
            fleet.publish(draft);
            ObjectKey key = TestFleet.programKey(draft);
            var version = ((Bucket.Presence.There) bucket.look(key)).etag();
            node.state().create();
            Path part = node.state().download(draft.program().digest()).path();
            Files.write(part, new byte[100]);
            Files.writeString(part.resolveSibling(part.getFileName() + ".etag"), version.value());
            assertThat(node.agent(bucket).once().problem()).isEmpty();
            assertThat(node.serves("one")).isTrue();
            assertThat(bucket.reads(key)).isEqualTo(2);
        }
    }

    @Test
    void aDamagedObjectIsNotFetchedTwiceInOneCycleAndLeavesNothing(@TempDir Path folder) throws Exception {
        var bucket = new MemoryBucket();
        var fleet = new TestFleet(bucket);
        try (var node = new TestNode(folder, fleet, URI.create("http://127.0.0.1:9"))) {
            TestFleet.Draft draft = fleet.draft(1, node.mirror("one", "good"));
            fleet.publish(draft);
            ObjectKey key = TestFleet.programKey(draft);
            fleet.put(key, draft.program().damaged());
            assertThat(node.agent(bucket).once().problem().orElseThrow()).contains("wrong digest", "try 1 of 3");
            assertThat(bucket.reads(key)).isEqualTo(1);
            assertThat(node.state().download(draft.program().digest()).length()).isZero();
        }
    }
}
