package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every attack that The Update Framework is there for (TUF 1.0, section 1.5.2), and some more, against a client that has
 * trusted a release before. Each is refused for a reason of its own, and the release before stays trusted.
 */
class AttackTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final TestRepository repository = TestRepository.published(NOW);
    private final MetadataStore store = MetadataStore.inMemory();
    private Instant clock = NOW;

    @BeforeEach
    void trustTheFirstRelease() throws IOException {
        assertThat(updater().begin(repository.file("1.root.json"))).isEmpty();
        assertThat(current().targets().version()).isEqualTo(1);
        repository.takeRequests();
    }

    private Updater updater() {
        return Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, repository, store, TrustLimits.USUAL);
    }

    private Refreshed refresh() throws IOException {
        return updater().refresh(Optional.empty(), UpdateTime.of(clock));
    }

    private TrustedMetadata current() throws IOException {
        Refreshed refreshed = refresh();
        assertThat(refreshed).isInstanceOf(Refreshed.Current.class);
        return ((Refreshed.Current) refreshed).metadata();
    }

    /** Refused for that reason, and what is kept is still a whole release that was there before. */
    private String refused(Refusal reason) throws IOException {
        Refreshed refreshed = refresh();
        assertThat(refreshed).isInstanceOf(Refreshed.Refused.class);
        var refused = (Refreshed.Refused) refreshed;
        assertThat(refused.reason()).as(refused.text()).isEqualTo(reason);
        assertThat(new String(store.read("targets").orElseThrow(), StandardCharsets.UTF_8))
                .isEqualTo(new String(repository.file("1.targets.json"), StandardCharsets.UTF_8));
        return refused.detail();
    }

    private static TargetFile target(String content) {
        return TargetFile.of(content.getBytes(StandardCharsets.UTF_8));
    }

    // Rollback.

    @Test
    void anOlderTimestampIsRefused() throws IOException {
        byte[] first = repository.file("timestamp.json");
        repository.publishTimestamp();
        current();
        repository.put("timestamp.json", first);
        assertThat(refused(Refusal.OLDER_VERSION)).contains("timestamp 1 is older than timestamp 2");
    }

    @Test
    void aNewTimestampThatLeadsToAnOlderSnapshotIsRefusedAndNotKept() throws IOException {
        MetaFile first = MetaFile.of(1, repository.file("1.snapshot.json"));
        repository.publishSnapshot();
        repository.publishTimestamp();
        current();
        byte[] before = store.read("timestamp").orElseThrow();
        repository.publishTimestamp(first, signed -> signed, repository.keys(Role.TIMESTAMP));
        assertThat(refused(Refusal.OLDER_VERSION)).contains("snapshot 1, which is older than snapshot 2");
        assertThat(store.read("timestamp").orElseThrow()).isEqualTo(before);
    }

    @Test
    void aNewSnapshotThatLeadsToOlderTargetsIsRefused() throws IOException {
        repository.meta.put("targets.json", new MetaFile(5, Optional.empty(), Optional.empty()));
        repository.publishSnapshot();
        repository.publishTimestamp();
        // The client has seen version 5 named, though there is none to be had.
        assertThat(refresh()).isInstanceOf(Refreshed.Unavailable.class);
        repository.meta.put("targets.json", MetaFile.of(1, repository.file("1.targets.json")));
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(refused(Refusal.OLDER_VERSION)).contains("targets.json of version 1, which is older");
    }

    @Test
    void aSnapshotThatForgetsARoleIsRefused() throws IOException {
        repository.publishDelegated("wheels", 1, new TreeMap<>(), List.of(), TestRepository.key());
        repository.publishSnapshot();
        repository.publishTimestamp();
        current();
        repository.meta.remove("wheels.json");
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(refused(Refusal.OLDER_VERSION)).contains("no wheels.json, which was there before");
    }

    @Test
    void aRootThatGoesBackOrSkipsAVersionIsRefused() throws IOException {
        repository.put("2.root.json", TestRepository.signed(repository.root(1).toSigned(), repository.keys(Role.ROOT)));
        refused(Refusal.OLDER_VERSION);
        repository.put("2.root.json", TestRepository.signed(repository.root(3).toSigned(), repository.keys(Role.ROOT)));
        refused(Refusal.MIXED_VERSIONS);
    }

    // Freeze.

    @Test
    void aTimestampThatIsNotRenewedIsRefusedFromTheSecondThatItEnds() throws IOException {
        clock = NOW.plus(Duration.ofDays(30)).minusSeconds(1);
        current();
        clock = NOW.plus(Duration.ofDays(30));
        assertThat(refused(Refusal.EXPIRED)).contains("timestamp 1 expired at 2026-07-01T12:00:00Z");
    }

    @Test
    void expiryIsJudgedAlsoWhereNothingIsNew() throws IOException {
        var known = ((Refreshed.Current) refresh()).tag();
        repository.takeRequests();
        assertThat(updater().refresh(known, UpdateTime.of(NOW.plus(Duration.ofDays(29)))))
                .isInstanceOf(Refreshed.Current.class);
        assertThat(repository.takeRequests()).containsExactly("2.root.json", "timestamp.json");
        var late = (Refreshed.Refused) updater().refresh(known, UpdateTime.of(NOW.plus(Duration.ofDays(31))));
        assertThat(late.reason()).isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void eachRoleThatHasEndedIsRefusedByItsName() throws IOException {
        for (Role role : Role.values()) {
            var late = new TestRepository(NOW);
            late.lifetime(role, Duration.ofDays(1));
            late.publishRoot();
            late.publishAll();
            MetadataStore fresh = MetadataStore.inMemory();
            var client = Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, late, fresh, TrustLimits.USUAL);
            assertThat(client.begin(late.file("1.root.json"))).isEmpty();
            var refused =
                    (Refreshed.Refused) client.refresh(Optional.empty(), UpdateTime.of(NOW.plus(Duration.ofDays(1))));
            assertThat(refused.reason()).as(role.name()).isEqualTo(Refusal.EXPIRED);
            assertThat(refused.detail()).startsWith(role.metadataName() + " 1 expired");
            assertThat(fresh.read(role.metadataName()).isPresent()).isEqualTo(role == Role.ROOT);
        }
    }

    @Test
    void whatEndsWhileNothingIsNewIsRefusedByItsName() throws IOException {
        for (Role role : List.of(Role.ROOT, Role.SNAPSHOT, Role.TARGETS)) {
            var still = new TestRepository(NOW);
            still.lifetime(role, Duration.ofDays(1));
            still.publishRoot();
            still.publishAll();
            var client = Updater.ofFleet(
                    TestRepository.FLEET, TestRepository.BUCKET, still, MetadataStore.inMemory(), TrustLimits.USUAL);
            assertThat(client.begin(still.file("1.root.json"))).isEmpty();
            var current = (Refreshed.Current) client.refresh(Optional.empty(), UpdateTime.of(NOW));
            Instant last = NOW.plus(Duration.ofDays(1)).minusSeconds(1);
            assertThat(client.refresh(current.tag(), UpdateTime.of(last))).isInstanceOf(Refreshed.Current.class);
            var refused = (Refreshed.Refused) client.refresh(current.tag(), UpdateTime.of(last.plusSeconds(1)));
            assertThat(refused.reason()).as(role.name()).isEqualTo(Refusal.EXPIRED);
            assertThat(refused.detail()).startsWith(role.metadataName() + " 1 expired");
        }
    }

    @Test
    void whatEndsWhileAnUpdateIsUnderWayIsGoodForThatUpdateAndNotForTheNext() throws IOException {
        repository.publishAll();
        // The time is that of the update's beginning: no source, however slow, makes it a later one.
        var begun = UpdateTime.of(NOW.plus(Duration.ofDays(30)).minusSeconds(1));
        MetadataSource slow = (file, known, limit) -> {
            clock = NOW.plus(Duration.ofDays(31));
            return repository.fetch(file, known, limit);
        };
        var client = Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, slow, store, TrustLimits.USUAL);
        assertThat(client.refresh(Optional.empty(), begun)).isInstanceOf(Refreshed.Current.class);
        assertThat(refresh()).isInstanceOf(Refreshed.Refused.class);
    }

    @Test
    void aGraceIsForTheExpiryAloneAndEnds() throws IOException {
        Instant late = NOW.plus(Duration.ofDays(40));
        assertThat(updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(11))))
                .isInstanceOf(Refreshed.Current.class);
        assertThat(updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(10))))
                .isInstanceOf(Refreshed.Refused.class);
        repository.publishTimestamp(signed -> signed, List.of(TestRepository.key()));
        clock = late;
        var stranger =
                (Refreshed.Refused) updater().refresh(Optional.empty(), new UpdateTime(late, Duration.ofDays(99)));
        assertThat(stranger.reason()).isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    // The clock.

    @Test
    void aClockThatIsYearsAheadRefusesAsExpiredAndOneThatIsYearsBehindAsBehind() throws IOException {
        clock = NOW.plus(Duration.ofDays(3650));
        assertThat(refused(Refusal.EXPIRED)).contains("this clock is wrong");
        clock = NOW.minus(Duration.ofDays(3650));
        assertThat(refused(Refusal.CLOCK_BEHIND)).contains("Set it right");
        repository.publishTimestamp();
        refused(Refusal.CLOCK_BEHIND);
        clock = NOW;
        assertThat(current().timestamp().version()).isEqualTo(2);
    }

    // Mix and match.

    @Test
    void aSnapshotThatIsNotTheOneThatTheTimestampLeadsToIsRefused() throws IOException {
        repository.publishSnapshot();
        repository.publishTimestamp();
        repository.put("2.snapshot.json", repository.file("1.snapshot.json"));
        refused(Refusal.WRONG_DIGEST);
    }

    @Test
    void withoutDigestsTheVersionsHaveToBelongTogether() throws IOException {
        repository.put("2.snapshot.json", repository.file("1.snapshot.json"));
        repository.publishTimestamp(
                new MetaFile(2, Optional.empty(), Optional.empty()), signed -> signed, repository.keys(Role.TIMESTAMP));
        assertThat(refused(Refusal.MIXED_VERSIONS)).contains("snapshot 2 is version 1");
    }

    @Test
    void targetsOfAnotherReleaseAreRefused() throws IOException {
        repository.offer(new TreeMap<>(Map.of("programs/a", target("a"))));
        repository.publishAll();
        repository.put("2.targets.json", repository.file("1.targets.json"));
        refused(Refusal.WRONG_DIGEST);
        repository.meta.put("targets.json", new MetaFile(3, Optional.empty(), Optional.empty()));
        repository.put("3.targets.json", repository.file("1.targets.json"));
        repository.publishSnapshot();
        repository.publishTimestamp();
        refused(Refusal.MIXED_VERSIONS);
    }

    @Test
    void metadataOfOneRoleAreNoneOfAnother() throws IOException {
        repository.publishTimestamp(signed -> signed.with("_type", "snapshot"), repository.keys(Role.TIMESTAMP));
        assertThat(refused(Refusal.MALFORMED)).contains("'_type' is snapshot, not timestamp");
    }

    // Signatures.

    @Test
    void aWrongOrMissingSignatureIsRefusedInEachRole() throws IOException {
        for (List<SigningKey> signers : List.of(List.of(TestRepository.key()), List.<SigningKey>of())) {
            repository.publishTargets(signed -> signed, signers);
            repository.publishSnapshot();
            repository.publishTimestamp();
            refused(Refusal.WRONG_SIGNATURE);
            repository.publishSnapshot(signed -> signed, signers);
            repository.publishTimestamp();
            refused(Refusal.WRONG_SIGNATURE);
            repository.publishTimestamp(signed -> signed, signers);
            refused(Refusal.WRONG_SIGNATURE);
            repository.put(
                    "2.root.json", TestRepository.signed(repository.root(2).toSigned(), signers));
            refused(Refusal.WRONG_SIGNATURE);
            repository.remove("2.root.json");
        }
    }

    @Test
    void theKeyOfOneRoleSignsForNoOther() throws IOException {
        for (Role stranger : List.of(Role.ROOT, Role.SNAPSHOT, Role.TIMESTAMP)) {
            repository.publishTargets(signed -> signed, repository.keys(stranger));
            repository.publishSnapshot();
            repository.publishTimestamp();
            refused(Refusal.WRONG_SIGNATURE);
        }
        repository.publishTimestamp(signed -> signed, repository.keys(Role.SNAPSHOT));
        refused(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void contentThatWasChangedAfterSigningIsRefused() throws IOException {
        String document = new String(repository.publishTimestamp(), StandardCharsets.UTF_8);
        repository.put(
                "timestamp.json",
                document.replace("\"version\": 2", "\"version\": 9").getBytes(StandardCharsets.UTF_8));
        refused(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void fewerDifferentKeysThanTheThresholdAreRefused() throws IOException {
        repository.rotate(Role.TARGETS, 3);
        repository.threshold(Role.TARGETS, 2);
        repository.publishRoot();
        List<SigningKey> keys = repository.keys(Role.TARGETS);
        repository.publishTargets(signed -> signed, List.of(keys.getFirst(), TestRepository.key()));
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(refused(Refusal.THRESHOLD_NOT_MET)).contains("1 of the 2 keys");
        repository.publishTargets(signed -> signed, keys.subList(1, 3));
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(current().targets().version()).isEqualTo(3);
    }

    @Test
    void theSameSignatureTwiceIsRefusedAndTheSameKeyUnderTwoIdsCountsOnce() throws IOException {
        SigningKey key = repository.keys(Role.TIMESTAMP).getFirst();
        var once = SignedDocument.parse(repository.publishTimestamp(), TrustLimits.USUAL.timestamp());
        var entry = once.signatures().getFirst();
        JsonObject written =
                JsonObject.EMPTY.with("keyid", entry.keyId().value()).with("sig", entry.signatureHex());
        repository.put(
                "timestamp.json",
                JsonWriter.bytes(JsonObject.EMPTY
                        .with("signatures", new Json.Sequence(List.of(written, written)))
                        .with("signed", once.signed())));
        assertThat(refused(Refusal.MALFORMED)).contains("two signatures name the key");
        var alias = new KeyId("0".repeat(64));
        var ring = new KeyRing(Map.of(key.publicKey().id(), key.publicKey(), alias, key.publicKey()), 2);
        var doubled = new SignedDocument(
                List.of(entry, new SignedDocument.Entry(alias, entry.signatureHex())), once.signed());
        assertThat(doubled.signers(ring)).isEqualTo(1);
    }

    // Endless and oversized data.

    @Test
    void metadataBeyondTheLimitOfTheirKindAreRefused() throws IOException {
        byte[] endless = new byte[(int) TrustLimits.USUAL.targets().bytes() + 1];
        repository.put("timestamp.json", endless);
        refused(Refusal.TOO_LARGE);
        repository.put("2.root.json", endless);
        refused(Refusal.TOO_LARGE);
    }

    @Test
    void metadataThatAreLongerThanPromisedAreRefusedBeforeTheyAreReadToTheEnd() throws IOException {
        repository.publishAll();
        byte[] whole = repository.file("2.targets.json");
        repository.put("2.targets.json", Arrays.copyOf(whole, whole.length + 1));
        assertThat(refused(Refusal.TOO_LARGE)).contains("2.targets.json is larger than");
        repository.put("2.targets.json", whole);
        byte[] snapshot = repository.file("2.snapshot.json");
        repository.put("2.snapshot.json", Arrays.copyOf(snapshot, snapshot.length * 2));
        current();
    }

    @Test
    void anEndlessChainOfRootsIsFollowedOnlySoFarInOneUpdate() throws IOException {
        for (int i = 0; i < 12; i++) {
            repository.publishRoot();
        }
        var few = new TrustLimits(
                TrustLimits.USUAL.root(),
                TrustLimits.USUAL.timestamp(),
                TrustLimits.USUAL.snapshot(),
                TrustLimits.USUAL.targets(),
                5,
                TrustLimits.USUAL.roles(),
                TrustLimits.USUAL.longestLife());
        var client = Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, repository, store, few);
        for (long reached : new long[] {6, 11, 13}) {
            var now = (Refreshed.Current) client.refresh(Optional.empty(), UpdateTime.of(clock));
            assertThat(now.metadata().root().version()).isEqualTo(reached);
        }
    }

    // Stolen keys.

    @Test
    void afterTheRootReplacedAStolenKeyItSignsNothingAnyMore() throws IOException {
        List<SigningKey> stolen = List.copyOf(repository.keys(Role.TIMESTAMP));
        repository.rotate(Role.TIMESTAMP, 1);
        repository.publishRoot();
        repository.publishTimestamp(signed -> signed, stolen);
        refused(Refusal.WRONG_SIGNATURE);
        repository.publishTimestamp();
        assertThat(current().root().version()).isEqualTo(2);
    }

    @Test
    void whatIsKeptIsJudgedByTheKeysOfToday() throws IOException {
        repository.rotate(Role.TARGETS, 1);
        repository.publishRoot();
        assertThat(refused(Refusal.WRONG_SIGNATURE)).contains("targets 1");
        repository.publishAll();
        assertThat(current().targets().version()).isEqualTo(2);
    }

    @Test
    void aSnapshotThatAThiefHasDrivenUpIsForgottenWithItsKeyAlone() throws IOException {
        repository.version(Role.SNAPSHOT, 1_000_000);
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(current().snapshot().version()).isEqualTo(1_000_001);
        repository.version(Role.SNAPSHOT, 1);
        repository.rotate(Role.SNAPSHOT, 1);
        repository.publishRoot();
        repository.publishSnapshot();
        repository.publishTimestamp();
        assertThat(current().snapshot().version()).isEqualTo(2);
    }

    @Test
    void versionsThatAThiefHasDrivenUpAreForgottenWithHisKeys() throws IOException {
        repository.version(Role.TIMESTAMP, 1_000_000);
        repository.version(Role.SNAPSHOT, 1_000_000);
        repository.version(Role.TARGETS, 1_000_000);
        repository.publishAll();
        assertThat(current().targets().version()).isEqualTo(1_000_001);
        for (Role role : List.of(Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS)) {
            repository.version(role, 1);
            repository.rotate(role, 1);
        }
        repository.publishRoot();
        repository.publishAll();
        assertThat(current().targets().version()).isEqualTo(2);
    }

    @Test
    void theSnapshotIsForgottenWithTheTimestampsKeyAndKeptWhereAKeyIsOnlyAdded() throws IOException {
        repository.version(Role.TARGETS, 1000);
        repository.publishAll();
        assertThat(current().targets().version()).isEqualTo(1001);
        repository.version(Role.TARGETS, 1);
        repository.keys(Role.TIMESTAMP, 2);
        repository.publishRoot();
        repository.publishAll();
        assertThat(((Refreshed.Refused) refresh()).reason()).isEqualTo(Refusal.OLDER_VERSION);
        repository.rotate(Role.TIMESTAMP, 1);
        repository.publishRoot();
        repository.publishAll();
        assertThat(current().targets().version()).isEqualTo(3);
    }

    @Test
    void aNewRootHasToBeSignedByTheOldKeysAndByItsOwn() throws IOException {
        List<SigningKey> old = List.copyOf(repository.keys(Role.ROOT));
        repository.rotate(Role.ROOT, 2);
        repository.threshold(Role.ROOT, 2);
        JsonObject next = repository.root(2).toSigned();
        repository.put("2.root.json", TestRepository.signed(next, repository.keys(Role.ROOT)));
        assertThat(refused(Refusal.WRONG_SIGNATURE)).contains("judged by root 1");
        List<SigningKey> some = new ArrayList<>(old);
        some.add(repository.keys(Role.ROOT).getFirst());
        repository.put("2.root.json", TestRepository.signed(next, some));
        assertThat(refused(Refusal.THRESHOLD_NOT_MET)).contains("judged by itself");
        some.add(repository.keys(Role.ROOT).getLast());
        repository.put("2.root.json", TestRepository.signed(next, some));
        assertThat(current().root().version()).isEqualTo(2);
    }

    // Other fleets.

    @Test
    void aRootOfAnotherFleetOrBucketOrOfNobodyIsRefused() throws IOException {
        repository.bind(Optional.of(new Binding(new FleetName("staging"), TestRepository.BUCKET, Optional.empty())));
        repository.publishRoot();
        assertThat(refused(Refusal.WRONG_FLEET)).contains("fleet staging, and this is the fleet test");
        repository.version(Role.ROOT, 1);
        repository.bind(Optional.of(new Binding(TestRepository.FLEET, "other", Optional.empty())));
        repository.publishRoot();
        assertThat(refused(Refusal.WRONG_BUCKET)).contains("bucket other, and this one is fleet");
        repository.version(Role.ROOT, 1);
        repository.bind(Optional.empty());
        repository.publishRoot();
        refused(Refusal.WRONG_FLEET);
    }

    @Test
    void aRootOfAnotherZoneIsRefusedByWhoeverKnowsItsOwn() throws IOException {
        var here = Updater.ofFleet(
                TestRepository.FLEET,
                TestRepository.BUCKET,
                Optional.of("example.org"),
                repository,
                store,
                TrustLimits.USUAL);
        for (Optional<String> other : List.of(Optional.<String>empty(), Optional.of("staging.example.org"))) {
            repository.version(Role.ROOT, 1);
            repository.bind(Optional.of(new Binding(TestRepository.FLEET, TestRepository.BUCKET, other)));
            repository.publishRoot();
            assertThat(here.begin(repository.file("2.root.json")))
                    .hasValueSatisfying(refused -> assertThat(refused.reason()).isEqualTo(Refusal.WRONG_ZONE));
        }
        assertThat(current().root().version()).as("whoever knows of no zone").isEqualTo(2);
        repository.bind(
                Optional.of(new Binding(TestRepository.FLEET, TestRepository.BUCKET, Optional.of("example.org"))));
        byte[] ours = repository.publishRoot();
        assertThat(here.begin(ours)).isEmpty();
        assertThat(here.refresh(Optional.empty(), UpdateTime.of(clock))).isInstanceOf(Refreshed.Current.class);
        repository.bind(Optional.of(
                new Binding(TestRepository.FLEET, TestRepository.BUCKET, Optional.of("staging.example.org"))));
        repository.publishRoot();
        var refused = (Refreshed.Refused) here.refresh(Optional.empty(), UpdateTime.of(clock));
        assertThat(refused.reason()).isEqualTo(Refusal.WRONG_ZONE);
        assertThat(refused.detail()).contains("zone staging.example.org, and this is the zone example.org");
        assertThat(store.read("root").orElseThrow()).as("what was trusted").isEqualTo(ours);
    }

    @Test
    void aMachineIsNotBegunWithTheRootOfAnotherFleet() throws IOException {
        var staging = new TestRepository(NOW);
        staging.bind(Optional.of(new Binding(new FleetName("staging"), TestRepository.BUCKET, Optional.empty())));
        byte[] root = staging.publishRoot();
        assertThat(updater().begin(root))
                .hasValueSatisfying(refused -> assertThat(refused.reason()).isEqualTo(Refusal.WRONG_FLEET));
        assertThat(current().root().version()).isEqualTo(1);
    }

    // Form.

    @Test
    void garbageIsMalformedAndAnUnknownSpecificationIsNamed() throws IOException {
        for (String garbage :
                List.of("", "{}", "[]", "{\"signatures\":[],\"signed\":3}", "\u0000", "{\"signatures\":{}}")) {
            repository.put("timestamp.json", garbage.getBytes(StandardCharsets.UTF_8));
            refused(Refusal.MALFORMED);
        }
        repository.publishTimestamp(signed -> signed.with("spec_version", "2.0.0"), repository.keys(Role.TIMESTAMP));
        assertThat(refused(Refusal.UNKNOWN_SPECIFICATION)).contains("2.0.0");
        repository.publishTimestamp(
                signed -> signed.with("spec_version", "1.9")
                        .with("extra", JsonObject.EMPTY.with("x", new Json.Nothing())),
                repository.keys(Role.TIMESTAMP));
        current();
    }

    @Test
    void whatIsMissingLeavesTheReleaseBeforeAndIsFetchedWhenItIsThere() throws IOException {
        repository.offer(new TreeMap<>(Map.of("programs/a", target("a"))));
        repository.publishAll();
        byte[] targets = repository.file("2.targets.json");
        repository.remove("2.targets.json");
        assertThat(refresh()).isInstanceOf(Refreshed.Unavailable.class);
        repository.put("2.targets.json", targets);
        assertThat(current().targets().version()).isEqualTo(2);
    }

    @Test
    void metadataThatWereChangedOnDiskAreFetchedAgainAndAChangedRootIsRefused() throws IOException {
        for (String role : List.of("timestamp", "snapshot", "targets")) {
            store.write(role, "{}".getBytes(StandardCharsets.UTF_8));
            current();
            assertThat(store.read(role).orElseThrow().length).isGreaterThan(2);
        }
        store.write("root", "{}".getBytes(StandardCharsets.UTF_8));
        refused(Refusal.MALFORMED);
        store.remove("root");
        assertThat(updater().begin(repository.file("1.root.json"))).isEmpty();
        current();
    }
}
