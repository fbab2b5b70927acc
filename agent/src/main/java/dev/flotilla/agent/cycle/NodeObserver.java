package dev.flotilla.agent.cycle;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Attempt;
import dev.flotilla.agent.state.AgentState.Stage;
import dev.flotilla.agent.steering.Steering;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.wheels.WheelIndexes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Puts together what a node has to say about itself. Never waits. Thread-safe. */
public final class NodeObserver {
    private final AgentConfiguration configuration;
    private final NodeReport.Agent agent;
    private final Memory memory;
    private final Cycle cycle;
    private final SelfUpdate selfUpdate;
    private final MirrorKeeper keeper;
    private final Steering steering;
    private final WheelIndexes wheels;
    private final InstantSource clock;

    public NodeObserver(
            AgentConfiguration configuration,
            NodeReport.Agent agent,
            Memory memory,
            Cycle cycle,
            SelfUpdate selfUpdate,
            MirrorKeeper keeper,
            Steering steering,
            WheelIndexes wheels,
            InstantSource clock) {
        this.configuration = configuration;
        this.agent = agent;
        this.memory = memory;
        this.cycle = cycle;
        this.selfUpdate = selfUpdate;
        this.keeper = keeper;
        this.steering = steering;
        this.wheels = wheels;
        this.clock = clock;
    }

    /** Whether there is anything to say yet. Until an agent has taken up what was, its silence is better than a guess. */
    public boolean knowsAnything() {
        return keeper.view().isPresent() || cycle.trouble().isPresent() || isFirstReleaseSettled(memory.state());
    }

    /** A node whose very first release was refused has no mirror that could be taken up, and whoever waits for it wants to know. */
    private static boolean isFirstReleaseSettled(AgentState state) {
        return state.inUse().isEmpty() && state.settled().isPresent();
    }

    public NodeReport observe() {
        AgentState state = memory.state();
        Optional<MirrorKeeper.View> mirror = keeper.view();
        Instant now = clock.instant();
        Set<String> problems = new LinkedHashSet<>();
        mirror.flatMap(MirrorKeeper.View::problem).ifPresent(problems::add);
        state.attempt()
                .filter(attempt -> attempt.stage() == Stage.REVERTED)
                .flatMap(attempt -> state.refusal(attempt.mark()))
                .ifPresent(problems::add);
        state.settled().flatMap(AgentState.Settled::problem).ifPresent(problems::add);
        cycle.trouble().ifPresent(problems::add);
        selfUpdate.problem().ifPresent(problems::add);
        steering.problem().ifPresent(problems::add);
        if (problems.isEmpty() && state.inUse().isEmpty()) {
            problems.add("no release is in use yet");
        }
        return new NodeReport(
                        configuration.fleet(),
                        configuration.region(),
                        configuration.node(),
                        now,
                        agent,
                        release(state),
                        mirror.flatMap(MirrorKeeper.View::mirror),
                        problems.isEmpty() ? NodeReport.Condition.HEALTHY : NodeReport.Condition.DEGRADED,
                        problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)),
                        cycle.trusted().map(metadata -> trust(metadata, now)),
                        refused(state),
                        state.rollout().flatMap(NodeObserver::waiting))
                .with(steering.report(mirror.filter(MirrorKeeper.View::drained).isPresent()))
                .withWheels(wheels.report());
    }

    private static NodeReport.Trust trust(TrustedMetadata metadata, Instant now) {
        return new NodeReport.Trust(
                metadata.root().version(), metadata.timestamp().version(), metadata.expires(), metadata.warning(now));
    }

    /** The rollout of a release counts it as a failure when a node says this, whatever the node does about it later. */
    private static Optional<Long> refused(AgentState state) {
        long inUse = state.standing().map(Mark::version).orElse(0L);
        return state.refusals().stream()
                .map(refused -> refused.mark().version())
                .filter(version -> version > inUse)
                .max(Long::compare);
    }

    private static Optional<NodeReport.Waiting> waiting(AgentState.Rollout rollout) {
        return rollout.held()
                .map(held ->
                        new NodeReport.Waiting(rollout.mark().version(), held.stopped(), held.reason(), held.until()));
    }

    private static Optional<NodeReport.Release> release(AgentState state) {
        return state.attempt()
                .filter(attempt -> attempt.stage() != Stage.STAGING)
                .map(attempt -> new NodeReport.Release(attempt.mark().version(), reported(attempt), attempt.since()))
                .or(() -> state.soaking()
                        .map(soaking -> new NodeReport.Release(
                                soaking.mark().version(), NodeReport.State.SOAKING, soaking.since())))
                .or(() -> state.committed()
                        .map(committed -> new NodeReport.Release(
                                committed.mark().version(), NodeReport.State.COMMITTED, committed.since())));
    }

    private static NodeReport.State reported(Attempt attempt) {
        return switch (attempt.stage()) {
            case STAGING, STAGED -> NodeReport.State.STAGED;
            case ACTIVATED -> NodeReport.State.ACTIVATED;
            case REVERTED -> NodeReport.State.REVERTED;
        };
    }
}
