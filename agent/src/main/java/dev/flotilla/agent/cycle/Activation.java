package dev.flotilla.agent.cycle;

import dev.flotilla.agent.configuration.Limits;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Attempt;
import dev.flotilla.agent.state.AgentState.Committed;
import dev.flotilla.agent.state.AgentState.Stage;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
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
    private final StateFolder folder;
    private final Memory memory;
    private final MirrorKeeper keeper;
    private final InstantSource clock;
    private final Step.Journal journal;

    Activation(
            Limits limits,
            StateFolder folder,
            Memory memory,
            MirrorKeeper keeper,
            InstantSource clock,
            Step.Journal journal) {
        this.limits = limits;
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
        Optional<StagedRelease> committed = committed();
        if (committed.isPresent()) {
            Disk.link(folder.current(), folder.linkTo(committed.get().mark().version()));
            keeper.keep(committed.get().mirror(folder));
            prune();
        } else if (attempt.isPresent() && attempt.get().stage() == Stage.REVERTED) {
            Files.deleteIfExists(folder.current());
            keeper.keepNone();
        }
        // Else nothing of this agent runs, or what runs has lost its files: it serves until there is something better.
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
        Optional<StagedRelease> before = committed();
        if (before.isPresent() && before.get().hasTheContentOf(release)) {
            // Only renewed: there is nothing to prove, and a mirror that happens to be unwell doesn't speak against it.
            Disk.link(folder.current(), folder.linkTo(release.mark().version()));
            commit(release.mark());
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
        return switch (keeper.replace(release.mirror(folder))) {
            case MirrorKeeper.Start.Failed failed -> Optional.of(revert(mark, failed.reason()));
            case MirrorKeeper.Start.Ready ignored -> {
                journal.reached(Step.READY, mark.version());
                commit(mark);
                yield Optional.empty();
            }
        };
    }

    private void commit(Mark mark) throws IOException {
        memory.update(state -> state.committed(mark, clock.instant()));
        journal.reached(Step.COMMITTED, mark.version());
        LOG.info("release {} is committed", mark.version());
        prune();
    }

    private String revert(Mark mark, String reason) throws IOException, InterruptedException {
        String problem = "release " + mark.version() + " reverted: " + reason;
        memory.update(state -> state.reached(Stage.REVERTED, clock.instant())
                .refused(mark, problem, clock.instant(), limits.rememberedRefusals()));
        journal.reached(Step.REVERTED, mark.version());
        LOG.warn("{}", problem);
        Optional<StagedRelease> committed = committed();
        if (committed.isEmpty()) {
            Files.deleteIfExists(folder.current());
            keeper.keepNone();
            return problem;
        }
        long back = committed.get().mark().version();
        Disk.link(folder.current(), folder.linkTo(back));
        journal.reached(Step.SWITCHED_BACK, back);
        switch (keeper.replace(committed.get().mirror(folder))) {
            case MirrorKeeper.Start.Ready ignored -> LOG.info("release {} is in use again", back);
            case MirrorKeeper.Start.Failed failed ->
                LOG.error("release {} is in use again, but its mirror does not serve: {}", back, failed.reason());
        }
        journal.reached(Step.BROUGHT_BACK, back);
        return problem;
    }

    /** The release to run while none is on trial. One whose files are damaged is forgotten, so that it is fetched again. */
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

    /** Removes all but the release in use and the one on its way, and the programs of mirrors that are leaving. */
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
