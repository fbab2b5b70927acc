package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Stolen keys, and roots of other fleets. */
class RootAttackTest extends UnderAttack {
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
}
