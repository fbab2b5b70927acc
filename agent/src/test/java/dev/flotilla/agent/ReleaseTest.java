package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.agent.report.Health;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TestRepository;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cycle does with right and wrong releases, with real mirror processes. */
class ReleaseTest {
    private static final URI NO_SERVER = URI.create("http://127.0.0.1:9");

    private final MemoryBucket bucket = new MemoryBucket();
    private final TestFleet fleet = new TestFleet(bucket);
    private TestNode node;
    private Agent agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        node = new TestNode(folder, fleet, NO_SERVER);
        agent = node.agent(bucket);
    }

    @AfterEach
    void end() throws Exception {
        node.close();
    }

    private NodeReport committed(long version, String name) throws Exception {
        fleet.publish(version, node.mirror(name, "good"));
        NodeReport report = agent.once();
        assertThat(report.problem()).isEmpty();
        assertThat(node.serves(name)).isTrue();
        return report;
    }

    /** The mirror of release 1 was never touched, and everybody can see why release 2 is not in use. */
    private void refused(NodeReport report, long mirror, String reason) throws Exception {
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.serves("one")).isTrue();
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.DEGRADED);
        assertThat(report.problem().orElseThrow()).contains(reason);
        assertThat(report.release().orElseThrow().version()).isEqualTo(1);
        assertThat(report.mirror().orElseThrow().ready()).isTrue();
        assertThat(reported().problem()).isEqualTo(report.problem());
        assertThat(NodeReport.parse(Files.readAllBytes(node.state().report())).problem())
                .isEqualTo(report.problem());
    }

    private NodeReport reported() {
        var key = BucketLayout.report(new RegionName("east"), new NodeName("east-1"));
        var found = (Bucket.Lookup.Found) bucket.get(key, Optional.empty(), ByteSize.ofKiB(64));
        return NodeReport.parse(found.content());
    }

    @Test
    void aGoodReleaseGoesToCommitted() throws Exception {
        NodeReport report = committed(1, "one");
        assertThat(report.condition()).isEqualTo(NodeReport.Condition.HEALTHY);
        assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
        assertThat(report.mirror().orElseThrow().pid()).isEqualTo(node.mirror());
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/1"));
        assertThat(node.state().current().resolve("mirror/bin/mirror")).isExecutable();
        assertThat(reported()).isEqualTo(report);
    }

    @Test
    void theNextReleaseReplacesTheMirrorAndTheOldFilesGo() throws Exception {
        committed(1, "one");
        long before = node.mirror();
        committed(2, "two");
        assertThat(node.mirror()).isNotEqualTo(before);
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/2"));
        try (Stream<Path> releases = Files.list(node.state().path().resolve("releases"))) {
            assertThat(releases).hasSize(1);
        }
    }

    @Test
    void aReleaseWithTheSameContentIsCommittedWithoutTouchingTheMirror() throws Exception {
        committed(1, "one");
        long before = node.mirror();
        NodeReport report = committed(2, "one");
        assertThat(node.mirror()).isEqualTo(before);
        assertThat(report.mirror().orElseThrow().release()).isEqualTo(2);
        committed(3, "one");
        assertThat(node.mirror()).isEqualTo(before);
    }

    @Test
    void aCycleWithoutNewsReadsNothingAndChangesNothing() throws Exception {
        committed(1, "one");
        int reads = bucket.reads(BucketLayout.timestamp());
        var state = node.remembered();
        agent.once();
        assertThat(bucket.reads(BucketLayout.timestamp())).isEqualTo(reads);
        assertThat(node.remembered()).isEqualTo(state);
    }

    @Test
    void aRenewedReleaseIsCommittedThoughTheMirrorIsUnwell() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        node.ask("/unready");
        fleet.publish(2, node.mirror("one", "good"));
        NodeReport report = agent.once();
        assertThat(report.release().orElseThrow().version()).isEqualTo(2);
        assertThat(report.problem().orElseThrow()).contains("503").doesNotContain("release");
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void anAgentThatLostItsMemoryGoesOnWithWhatIsInUse() throws Exception {
        committed(3, "three");
        long mirror = node.mirror();
        Files.delete(node.state().state());
        bucket.goAway();
        agent = node.agent(bucket);
        agent.once();
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.remembered().inUse().orElseThrow().version()).isEqualTo(3);
        bucket.comeBack();
        fleet.publish(2, node.mirror("two", "good"));
        assertThat(agent.once().problem().orElseThrow()).contains("older version");
    }

    @Test
    void aReleaseThatWasDamagedOnDiskServesUntilItIsFetchedAgain() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        Files.writeString(node.state().release(1).resolve("mirror.conf"), "mode = dies");
        bucket.goAway();
        for (int i = 0; i < 2; i++) {
            agent = node.agent(bucket);
            agent.once();
            assertThat(node.mirror()).isEqualTo(mirror);
        }
        bucket.comeBack();
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void aWrongSignatureIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        fleet.publish(fleet.draft(2, node.mirror("two", "good")).signedBy(SigningKey.generate(new SecureRandom())));
        refused(agent.once(), mirror, "wrong signature");
    }

    @Test
    void anOlderReleaseIsRefused() throws Exception {
        fleet.publish(5, node.mirror("five", "good"));
        agent.once();
        fleet.publish(4, node.mirror("four", "good"));
        NodeReport report = agent.once();
        assertThat(report.problem().orElseThrow()).contains("older version", "targets.json of version 4", "version 5");
        assertThat(node.serves("five")).isTrue();
    }

    @Test
    void theSameVersionWithOtherContentIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        fleet.publish(1, node.mirror("other", "good"));
        refused(agent.once(), mirror, "same version with other content");
    }

    @Test
    void anExpiredReleaseIsRefusedUntilTheClockIsRight() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        Instant expires = Instant.now().minusSeconds(60);
        fleet.publish(fleet.draft(2, node.mirror("two", "good")).expiring(expires));
        refused(agent.once(), mirror, "expired at " + expires.toString().substring(0, 19));
        agent = node.agent(bucket, () -> Instant.now().minus(Duration.ofHours(1)));
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aReleaseThatExpiresWhileInUseGoesOnAndIsReported() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        agent = node.agent(bucket, () -> Instant.now().plus(Duration.ofDays(31)));
        refused(agent.once(), mirror, "a release is refused: expired: timestamp 1 expired at");
    }

    @Test
    void aReleaseOfAnotherFleetIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var staging = new Binding(new FleetName("staging"), TestRepository.BUCKET, Optional.empty());
        fleet.repository().bind(Optional.of(staging));
        fleet.repository().publishRoot();
        fleet.publish(2, node.mirror("two", "good"));
        refused(agent.once(), mirror, "wrong fleet");
    }

    @Test
    void garbageInPlaceOfAReleaseIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        fleet.put(BucketLayout.timestamp(), "{}".getBytes(StandardCharsets.UTF_8));
        refused(agent.once(), mirror, "malformed");
        fleet.publish(2, node.mirror("one", "good"));
        assertThat(agent.once().problem()).isEmpty();
    }

    @Test
    void aReleaseWithoutThisNodeIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        Files.writeString(
                node.configurationFile(),
                Files.readString(node.configurationFile()).replace("node = east-1", "node = east-2"));
        fleet.publish(2, node.mirror("two", "good"));
        NodeReport report = node.agent(bucket).once();
        assertThat(report.problem().orElseThrow()).contains("it has no configuration/east/east-2/mirror.conf");
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @Test
    void aProgramOfTheWrongDigestIsFetchedAFewTimesAndThenNoMore() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "good")).with(TestFleet.program("other"));
        fleet.publish(draft);
        fleet.put(TestFleet.programKey(draft), draft.program().damaged());
        for (int i = 0; i < 6; i++) {
            refused(agent.once(), mirror, "wrong digest");
        }
        assertThat(bucket.reads(TestFleet.programKey(draft))).isEqualTo(3);
        refused(node.agent(bucket).once(), mirror, "release 2 refused: wrong digest");
        assertThat(bucket.reads(TestFleet.programKey(draft))).isEqualTo(3);
        committed(3, "three");
    }

    @Test
    void aDownloadThatWasDamagedOnceComesRightTheNextTime() throws Exception {
        committed(1, "one");
        var draft = fleet.draft(2, node.mirror("two", "good")).with(TestFleet.program("other"));
        fleet.publish(draft);
        fleet.put(TestFleet.programKey(draft), draft.program().damaged());
        assertThat(agent.once().problem().orElseThrow()).contains("try 1 of 3");
        fleet.put(TestFleet.programKey(draft), draft.program().archive());
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aConfigurationOfTheWrongDigestIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "good"));
        fleet.publish(draft);
        byte[] changed = draft.configuration().replace("two", "bad").getBytes(StandardCharsets.UTF_8);
        fleet.put(TestFleet.configurationKey(draft), changed);
        refused(agent.once(), mirror, "wrong digest");
    }

    @Test
    void aProgramThatIsNoArchiveIsRefusedAtOnce() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var noArchive = new TestFleet.Program("this is no archive".getBytes(StandardCharsets.UTF_8));
        fleet.publish(fleet.draft(2, node.mirror("two", "good")).with(noArchive));
        refused(agent.once(), mirror, "release 2 refused: its program can't be unpacked");
    }

    @Test
    void aMissingProgramIsWaitedFor() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "good")).with(TestFleet.program("other"));
        fleet.publish(draft);
        bucket.remove(TestFleet.programKey(draft));
        for (int i = 0; i < 5; i++) {
            refused(agent.once(), mirror, "release 2 can't be fetched");
        }
        fleet.put(TestFleet.programKey(draft), draft.program().archive());
        assertThat(agent.once().problem()).isEmpty();
    }

    @Test
    void aConfigurationThatTheMirrorRefusesIsNotTriedAgain() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "refused"));
        fleet.publish(draft);
        refused(agent.once(), mirror, "release 2 refused: ");
        refused(agent.once(), mirror, "flotilla.mirror.listen.port: is missing");
        refused(node.agent(bucket).once(), mirror, "flotilla.mirror.listen.port: is missing");
        assertThat(bucket.reads(TestFleet.configurationKey(draft))).isEqualTo(1);
        node.giveUpLate();
        agent = node.agent(bucket);
        committed(3, "three");
    }

    @Test
    void aRefusedReleaseThatIsPublishedOnceMoreIsNotTriedAgain() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        var draft = fleet.draft(2, node.mirror("two", "refused"));
        fleet.publish(draft);
        agent.once();
        fleet.put(BucketLayout.timestamp(), "{}".getBytes(StandardCharsets.UTF_8));
        agent.once();
        fleet.publish(draft);
        refused(agent.once(), mirror, "release 2 refused: ");
        assertThat(bucket.reads(TestFleet.configurationKey(draft))).isEqualTo(1);
    }

    @Test
    void aCheckThatFloodsOrHangsIsEnded() throws Exception {
        Files.writeString(
                node.configurationFile(),
                Files.readString(node.configurationFile()).replace("check-time-out = 30s", "check-time-out = 500ms"));
        agent = node.agent(bucket);
        fleet.publish(2, node.mirror("two", "check-floods"));
        for (int i = 1; i < 3; i++) {
            assertThat(agent.once().problem().orElseThrow()).contains("try " + i + " of 3");
        }
        assertThat(agent.once().problem().orElseThrow())
                .contains("release 2 refused", "did not judge its configuration", "tried 3 times");
        fleet.publish(3, node.mirror("three", "check-hangs"));
        assertThat(agent.once().problem().orElseThrow()).contains("did not judge its configuration");
    }

    @Test
    void aMirrorThatNeverGetsReadyIsReplacedByTheOneBefore() throws Exception {
        committed(1, "one");
        node.giveUpEarly();
        agent = node.agent(bucket);
        var draft = fleet.draft(2, node.mirror("two", "never-ready"));
        fleet.publish(draft);
        NodeReport report = agent.once();
        assertThat(report.release().orElseThrow())
                .satisfies(release -> assertThat(release.version()).isEqualTo(2))
                .satisfies(release -> assertThat(release.state()).isEqualTo(NodeReport.State.REVERTED));
        assertThat(report.problem().orElseThrow())
                .contains("release 2 reverted: the mirror was not ready within 2.0 s", "503", "not ready: store");
        assertThat(report.mirror().orElseThrow().release()).isEqualTo(1);
        assertThat(node.serves("one")).isTrue();
        assertThat(Files.readSymbolicLink(node.state().current())).isEqualTo(Path.of("releases/1"));
        long back = node.mirror();
        for (Agent next : new Agent[] {agent, node.agent(bucket)}) {
            assertThat(next.once().problem()).isEqualTo(report.problem());
            assertThat(node.mirror()).isEqualTo(back);
        }
        assertThat(bucket.reads(TestFleet.configurationKey(draft))).isEqualTo(1);
        node.giveUpLate();
        agent = node.agent(bucket);
        committed(3, "three");
    }

    /** Clients that ask one after another until they are told to stop. */
    private final class Clients implements AutoCloseable {
        private final Set<String> answers = ConcurrentHashMap.newKeySet();
        private final Queue<IOException> failures = new ConcurrentLinkedQueue<>();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private volatile boolean over;

        Clients() {
            for (int client = 0; client < 3; client++) {
                threads.execute(() -> {
                    while (!over) {
                        try {
                            answers.add(node.ask("/name"));
                        } catch (IOException failed) {
                            failures.add(failed);
                        }
                    }
                });
            }
        }

        /** Ends them. */
        void allWereAnswered() {
            over = true;
            threads.close();
            assertThat(failures).isEmpty();
        }

        @Override
        public void close() {
            over = true;
            threads.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"never-ready", "hangs", "dies"})
    void aReleaseThatNeverGetsReadyNeverTouchesTheMirrorThatServes(String mode) throws Exception {
        committed(1, "one");
        long serving = node.mirror();
        node.giveUpEarly();
        agent = node.agent(bucket);
        try (var clients = new Clients()) {
            fleet.publish(2, node.mirror("two", mode));
            NodeReport report = agent.once();
            assertThat(report.problem().orElseThrow()).contains("release 2 reverted");
            assertThat(report.mirror().orElseThrow().pid()).isEqualTo(serving);
            assertThat(report.mirror().orElseThrow().ready()).isTrue();
            clients.allWereAnswered();
            assertThat(clients.answers).contains("one");
        }
        assertThat(node.mirror()).isEqualTo(serving);
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aMirrorThatIsReplacedLeavesInItsOwnTimeAndIsNotTakenForOneThatServes() throws Exception {
        Path last = node.state().path().resolveSibling("last-client-has-left");
        String lingers = node.mirror("one", "lingers\nuntil = " + last);
        fleet.publish(fleet.draft(1, lingers).with(TestFleet.program("first")));
        assertThat(agent.once().problem()).isEmpty();
        long first = node.mirror();
        try (var clients = new Clients()) {
            committed(2, "two");
            clients.allWereAnswered();
        }
        assertThat(node.mirrors()).hasSize(2).contains(first);
        agent = node.agent(bucket);
        assertThat(agent.once().mirror().orElseThrow().release()).isEqualTo(2);
        fleet.publish(fleet.draft(3, lingers).with(TestFleet.program("first")));
        NodeReport report = agent.once();
        assertThat(report.problem()).isEmpty();
        assertThat(report.mirror().orElseThrow().pid()).isNotEqualTo(first);
        assertThat(node.serves("one")).isTrue();
        assertThat(TestNode.isAlive(first)).isTrue();
        committed(4, "four");
        assertThat(programs()).as("the program of those that are leaving stays").isEqualTo(2);
        Files.createFile(last);
        assertThat(node.mirror()).isNotEqualTo(first);
        agent.once();
        assertThat(programs()).isEqualTo(1);
        assertThat(node.state().leavingMirrors()).doesNotExist();
    }

    private long programs() throws IOException {
        try (Stream<Path> programs = Files.list(node.state().path().resolve("artifacts"))) {
            return programs.count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"too-old", "another-store"})
    void aMirrorThatCannotRunBesideTheOneBeforeIsStartedAfterIt(String mode) throws Exception {
        committed(1, "one");
        fleet.publish(2, node.mirror("two", mode));
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
        assertThat(node.mirror()).isPositive();
    }

    @Test
    void aMirrorThatDiesAtOnceIsReplacedAndItsLastWordsAreTold() throws Exception {
        committed(1, "one");
        fleet.publish(2, node.mirror("two", "dies"));
        assertThat(agent.once().problem().orElseThrow())
                .contains("release 2 reverted", "ended with status 1", "port 8080 is in use by another program");
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aReportSaysHowDiskAndStoreAre() throws Exception {
        Health health = committed(1, "one").health().orElseThrow();
        assertThat(health.disk().free())
                .isGreaterThan(new ByteSize(0))
                .isLessThan(health.disk().size());
        assertThat(health.store()).contains(new Health.Store(new ByteSize(2000), new ByteSize(10_000)));
        assertThat(health.pages()).contains(new Health.Pages(8, 3, 4, 1));
        assertThat(health.clock()).as("a bucket in memory has no clock").isEmpty();
    }

    @Test
    void aReportSaysWhatWasWrongLastAlsoWhenItIsOver() throws Exception {
        assertThat(committed(1, "one").health().orElseThrow().last()).isEmpty();
        bucket.goAway();
        String problem = agent.once().problem().orElseThrow();
        bucket.comeBack();
        NodeReport after = agent.once();
        assertThat(after.problem()).isEmpty();
        assertThat(after.health().orElseThrow().last().orElseThrow().problem()).isEqualTo(problem);
    }

    @Test
    void aProgramIsNotFetchedOntoADiskThatIsTooFullAndThatCostsNoTry() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        node.configure(NO_SERVER, "flotilla.agent.limits.free-space = 4000000 GiB");
        agent = node.agent(bucket);
        var draft = fleet.draft(2, node.mirror("two", "good")).with(TestFleet.program("other"));
        fleet.publish(draft);
        for (int i = 0; i < 5; i++) {
            refused(agent.once(), mirror, "release 2 can't be fetched: the disk with");
        }
        assertThat(bucket.reads(TestFleet.programKey(draft))).isZero();
        node.configure(NO_SERVER, "");
        agent = node.agent(bucket);
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void moreMetadataThanTheNodeIsConfiguredToTakeIsRefused() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        node.configure(NO_SERVER, "flotilla.agent.trust.root = 1 KiB");
        agent = node.agent(bucket);
        fleet.publish(2, node.mirror("two", "good"));
        refused(agent.once(), mirror, "releases can't be judged by");
        node.configure(NO_SERVER, "");
        agent = node.agent(bucket);
        assertThat(agent.once().problem()).isEmpty();
    }

    @Test
    void aFirstReleaseThatFailsLeavesNoMirror() throws Exception {
        node.giveUpEarly();
        agent = node.agent(bucket);
        fleet.publish(1, node.mirror("one", "never-ready"));
        assertThat(agent.once().problem().orElseThrow()).contains("release 1 reverted");
        assertThat(node.mirrors()).isEmpty();
        assertThat(node.state().current()).doesNotExist();
        node.giveUpLate();
        agent = node.agent(bucket);
        committed(2, "two");
    }

    @Test
    void aMirrorThatDoesNotEndIsKilledAfterItsTime() throws Exception {
        fleet.publish(1, node.mirror("one", "ignores-term"));
        assertThat(agent.once().problem()).isEmpty();
        long stubborn = node.mirror();
        node.configure(NO_SERVER, "flotilla.agent.mirror.leave-time-out = 100ms");
        agent = node.agent(bucket);
        committed(2, "two");
        await().until(() -> {
            agent.once();
            return !TestNode.isAlive(stubborn);
        });
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aBucketThatIsAwayLeavesTheMirrorServingAndStartsTheCommittedOne() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        bucket.goAway();
        NodeReport report = agent.once();
        assertThat(report.problem().orElseThrow()).contains("could not look for a release", "away");
        assertThat(node.mirror()).isEqualTo(mirror);
        TestNode.kill(mirror);
        agent = node.agent(bucket);
        agent.once();
        await().until(() -> node.serves("one"));
        bucket.comeBack();
        assertThat(agent.once().problem()).isEmpty();
    }

    @Test
    void aBucketThatGoesAwayHalfWayCostsNoTry() throws Exception {
        committed(1, "one");
        var draft = fleet.draft(2, node.mirror("two", "good"));
        fleet.publish(draft);
        bucket.remove(TestFleet.configurationKey(draft));
        for (int i = 0; i < 5; i++) {
            assertThat(agent.once().problem().orElseThrow()).contains("can't be fetched");
        }
        assertThat(node.remembered().refusals()).isEmpty();
    }

    @Test
    void withoutARootNothingIsTrustedAndTheMirrorGoesOn() throws Exception {
        committed(1, "one");
        long mirror = node.mirror();
        Path root = node.configurationFile().resolveSibling("root.json");
        byte[] right = Files.readAllBytes(root);
        Files.delete(root);
        fleet.publish(2, node.mirror("two", "good"));
        refused(agent.once(), mirror, "there is no such file");
        Files.write(root, right);
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("two")).isTrue();
    }

    @Test
    void aCommittedReleaseThatWasDamagedOnDiskIsFetchedAgain() throws Exception {
        committed(1, "one");
        TestNode.kill(node.mirror());
        Files.writeString(node.state().release(1).resolve("mirror.conf"), "mode = dies");
        agent = node.agent(bucket);
        assertThat(agent.once().problem()).isEmpty();
        assertThat(node.serves("one")).isTrue();
    }
}
