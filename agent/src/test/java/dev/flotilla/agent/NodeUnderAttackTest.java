package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TestRepository;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose bucket, or a key of its fleet, is in the wrong hands: it says so, and its mirror goes on as it was. */
class NodeUnderAttackTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private TestNode node;
    private Agent agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        agent = node.agent(bucket);
        fleet.publish(1, node.mirror("one", "good"));
    }

    @AfterEach
    void end() {
        node.close();
    }

    private void committed(String name) throws Exception {
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves(name)).isTrue();
    }

    private void refused(String reason) throws Exception {
        long mirror = node.mirror();
        NodeReport report = agent.once();
        assertThat(report.problem().orElseThrow()).contains(reason);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.serves("one")).isTrue();
        assertThat(report.mirror().orElseThrow().ready()).isTrue();
    }

    @Test
    void withAStolenTimestampKeyABucketCanNotGoBack() throws Exception {
        byte[] old = bucket.content("metadata/timestamp.json");
        committed("one");
        fleet.publish(2, node.mirror("one", "good"));
        committed("one");
        fleet.put(BucketLayout.timestamp(), old);
        refused("older version: timestamp 1 is older than timestamp 2");
    }

    @Test
    void aFrozenBucketIsNoticedWhenItsTimestampEnds() throws Exception {
        committed("one");
        agent = node.agent(bucket, () -> Instant.now().plus(Duration.ofDays(31)));
        refused("expired: timestamp 1 expired at");
    }

    @Test
    void aClockThatIsYearsBehindIsNamed() throws Exception {
        committed("one");
        agent = node.agent(bucket, () -> Instant.now().minus(Duration.ofDays(800)));
        refused("clock behind: timestamp 1 ends at");
    }

    @Test
    void metadataOfDifferentReleasesDoNotMix() throws Exception {
        committed("one");
        fleet.publish(2, node.mirror("two", "good"));
        fleet.put(BucketLayout.metadata(MetadataFile.of(Role.TARGETS, 2)), bucket.content("metadata/1.targets.json"));
        refused("wrong digest: targets 2 has the digest");
        // The fault was not the timestamp's, so that the same one is good when what it leads to is.
        fleet.upload();
        committed("two");
    }

    @Test
    void endlessMetadataAndTargetsAreNotReadToTheirEnd() throws Exception {
        committed("one");
        var draft = fleet.draft(2, node.mirror("two", "good"));
        fleet.publish(draft);
        byte[] configuration = bucket.content(TestFleet.configurationKey(draft).value());
        fleet.put(TestFleet.configurationKey(draft), Arrays.copyOf(configuration, configuration.length + 1));
        refused("is larger than");
        fleet.put(BucketLayout.timestamp(), new byte[1 << 20]);
        refused("too large: metadata/timestamp.json is larger than");
    }

    @Test
    void anotherFileUnderTheNameOfATargetIsNotUsed() throws Exception {
        committed("one");
        var draft = fleet.draft(2, node.mirror("two", "good"));
        fleet.publish(draft);
        byte[] swapped = node.mirror("bad", "good").getBytes(StandardCharsets.UTF_8);
        fleet.put(TestFleet.configurationKey(draft), Arrays.copyOf(swapped, Math.min(swapped.length, 10)));
        refused("wrong digest");
    }

    @Test
    void aStolenKeyIsOfNoUseOnceTheRootHasReplacedIt() throws Exception {
        committed("one");
        var stolen = fleet.repository().keys(Role.TARGETS).getFirst();
        fleet.repository().rotate(Role.TARGETS, 1);
        fleet.repository().publishRoot();
        fleet.publish(fleet.draft(2, node.mirror("two", "good")).signedBy(stolen));
        refused("wrong signature: targets 2");
        fleet.publish(fleet.draft(3, node.mirror("three", "good"))
                .signedBy(fleet.repository().keys(Role.TARGETS).getFirst()));
        committed("three");
        assertThat(agent.once().trust().orElseThrow().root()).isEqualTo(2);
    }

    @Test
    void aReleaseThatFewerKeysHaveSignedThanHaveToIsNotUsed() throws Exception {
        committed("one");
        fleet.repository().rotate(Role.TARGETS, 2);
        fleet.repository().threshold(Role.TARGETS, 2);
        fleet.repository().publishRoot();
        fleet.publish(fleet.draft(2, node.mirror("two", "good"))
                .signedBy(fleet.repository().keys(Role.TARGETS).getLast()));
        refused("signature threshold not met: targets 2 is signed by 1 of the 2 keys");
    }

    @Test
    void whatIsTrustedIsKnownAfterARestartWithoutTheOldRootsInTheBucket() throws Exception {
        committed("one");
        fleet.repository().rotate(Role.ROOT, 1);
        fleet.repository().publishRoot();
        fleet.upload();
        committed("one");
        bucket.remove(BucketLayout.metadata(MetadataFile.of(Role.ROOT, 2)));
        agent = node.agent(bucket);
        fleet.repository().rotate(Role.ROOT, 1);
        fleet.repository().publishRoot();
        fleet.put(
                BucketLayout.metadata(MetadataFile.of(Role.ROOT, 3)),
                fleet.repository().file("3.root.json"));
        assertThat(agent.once().trust().orElseThrow().root()).isEqualTo(3);
    }

    @Test
    void aRootThatSomebodyPutsOnTheNodeBeginsANewChain() throws Exception {
        committed("one");
        var other = new TestRepository(Instant.now());
        byte[] root = other.publishRoot();
        Files.write(node.configurationFile().resolveSibling("root.json"), root);
        refused("wrong signature: the timestamp");
        Files.write(node.configurationFile().resolveSibling("root.json"), fleet.root());
        committed("one");
    }

    @Test
    void aFirstStartMayTakeWhatHasExpiredWhereItIsAllowedAndOnlyThen() throws Exception {
        Instant late = Instant.now().plus(Duration.ofDays(40));
        assertThat(node.agent(bucket, () -> late).once().problem().orElseThrow())
                .contains("expired: timestamp 1");
        assertThat(node.mirrors()).isEmpty();
        Agent patient = node.agent(bucket, () -> late, Duration.ofDays(14), (step, release) -> {});
        assertThat(patient.once().release().orElseThrow().version()).isEqualTo(1);
        assertThat(node.serves("one")).isTrue();
        agent = patient;
        refused("expired: timestamp 1");
    }

    @Test
    void whatHasAThirdOfItsLifeLeftIsReportedAsAWarningByAHealthyNode() throws Exception {
        committed("one");
        assertThat(agent.once().trust().orElseThrow().warning()).isEmpty();
        NodeReport warned = node.agent(bucket, () -> Instant.now().plus(Duration.ofDays(21)))
                .once();
        assertThat(warned.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(warned.trust().orElseThrow().warning().orElseThrow())
                .contains("timestamp 1 ends at", "flotilla publish --renew");
    }

    @Test
    void aCycleWithoutNewsIsTwoQuestions() throws Exception {
        committed("one");
        List<String> before = bucket.takeQuestions();
        assertThat(before).contains("metadata/1.targets.json");
        agent.once();
        assertThat(bucket.takeQuestions()).containsExactly("metadata/2.root.json", "metadata/timestamp.json");
    }
}
