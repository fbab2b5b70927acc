package dev.flotilla.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private static Mark mark(int version) {
        return new Mark(version, Sha256.of(new byte[] {(byte) version}));
    }

    @Test
    void whatIsRememberedComesBack(@TempDir Path path) throws Exception {
        var store = new StateStore(new StateFolder(path));
        assertThat(store.load()).isEqualTo(AgentState.FRESH);
        AgentState state = AgentState.FRESH
                .withSettled(Optional.of(new AgentState.Settled(new ETag("\"abc\""), Optional.of("it hurts"))))
                .committed(mark(1), NOW)
                .soaking(mark(3), NOW)
                .soakingAnew(NOW)
                .begun(mark(4), NOW)
                .triedAgain()
                .refused(mark(2), "because", NOW, 20)
                .held(mark(5), new AgentState.Held(true, "the canary failed", Optional.of(NOW)), NOW);
        store.save(state);
        assertThat(store.load()).isEqualTo(state);
    }

    @Test
    void aReleaseIsKnownSinceItWasHeldFirstUntilItIsCommittedOrAnotherOneComes() {
        var why = new AgentState.Held(false, "waiting for wave 1 of 2", Optional.empty());
        AgentState held = AgentState.FRESH.held(mark(2), why, NOW).held(mark(2), why, NOW.plusSeconds(60));
        assertThat(held.seen(mark(2), NOW.plusSeconds(90))).isEqualTo(NOW);
        AgentState gone = held.withoutHold().begun(mark(2), NOW.plusSeconds(90));
        assertThat(gone.rollout().orElseThrow().held()).isEmpty();
        assertThat(gone.seen(mark(2), NOW.plusSeconds(90))).isEqualTo(NOW);
        assertThat(held.seen(mark(3), NOW.plusSeconds(90))).isEqualTo(NOW.plusSeconds(90));
        assertThat(gone.committed(mark(2), NOW).rollout()).isEmpty();
    }

    @Test
    void aDamagedMemoryIsNotTakenForAFreshOne(@TempDir Path path) throws Exception {
        var folder = new StateFolder(path);
        for (String damage : new String[] {"", "{}", "{\"format\":1}", "{\"format\":2,\"refused\":[]}"}) {
            Files.writeString(folder.state(), damage);
            assertThatThrownBy(() -> new StateStore(folder).load()).hasMessageContaining("is damaged");
        }
    }

    @Test
    void onlyTheLatestRefusalsAreKept() {
        AgentState state = AgentState.FRESH;
        for (int version = 1; version <= 5; version++) {
            state = state.refused(mark(version), "reason " + version, NOW, 3);
        }
        assertThat(state.refusals()).hasSize(3);
        assertThat(state.refusal(mark(5))).contains("reason 5");
        assertThat(state.refusal(mark(2))).isEmpty();
    }

    @Test
    void theReleaseOnTrialIsTheOneInUse() {
        AgentState committed = AgentState.FRESH.committed(mark(1), NOW);
        AgentState begun = committed.begun(mark(2), NOW);
        assertThat(begun.inUse()).contains(mark(1));
        assertThat(begun.reached(AgentState.Stage.STAGED, NOW).inUse()).contains(mark(1));
        assertThat(begun.reached(AgentState.Stage.ACTIVATED, NOW).inUse()).contains(mark(2));
        assertThat(begun.reached(AgentState.Stage.REVERTED, NOW).inUse()).contains(mark(1));
    }

    @Test
    void theReleaseThatSoaksIsInUseUntilAnotherOneIsActivatedAndAgainWhenThatOneFails() {
        AgentState soaking = AgentState.FRESH
                .committed(mark(1), NOW)
                .begun(mark(2), NOW)
                .reached(AgentState.Stage.ACTIVATED, NOW)
                .soaking(mark(2), NOW);
        assertThat(soaking.inUse()).contains(mark(2));
        assertThat(soaking.attempt()).isEmpty();
        AgentState next = soaking.begun(mark(3), NOW);
        assertThat(next.inUse()).contains(mark(2));
        assertThat(next.reached(AgentState.Stage.ACTIVATED, NOW).inUse()).contains(mark(3));
        AgentState failed = next.reached(AgentState.Stage.REVERTED, NOW);
        assertThat(failed.inUse()).contains(mark(2));
        assertThat(failed.committed(mark(2), NOW).attempt())
                .as("that the next one failed stays known")
                .isEqualTo(failed.attempt());
        AgentState back = soaking.soakedBadly(NOW);
        assertThat(back.inUse()).contains(mark(1));
        assertThat(back.attempt().orElseThrow().mark()).isEqualTo(mark(2));
    }

    @Test
    void pruningLeavesWhatIsKeptAndNothingElse(@TempDir Path path) throws Exception {
        var folder = new StateFolder(path);
        folder.create();
        Sha256 kept = Sha256.of(new byte[1]);
        Files.createDirectories(folder.release(1).resolve("deep"));
        Files.createDirectories(folder.release(2));
        Files.createDirectories(folder.artifact(kept));
        Files.createDirectories(folder.artifact(Sha256.of(new byte[2])));
        Files.createSymbolicLink(folder.release(1).resolve("out"), path);
        folder.newRelease();
        folder.prune(Set.of(2L), Set.of(kept));
        try (var releases = Files.list(path.resolve("releases"));
                var artifacts = Files.list(path.resolve("artifacts"))) {
            assertThat(releases).containsExactly(folder.release(2));
            assertThat(artifacts).containsExactly(folder.artifact(kept));
        }
    }
}
