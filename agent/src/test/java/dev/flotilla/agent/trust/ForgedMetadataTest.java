package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Metadata that don't belong together, that nobody of the fleet has signed, or that are no metadata at all. */
class ForgedMetadataTest extends UnderAttack {
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
