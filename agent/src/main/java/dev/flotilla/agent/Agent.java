package dev.flotilla.agent;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Cycle;
import dev.flotilla.agent.cycle.HealthObserver;
import dev.flotilla.agent.cycle.Memory;
import dev.flotilla.agent.cycle.NodeObserver;
import dev.flotilla.agent.cycle.SelfUpdate;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.mirror.MirrorMetrics;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.report.ReportWriter;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.state.StateStore;
import dev.flotilla.agent.steering.Steering;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent put together. Four threads: one watches the mirror, one looks for releases, one writes reports, one carries out what
 * is wanted beside the release; a bucket that hangs holds up all but the first.
 */
final class Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration LAST_MOMENTS = Duration.ofSeconds(3);

    private final AgentConfiguration configuration;
    private final RandomGenerator random;
    private final MirrorKeeper keeper;
    private final Steering steering;
    private final Cycle cycle;
    private final SelfUpdate selfUpdate;
    private final NodeObserver observer;
    private final ReportWriter reports;
    private final HealthObserver health;
    private volatile boolean succeeded;

    /**
     * Whoever makes an agent holds the lock of its state folder.
     *
     * @param slots the agent's own programs; absent where nothing would start another one in place of this
     * @param grace how long after their end metadata are still taken for a first release
     */
    Agent(
            AgentConfiguration configuration,
            StateFolder folder,
            Optional<Slots> slots,
            Bucket bucket,
            Duration grace,
            NodeReport.Agent self,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random,
            Step.Journal journal)
            throws IOException {
        this.configuration = configuration;
        this.random = random;
        var memory = new Memory(new StateStore(folder));
        this.keeper = new MirrorKeeper(
                configuration.mirror(), folder, configuration.region(), configuration.node(), clock, nanoTime);
        this.steering = new Steering(configuration, folder, bucket, clock, nanoTime);
        this.cycle = new Cycle(configuration, folder, memory, bucket, grace, keeper, steering, clock, journal);
        this.selfUpdate = new SelfUpdate(configuration, slots, bucket, memory, cycle, keeper, clock, nanoTime);
        this.observer = new NodeObserver(configuration, self, memory, cycle, selfUpdate, keeper, steering, clock);
        this.reports = new ReportWriter(
                bucket,
                folder.report(),
                configuration.reporting().metricsFile(),
                configuration.reporting().interval());
        this.health = new HealthObserver(
                folder,
                bucket,
                new MirrorMetrics(
                        configuration.mirror().readiness(),
                        configuration.mirror().timeOuts().probe()),
                configuration.reporting().interval(),
                nanoTime);
    }

    /** Works until it should stop, or another agent is to run in its place: answers whether it is. The mirror stays as it is. */
    boolean run(Stop stop) throws InterruptedException {
        Thread cycles = Thread.ofPlatform().name("cycle").daemon().start(() -> lookForReleases(stop));
        Thread reporting = Thread.ofPlatform()
                .name("report")
                .daemon()
                .start(() -> repeat(stop, configuration.reporting().gap(), this::report));
        Thread steers = Thread.ofPlatform()
                .name("steering")
                .daemon()
                .start(() -> repeat(stop, configuration.mirror().watchInterval(), steering::act));
        repeat(stop, configuration.mirror().watchInterval(), keeper::watch);
        for (Thread thread : new Thread[] {cycles, reporting, steers}) {
            thread.interrupt();
            thread.join(LAST_MOMENTS);
        }
        return succeeded;
    }

    /** Runs one cycle; answers what the node says afterwards. */
    NodeReport once() throws InterruptedException {
        cycle.resume();
        cycle.run();
        keeper.awaitReady();
        selfUpdate.look();
        steering.act();
        NodeReport report = observer.observe().with(health.observe());
        reports.offer(report);
        return report;
    }

    private void report() {
        if (observer.knowsAnything()) {
            reports.offer(observer.observe().with(health.observe()));
        }
    }

    private void lookForReleases(Stop stop) {
        try {
            guarded(cycle::resume);
            do {
                guarded(cycle::run);
                guarded(() -> succeeded |= selfUpdate.look());
                if (succeeded) {
                    stop.wish();
                }
            } while (!pause(stop, splayed(configuration.pollInterval())));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the next cycle, looking at a release that soaks. Answers whether the agent is to stop. */
    private boolean pause(Stop stop, Duration interval) throws InterruptedException {
        long end = System.nanoTime() + interval.toNanos();
        while (cycle.soaks()) {
            Duration rest = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            Duration watch = configuration.mirror().watchInterval();
            if (rest.compareTo(watch) <= 0) {
                return stop.within(rest);
            }
            if (stop.within(watch)) {
                return true;
            }
            guarded(cycle::look);
        }
        return stop.within(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }

    private Duration splayed(Duration interval) {
        return Duration.ofNanos((long) (interval.toNanos() * random.nextDouble(0.9, 1.1)));
    }

    private static void repeat(Stop stop, Duration interval, Work work) {
        try {
            do {
                guarded(work);
            } while (!stop.within(interval));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** An unforeseen failure is logged and ends one turn, not the loop: a node without its agent is worse. */
    private static void guarded(Work work) throws InterruptedException {
        try {
            work.run();
        } catch (RuntimeException bug) {
            LOG.error("unexpected failure", bug);
        }
    }

    private interface Work {
        void run() throws InterruptedException;
    }
}
