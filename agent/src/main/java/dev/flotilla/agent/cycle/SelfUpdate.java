package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.program.ProgramCheck;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.agent.state.AgentState.Committed;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the agent that the committed release brings in place of this one. A new agent is staged and judges this node's
 * configuration; then it runs on trial, and has won once it has completed a cycle: looked at the bucket, done what there was
 * to do, and seen its mirror ready. One that loses is taken back by scripts that need no agent, and refused by the agent
 * before it, once that one has completed a cycle in the same time: where neither can, something else is to blame.
 *
 * <p>For the thread of the cycle; {@link #problem} may be asked from any.
 */
public final class SelfUpdate {
    private static final Logger LOG = LoggerFactory.getLogger(SelfUpdate.class);

    private final AgentConfiguration configuration;
    private final StateFolder folder;
    private final Optional<Slots> slots;
    private final Memory memory;
    private final Cycle cycle;
    private final MirrorKeeper keeper;
    private final ProgramStaging programs;
    private final ProgramCheck check;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final long begun;
    private Optional<Sha256> trying = Optional.empty();
    private int tries;
    private volatile Optional<String> problem = Optional.empty();

    /** @param slots absent where nothing would start another agent in place of this one */
    public SelfUpdate(
            AgentConfiguration configuration,
            StateFolder folder,
            Optional<Slots> slots,
            Bucket bucket,
            Memory memory,
            Cycle cycle,
            MirrorKeeper keeper,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.configuration = configuration;
        this.folder = folder;
        this.slots = slots;
        this.memory = memory;
        this.cycle = cycle;
        this.keeper = keeper;
        this.programs = new ProgramStaging(
                bucket, configuration.limits().archive(), configuration.limits().freeSpace());
        this.check = new ProgramCheck("agent", configuration.selfUpdate().check());
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
    }

    /** What keeps this node from the agent that its release brings, where something does. */
    public Optional<String> problem() {
        return problem;
    }

    /** After a cycle: goes on with what there is to do. Answers whether this agent has to end, because another one is to run. */
    public boolean look() throws InterruptedException {
        if (slots.isEmpty()) {
            return false;
        }
        try {
            return look(slots.get());
        } catch (IOException disk) {
            problem("the agent's own programs can't be kept: " + disk.getMessage());
            return false;
        }
    }

    private boolean look(Slots mine) throws IOException, InterruptedException {
        mine.finish();
        if (mine.isDisplaced()) {
            LOG.warn("this agent has lost its trial: ending, so that the one before it runs");
            return true;
        }
        if (mine.isOnTrial()) {
            if (completed() && mine.promote()) {
                LOG.info("this agent has completed a cycle, and stays");
            }
            return false;
        }
        return judged(mine) && follow(mine);
    }

    /** What every agent has to be able to do, and what a new one is measured by. */
    private boolean completed() {
        return cycle.isComplete()
                && keeper.view()
                        .flatMap(MirrorKeeper.View::mirror)
                        .filter(NodeReport.Mirror::ready)
                        .isPresent();
    }

    /** Whether no trial waits for its verdict. */
    private boolean judged(Slots mine) throws IOException {
        Optional<Slots.Failure> failure = mine.failed();
        if (failure.isEmpty()) {
            return true;
        }
        Sha256 program = failure.get().program();
        String lost = "agent " + program + " lost its trial: " + failure.get().reason();
        if (completed()) {
            refuse(mine, program, lost);
            return true;
        }
        if (nanoTime.getAsLong() - begun > configuration.selfUpdate().trial().toNanos()) {
            LOG.warn("{}; but this agent can't complete a cycle either, so that one gets another trial later", lost);
            mine.forgetFailure();
            return true;
        }
        problem(lost + "; it is refused if this agent can do what that one couldn't");
        return false;
    }

    private boolean follow(Slots mine) throws IOException, InterruptedException {
        Optional<TargetFile> wanted = wanted();
        if (wanted.isEmpty() || mine.running().equals(wanted.map(TargetFile::sha256))) {
            problem = Optional.empty();
            return false;
        }
        Sha256 program = wanted.get().sha256();
        Optional<String> refusal = mine.refusal(program);
        if (refusal.isPresent()) {
            problem(refusal.get());
            return false;
        }
        return completed() && stage(mine, wanted.get());
    }

    /** The agent of the release that this node has proved. One that the node has not come to yet brings none. */
    private Optional<TargetFile> wanted() {
        Optional<Committed> committed = memory.state().committed();
        return cycle.trusted()
                .filter(metadata -> committed.map(Committed::mark).equals(Optional.of(metadata.release())))
                .flatMap(metadata -> metadata.targets().target(TargetPath.agentProgram()));
    }

    private boolean stage(Slots mine, TargetFile file) throws IOException, InterruptedException {
        Sha256 program = file.sha256();
        if (!trying.equals(Optional.of(program))) {
            trying = Optional.of(program);
            tries = 0;
        }
        if (file.length().compareTo(configuration.limits().program()) > 0) {
            refuse(
                    mine,
                    program,
                    "agent " + program + " refused: it is " + file.length() + " large, and the limit is "
                            + configuration.limits().program());
            return false;
        }
        var way = new ProgramStaging.Way(TargetPath.agentProgram(), file, folder.download(program), mine.home(program));
        mine.removeUnlessStartable(program);
        Optional<Staging.Outcome> failure =
                programs.bring(way, () -> !Thread.currentThread().isInterrupted(), ProgramStaging.Progress.NOBODY);
        if (failure.isPresent()) {
            failed(mine, program, failure.get());
            return false;
        }
        return begin(mine, program);
    }

    private void failed(Slots mine, Sha256 program, Staging.Outcome failure) throws IOException {
        switch (failure) {
            case Staging.Outcome.Unavailable away ->
                problem("agent " + program + " can't be fetched: " + away.reason());
            case Staging.Outcome.Damaged damaged -> setBack(mine, program, damaged.reason());
            case Staging.Outcome.Broken broken ->
                refuse(mine, program, "agent " + program + " refused: " + broken.reason());
            case Staging.Outcome.BrokenOff ignored -> problem = Optional.empty();
            case Staging.Outcome.Staged staged -> throw new IllegalStateException("no failure: " + staged);
        }
    }

    private boolean begin(Slots mine, Sha256 program) throws IOException, InterruptedException {
        var command = List.of(
                mine.executable(program).toString(),
                "check",
                "--config",
                configuration.file().toString());
        switch (check.judge(command)) {
            case ProgramCheck.Judgement.Wrong wrong ->
                refuse(mine, program, "agent " + program + " refused: " + wrong.reason());
            case ProgramCheck.Judgement.Undecided undecided -> setBack(mine, program, undecided.reason());
            case ProgramCheck.Judgement.Right ignored -> {
                mine.begin(
                        program,
                        configuration.selfUpdate().trial(),
                        configuration.selfUpdate().starts());
                LOG.info("agent {} gets its trial: ending, so that it is started", program);
                return true;
            }
        }
        return false;
    }

    /** It failed for a reason that may pass. */
    private void setBack(Slots mine, Sha256 program, String reason) throws IOException {
        tries++;
        int most = configuration.limits().tries();
        if (tries >= most) {
            refuse(mine, program, "agent " + program + " refused: " + reason + " (tried " + tries + " times)");
        } else {
            problem("agent " + program + " failed, try " + tries + " of " + most + ": " + reason);
        }
    }

    private void refuse(Slots mine, Sha256 program, String reason) throws IOException {
        mine.refuse(program, reason, clock.instant(), configuration.limits().rememberedRefusals());
        problem(reason);
    }

    /** Logs what changes, and only that. */
    private void problem(String next) {
        if (!problem.equals(Optional.of(next))) {
            LOG.warn("{}", next);
        }
        problem = Optional.of(next);
    }
}
