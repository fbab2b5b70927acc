package dev.flotilla.agent.cycle;

import dev.flotilla.agent.configuration.Limits;
import dev.flotilla.agent.configuration.Proof;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.mirror.Comparison;
import dev.flotilla.agent.mirror.KnownProbe;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Attempt;
import dev.flotilla.agent.state.AgentState.Committed;
import dev.flotilla.agent.state.AgentState.Soaking;
import dev.flotilla.agent.state.AgentState.Stage;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a staged release into use, proves it and commits it, or goes back to the release before. What should be in use is
 * remembered first and brought about second, so that an agent that was killed anywhere in between only has to do the
 * second part again.
 */
final class Activation {
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);

    private final Limits limits;
    private final Proof proof;
    private final KnownProbe known;
    private Instant nextLook = Instant.MIN;
    private final StateFolder folder;
    private final Memory memory;
    private final MirrorKeeper keeper;
    private final InstantSource clock;
    private final Step.Journal journal;

    Activation(
            Limits limits,
            Proof proof,
            URI readiness,
            StateFolder folder,
            Memory memory,
            MirrorKeeper keeper,
            InstantSource clock,
            Step.Journal journal) {
        this.limits = limits;
        this.proof = proof;
        this.known = new KnownProbe(proof.known(), readiness);
        this.folder = folder;
        this.memory = memory;
        this.keeper = keeper;
        this.clock = clock;
        this.journal = journal;
    }

    /** Brings link and process in line with what is remembered: after a start, and after having been killed. */
    void resume() throws IOException, InterruptedException {
        Optional<Attempt> attempt = memory.state().attempt();
        if (attempt.isPresent() && attempt.get().stage() == Stage.ACTIVATED) {
            takeUp(attempt.get());
            return;
        }
        if (memory.state().equals(AgentState.FRESH)) {
            recognise();
        }
        Optional<StagedRelease> standing = standing();
        if (standing.isPresent()) {
            goOn(standing.get());
        } else if (attempt.isPresent() && attempt.get().stage() == Stage.REVERTED) {
            Files.deleteIfExists(folder.current());
            keeper.keepNone();
        }
        // Else nothing of this agent runs, or what runs has lost its files: it serves until there is something better.
    }

    private void goOn(StagedRelease standing) throws IOException, InterruptedException {
        Optional<Soaking> soaking = memory.state().soaking();
        if (soaking.isPresent() && !keeper.runs(standing.mirror(folder))) {
            // Nobody saw why: a crash, or the whole node ended. It may begin anew, but not for ever.
            int tries = soaking.get().tries();
            if (tries >= limits.tries() && memory.state().committed().isPresent()) {
                goBack(standing.mark(), "while it soaked, its mirror was found gone " + tries + " times");
                return;
            }
            memory.update(state -> state.soakingAnew(clock.instant()));
        }
        Disk.link(folder.current(), folder.linkTo(standing.mark().version()));
        keeper.keep(standing.mirror(folder));
        prune();
    }

    private void takeUp(Attempt attempt) throws IOException, InterruptedException {
        Mark mark = attempt.mark();
        if (attempt.tries() >= limits.tries()) {
            revert(mark, "the agent was interrupted " + limits.tries() + " times while it tried it");
            return;
        }
        memory.update(AgentState::triedAgain);
        StagedRelease release;
        try {
            release = StagedRelease.read(folder, mark);
        } catch (IOException damaged) {
            revert(mark, String.valueOf(damaged.getMessage()));
            return;
        }
        prove(release);
    }

    /** An agent that lost its memory finds the release that was in use, so that its mirror goes on. */
    private void recognise() throws IOException {
        Optional<StagedRelease> current = StagedRelease.current(folder);
        if (current.isPresent()) {
            Mark mark = current.get().mark();
            LOG.warn("nothing is remembered, but release {} is in use: going on with it", mark.version());
            memory.update(state -> state.committed(mark, clock.instant()));
        }
    }

    /** Puts the release into use. Answers why it was given up again, where it was. */
    Optional<String> activate(StagedRelease release) throws IOException, InterruptedException {
        Optional<StagedRelease> before = standing();
        if (before.isPresent() && before.get().hasTheContentOf(release)) {
            // Only renewed: there is nothing to prove, and a mirror that happens to be unwell doesn't speak against it.
            Disk.link(folder.current(), folder.linkTo(release.mark().version()));
            if (memory.state().soaking().isPresent()) {
                memory.update(state -> state.soakingAs(release.mark()));
                journal.reached(Step.SOAKING, release.mark().version());
            } else {
                commit(release.mark());
            }
            keeper.keep(release.mirror(folder));
            return Optional.empty();
        }
        memory.update(state -> state.reached(Stage.ACTIVATED, clock.instant()));
        journal.reached(Step.ACTIVATED, release.mark().version());
        return prove(release);
    }

    private Optional<String> prove(StagedRelease release) throws IOException, InterruptedException {
        Mark mark = release.mark();
        Disk.link(folder.current(), folder.linkTo(mark.version()));
        journal.reached(Step.SWITCHED, mark.version());
        return switch (keeper.replace(release.mirror(folder), recorded(mark))) {
            case MirrorKeeper.Start.Failed failed -> Optional.of(revert(mark, failed.reason()));
            case MirrorKeeper.Start.Ready ignored -> {
                journal.reached(Step.READY, mark.version());
                memory.update(state -> state.soaking(mark, clock.instant()));
                journal.reached(Step.SOAKING, mark.version());
                LOG.info(
                        "release {} serves, and soaks for {} s",
                        mark.version(),
                        proof.soak().toSeconds());
                yield look();
            }
        };
    }

    private Comparison recorded(Mark mark) {
        return new Comparison() {
            @Override
            public void remember() {
                known.remember();
                journal.reached(Step.KNOWN_ASKED, mark.version());
            }

            @Override
            public Optional<String> againstTheOneBefore() throws InterruptedException {
                Optional<String> worse = known.againstTheOneBefore();
                if (worse.isEmpty()) {
                    journal.reached(Step.COMPARED, mark.version());
                }
                return worse;
            }
        };
    }

    /**
     * Looks at the release that soaks, where one does: commits it when its time is over, and goes back where it fails. Answers
     * why it was given up, where it was.
     */
    Optional<String> look() throws IOException, InterruptedException {
        Optional<Soaking> soaking = memory.state().soaking();
        Optional<MirrorKeeper.View> view = keeper.view();
        if (soaking.isEmpty() || view.isEmpty()) {
            return Optional.empty();
        }
        Mark mark = soaking.get().mark();
        Instant now = clock.instant();
        if (soaking.get().since().isAfter(now)) {
            // The clock was set back. How long it has served is not known any more.
            memory.update(state -> state.soakingAnew(now));
            return Optional.empty();
        }
        return switch (verdict(soaking.get(), view.get(), now)) {
            case Soak.Verdict.GoesOn ignored -> Optional.empty();
            case Soak.Verdict.Over ignored -> {
                journal.reached(Step.PROVED, mark.version());
                commit(mark);
                yield Optional.empty();
            }
            case Soak.Verdict.Failed failed -> {
                if (memory.state().committed().isPresent()) {
                    yield Optional.of(goBack(mark, failed.reason()));
                }
                LOG.warn(
                        "release {} has to begin anew, for there is none to go back to: {}",
                        mark.version(),
                        failed.reason());
                keeper.overlookEnd();
                memory.update(state -> state.soakingAnew(now));
                yield Optional.empty();
            }
        };
    }

    private Soak.Verdict verdict(Soaking soaking, MirrorKeeper.View view, Instant now) throws InterruptedException {
        Soak.Verdict verdict = Soak.judge(proof, soaking, view, now);
        boolean due = verdict instanceof Soak.Verdict.Over || !now.isBefore(nextLook);
        boolean canGoBack = memory.state().committed().isPresent();
        if (verdict instanceof Soak.Verdict.Failed || !due || !canGoBack) {
            return verdict;
        }
        nextLook = now.plus(proof.known().interval());
        return known.againstItself()
                .<Soak.Verdict>map(reason -> new Soak.Verdict.Failed("while it soaked, " + reason))
                .orElse(verdict);
    }

    private void commit(Mark mark) throws IOException {
        memory.update(state -> state.committed(mark, clock.instant()));
        journal.reached(Step.COMMITTED, mark.version());
        LOG.info("release {} is committed", mark.version());
        prune();
    }

    private String revert(Mark mark, String reason) throws IOException, InterruptedException {
        return back(mark, reason, state -> state.reached(Stage.REVERTED, clock.instant()));
    }

    /** From the release that soaked to the one that is committed. */
    private String goBack(Mark mark, String reason) throws IOException, InterruptedException {
        return back(mark, reason, state -> state.soakedBadly(clock.instant()));
    }

    private String back(Mark mark, String reason, UnaryOperator<AgentState> failing)
            throws IOException, InterruptedException {
        String problem = "release " + mark.version() + " reverted: " + reason;
        memory.update(
                state -> failing.apply(state).refused(mark, problem, clock.instant(), limits.rememberedRefusals()));
        journal.reached(Step.REVERTED, mark.version());
        LOG.warn("{}", problem);
        Optional<StagedRelease> standing = standing();
        if (standing.isEmpty()) {
            Files.deleteIfExists(folder.current());
            keeper.keepNone();
            return problem;
        }
        long back = standing.get().mark().version();
        Disk.link(folder.current(), folder.linkTo(back));
        journal.reached(Step.SWITCHED_BACK, back);
        switch (keeper.replace(standing.get().mirror(folder), Comparison.NONE)) {
            case MirrorKeeper.Start.Ready ignored -> LOG.info("release {} is in use again", back);
            case MirrorKeeper.Start.Failed failed ->
                LOG.error("release {} is in use again, but its mirror does not serve: {}", back, failed.reason());
        }
        journal.reached(Step.BROUGHT_BACK, back);
        return problem;
    }

    /** The release to run while none is on trial. One that soaks and is damaged on disk is fetched again later. */
    private Optional<StagedRelease> standing() throws IOException {
        Optional<Mark> soaking = memory.state().soaking().map(Soaking::mark);
        if (soaking.isPresent()) {
            try {
                return Optional.of(StagedRelease.read(folder, soaking.get()));
            } catch (IOException damaged) {
                LOG.error(
                        "the release that soaks is damaged on disk and has to be fetched again: {}",
                        damaged.getMessage());
                memory.update(AgentState::withoutSoaking);
            }
        }
        return committed();
    }

    /** One whose files are damaged is forgotten, so that it is fetched again. */
    private Optional<StagedRelease> committed() throws IOException {
        Optional<Mark> mark = memory.state().committed().map(Committed::mark);
        if (mark.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StagedRelease.read(folder, mark.get()));
        } catch (IOException damaged) {
            LOG.error("the release in use is damaged on disk and has to be fetched again: {}", damaged.getMessage());
            memory.update(AgentState::withoutCommitted);
            return Optional.empty();
        }
    }

    /** Removes what mirrors used that have left meanwhile. */
    void pruneAfterLeaving() throws IOException {
        if (keeper.haveSomeLeft()) {
            prune();
        }
    }

    /** Removes all but the releases that are committed, soak or are on their way, and the programs of mirrors that are leaving. */
    void prune() throws IOException {
        AgentState state = memory.state();
        Set<Long> versions = new HashSet<>();
        Set<Sha256> programs = new HashSet<>();
        for (Mark mark : state.attempt()
                .filter(attempt -> attempt.stage() != Stage.REVERTED)
                .map(attempt -> Set.of(attempt.mark()))
                .orElse(Set.of())) {
            keep(mark, versions, programs);
        }
        state.soaking().ifPresent(soaking -> keep(soaking.mark(), versions, programs));
        state.committed().ifPresent(committed -> keep(committed.mark(), versions, programs));
        programs.addAll(keeper.programsOfLeaving());
        folder.prune(versions, programs);
    }

    private void keep(Mark mark, Set<Long> versions, Set<Sha256> programs) {
        try {
            programs.add(StagedRelease.read(folder, mark).program());
            versions.add(mark.version());
        } catch (IOException notWhole) {
            // What is not whole is of no use to anybody.
        }
    }
}
