package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Older metadata in the place of newer ones. */
class RollbackAttackTest extends UnderAttack {
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
}
