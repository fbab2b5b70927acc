package dev.flotilla.agent;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Cycle;
import dev.flotilla.agent.cycle.HealthObserver;
import dev.flotilla.agent.cycle.Lookout;
import dev.flotilla.agent.cycle.Memory;
import dev.flotilla.agent.cycle.NodeObserver;
import dev.flotilla.agent.cycle.Pace;
import dev.flotilla.agent.cycle.Planner;
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
import dev.flotilla.agent.wheels.WheelIndexes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent put together, of threads that don't wait for each other: one watches the mirror, one goes for releases, one looks at
 * the bucket while that one is busy, one writes reports, one carries out drains, one brings indexes of wheels, and one purges, for
 * which a mirror may take its time. A bucket that hangs holds up neither the watch nor a drain that is known.
 */
final class Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final Duration LAST_MOMENTS = Duration.ofSeconds(3);

    private final AgentConfiguration configuration;
    private final MirrorKeeper keeper;
    private final Steering steering;
    private final WheelIndexes wheels;
    private final Lookout lookout;
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
        var memory = new Memory(new StateStore(folder));
        // Only as a service is it there for long.
        boolean startCaches = slots.isPresent();
        this.keeper = new MirrorKeeper(
                configuration.mirror(),
                folder,
                configuration.region(),
                configuration.node(),
                startCaches,
                clock,
                nanoTime);
        this.steering = new Steering(
                configuration,
                folder,
                bucket,
                clock,
                nanoTime,
                () -> keeper.view().flatMap(MirrorKeeper.View::mirror));
        keeper.whenEnded(steering::mirrorEnded);
        this.wheels = new WheelIndexes(configuration, folder, bucket, nanoTime, progress(journal));
        this.lookout = new Lookout(
                new Planner(configuration, folder, bucket, folder.metadata(), grace, clock),
                steering,
                wheels,
                memory,
                new Pace(configuration.pollInterval(), random),
                nanoTime);
        this.cycle = new Cycle(configuration, folder, memory, bucket, lookout, keeper, steering, clock, journal);
        this.selfUpdate = new SelfUpdate(configuration, folder, slots, bucket, memory, cycle, keeper, clock, nanoTime);
        this.observer =
                new NodeObserver(configuration, self, memory, cycle, selfUpdate, keeper, steering, wheels, clock);
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
        Duration watch = configuration.mirror().watchInterval();
        Thread cycles = thread("cycle", () -> lookForReleases(stop));
        Thread reporting =
                thread("report", () -> repeat(stop, configuration.reporting().gap(), this::report));
        List<Thread> threads = new ArrayList<>(List.of(cycles, reporting));
        threads.addAll(whileTheCycleIsBusy(stop));
        repeat(stop, watch, keeper::watch);
        keeper.leave();
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + LAST_MOMENTS.toNanos();
        for (Thread thread : threads) {
            thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        return succeeded;
    }

    /** What no download and no trial keeps waiting: a look at the bucket that is due, drains, purges, and indexes of wheels. */
    private List<Thread> whileTheCycleIsBusy(Stop stop) {
        Duration watch = configuration.mirror().watchInterval();
        return List.of(
                thread("lookout", () -> lookMeanwhile(stop)),
                thread("steering", () -> repeat(stop, watch, steering::act)),
                thread("purge", () -> repeat(stop, watch, steering::purge)),
                thread("wheels", () -> repeat(stop, watch, wheels::act)));
    }

    private static WheelIndexes.Progress progress(Step.Journal journal) {
        return (event, version) -> journal.reached(
                switch (event) {
                    case FETCHED -> Step.WHEELS_FETCHED;
                    case PLACED -> Step.WHEELS_PLACED;
                    case REMOVED -> Step.WHEELS_REMOVED;
                },
                version);
    }

    /** Not at once: a cycle begins with a look of its own. */
    private void lookMeanwhile(Stop stop) {
        try {
            if (!stop.within(configuration.mirror().watchInterval())) {
                repeat(stop, configuration.mirror().watchInterval(), cycle::lookMeanwhile);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread thread(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().start(work);
    }

    /**
     * Runs one cycle; answers what the node says afterwards. Drains, purges and pauses that come meanwhile are seen as a steady agent
     * sees them.
     */
    NodeReport once() throws InterruptedException {
        cycle.resume();
        var busy = new Stop();
        List<Thread> meanwhile = whileTheCycleIsBusy(busy);
        try {
            cycle.run();
            keeper.awaitReady();
            selfUpdate.look();
        } finally {
            busy.wish();
            for (Thread thread : meanwhile) {
                thread.join();
            }
        }
        steering.act();
        steering.purge();
        wheels.act();
        NodeReport report = health.observe(observer.observe());
        reports.offer(report);
        return report;
    }

    private void report() {
        if (observer.knowsAnything()) {
            reports.offer(health.observe(observer.observe()));
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
            } while (!pause(stop));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the next look at the bucket is due, looking at a release that soaks. Answers whether the agent is to stop. */
    private boolean pause(Stop stop) throws InterruptedException {
        while (cycle.soaks()) {
            Duration rest = lookout.untilNext();
            Duration watch = configuration.mirror().watchInterval();
            if (rest.compareTo(watch) <= 0) {
                return stop.within(rest);
            }
            if (stop.within(watch)) {
                return true;
            }
            guarded(cycle::look);
        }
        return stop.within(lookout.untilNext());
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
