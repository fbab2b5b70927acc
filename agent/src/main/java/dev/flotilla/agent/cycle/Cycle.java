package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.program.ProgramCheck;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Stage;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.steering.Steering;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.TrustedMetadata;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cycle after the other: looks for a release, and goes for it or refuses it. A release that is refused leaves the
 * mirror as it is. For one thread; {@link #trouble} may be asked from any.
 */
public final class Cycle {
    private static final Logger LOG = LoggerFactory.getLogger(Cycle.class);

    private final AgentConfiguration configuration;
    private final StateFolder folder;
    private final Memory memory;
    private final Lookout lookout;
    private final Steering steering;
    private final Staging staging;
    private final MirrorKeeper keeper;
    private final Activation activation;
    private final ProgramCheck check;
    private final InstantSource clock;
    private final Step.Journal journal;
    private volatile Optional<String> trouble = Optional.empty();
    private Optional<String> warning = Optional.empty();

    public Cycle(
            AgentConfiguration configuration,
            StateFolder folder,
            Memory memory,
            Bucket bucket,
            Lookout lookout,
            MirrorKeeper keeper,
            Steering steering,
            InstantSource clock,
            Step.Journal journal) {
        this.configuration = configuration;
        this.folder = folder;
        this.memory = memory;
        this.steering = steering;
        this.lookout = lookout;
        this.staging = new Staging(configuration, folder, bucket, journal);
        this.keeper = keeper;
        this.activation = new Activation(
                configuration.limits(),
                configuration.proof(),
                configuration.mirror().readiness(),
                folder,
                memory,
                keeper,
                clock,
                journal);
        this.check =
                new ProgramCheck("mirror", configuration.mirror().timeOuts().check());
        this.clock = clock;
        this.journal = journal;
    }

    /** What keeps the last cycle from knowing or doing what it should, where something does; it may pass by itself. */
    public Optional<String> trouble() {
        return trouble;
    }

    /** Whether the last cycle could look at the bucket, and did what there was to do. */
    boolean isComplete() {
        return trusted().isPresent() && trouble.isEmpty();
    }

    /** The metadata that the node goes by; absent until it has looked at the bucket. */
    Optional<TrustedMetadata> trusted() {
        return lookout.trusted();
    }

    /** Brings the node back to what it did when the agent ended, without looking at the bucket. */
    public void resume() throws InterruptedException {
        keeper.takeUp();
        try {
            activation.resume();
        } catch (IOException disk) {
            trouble(Optional.of("could not take up where the agent ended: " + disk.getMessage()));
        }
    }

    /** Whether a release soaks, so that {@link #look} has something to look at. */
    public boolean soaks() {
        return memory.state().soaking().isPresent();
    }

    /** Looks at the release that soaks, between two cycles. */
    public void look() throws InterruptedException {
        try {
            activation.look();
        } catch (IOException disk) {
            trouble(Optional.of("the release that soaks could not be looked at: " + disk.getMessage()));
        }
    }

    /** Runs one cycle. Whatever fails is told by {@link #trouble} and by the state, and leaves the mirror serving. */
    public void run() throws InterruptedException {
        try {
            if (memory.state()
                    .attempt()
                    .filter(attempt -> attempt.stage() == Stage.ACTIVATED)
                    .isPresent()) {
                activation.resume();
            }
            activation.look();
            activation.pruneAfterLeaving();
            trouble(carryOut(lookout.look()));
            warn(trusted().flatMap(metadata -> metadata.warning(clock.instant())));
        } catch (IOException disk) {
            trouble(Optional.of("the cycle was broken off: " + disk.getMessage()));
        }
    }

    /**
     * Looks at the bucket where a cycle should have done so by now and is still busy. For a thread of its own; what it sees
     * goes to steering at once, and the cycle heeds it before it puts a release into use.
     */
    public void lookMeanwhile() {
        if (!lookout.isLate(configuration.mirror().watchInterval())) {
            return;
        }
        try {
            if (lookout.look() instanceof Plan.Wait wait) {
                LOG.warn("{}", wait.problem());
            }
        } catch (IOException disk) {
            LOG.warn("what the bucket holds now can't be kept: {}", disk.getMessage());
        }
    }

    private void warn(Optional<String> next) {
        if (!next.equals(warning)) {
            next.ifPresent(text -> LOG.warn("{}", text));
        }
        warning = next;
    }

    /** Logs what changes, and only that. */
    private void trouble(Optional<String> next) {
        if (!next.equals(trouble)) {
            next.ifPresentOrElse(
                    problem -> LOG.warn("{}", problem), () -> LOG.info("the trouble is over: {}", trouble.orElse("")));
        }
        trouble = next;
    }

    private Optional<String> carryOut(Plan plan) throws IOException, InterruptedException {
        return switch (plan) {
            case Plan.Wait wait -> Optional.of(wait.problem());
            case Plan.Refuse refuse -> {
                Optional<AgentState.Settled> settled = refuse.settled();
                memory.update(state -> state.withSettled(settled).withoutHold());
                yield settled.isPresent() ? Optional.empty() : Optional.of(refuse.problem());
            }
            case Plan.Confirm confirm -> {
                memory.update(
                        state -> state.withSettled(Optional.of(confirm.release().settled()))
                                .withoutHold());
                yield Optional.empty();
            }
            case Plan.Hold hold -> {
                hold(hold);
                yield Optional.empty();
            }
            case Plan.Apply apply -> steering.pause().isPresent() ? Optional.empty() : apply(apply);
        };
    }

    /** Remembered, so that it is reported and known after a restart, and no trouble: the node is as it should be. */
    private void hold(Plan.Hold hold) throws IOException {
        Optional<AgentState.Held> before = memory.state().rollout().flatMap(AgentState.Rollout::held);
        if (!before.equals(Optional.of(hold.why()))) {
            LOG.info("release {}: {}", hold.release().version(), hold.why().reason());
        }
        memory.update(state -> state.withSettled(Optional.of(hold.release().settled()))
                .held(hold.release().mark(), hold.why(), clock.instant()));
    }

    private Optional<String> apply(Plan.Apply plan) throws IOException, InterruptedException {
        Mark mark = plan.release().mark();
        memory.update(state -> state.withSettled(Optional.empty()).withoutHold().begun(mark, clock.instant()));
        journal.reached(Step.TRUSTED, mark.version());
        return switch (staging.stage(plan, () -> isWanted(plan))) {
            case Staging.Outcome.BrokenOff ignored -> brokenOff();
            case Staging.Outcome.Unavailable away ->
                Optional.of("release " + mark.version() + " can't be fetched: " + away.reason());
            case Staging.Outcome.Broken broken -> refused(plan.release(), broken.reason());
            case Staging.Outcome.Damaged damaged -> setBack(plan.release(), damaged.reason());
            case Staging.Outcome.Staged staged -> checked(plan, staged.release());
        };
    }

    /** Whether to go on with it: not where the agent ends, nor where another look has led to something else. */
    private boolean isWanted(Plan.Apply plan) {
        return !Thread.currentThread().isInterrupted() && !plan.isOvertakenBy(lookout.seen());
    }

    private Optional<String> brokenOff() throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return carryOut(lookout.seen());
    }

    private Optional<String> checked(Plan.Apply plan, StagedRelease staged) throws IOException, InterruptedException {
        Plan.Release release = plan.release();
        return switch (check.judge(staged.mirror(folder).check())) {
            case ProgramCheck.Judgement.Wrong wrong -> refused(release, wrong.reason());
            case ProgramCheck.Judgement.Undecided undecided -> setBack(release, undecided.reason());
            case ProgramCheck.Judgement.Right ignored -> {
                memory.update(state -> state.reached(Stage.STAGED, clock.instant()));
                journal.reached(Step.STAGED, release.version());
                yield stillWanted(plan) ? activated(release, staged) : carryOut(lookout.seen());
            }
        };
    }

    private Optional<String> activated(Plan.Release release, StagedRelease staged)
            throws IOException, InterruptedException {
        if (steering.pause().isEmpty()) {
            Optional<String> problem = activation.activate(staged);
            settle(problem.map(release::settledWith).orElseGet(release::settled), release.version());
        }
        return Optional.empty();
    }

    /** Staging takes its time: whether what is known of the bucket by now says the same of the release as when it began. */
    private boolean stillWanted(Plan.Apply plan) throws IOException {
        if (lookout.isDue()) {
            lookout.look();
        }
        return !plan.isOvertakenBy(lookout.seen());
    }

    /** The release failed for a reason that may pass: it is tried again, but not for ever. */
    private Optional<String> setBack(Plan.Release release, String reason) throws IOException {
        int tries = memory.state().attempt().orElseThrow().tries();
        int most = configuration.limits().tries();
        if (tries >= most) {
            return refused(release, reason + " (tried " + tries + " times)");
        }
        memory.update(AgentState::triedAgain);
        return Optional.of("release " + release.version() + " failed, try " + tries + " of " + most + ": " + reason);
    }

    private Optional<String> refused(Plan.Release release, String reason) throws IOException {
        String problem = Planner.refusal(release.mark(), reason);
        LOG.warn("{}", problem);
        memory.update(state -> state.refused(
                        release.mark(),
                        problem,
                        clock.instant(),
                        configuration.limits().rememberedRefusals())
                .withoutAttempt());
        settle(release.settledWith(problem), release.version());
        activation.prune();
        return Optional.empty();
    }

    private void settle(AgentState.Settled settled, long version) throws IOException {
        memory.update(state -> state.withSettled(Optional.of(settled)));
        journal.reached(Step.SETTLED, version);
    }
}
