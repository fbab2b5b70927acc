package dev.flotilla.agent.mirror;

import dev.flotilla.agent.configuration.MirrorSettings;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one mirror running: adopts the one that an earlier agent left, starts it again when it dies (after a delay that
 * grows), replaces it by another one, and knows whether it is ready. Thread-safe; one change at a time, {@link #view}
 * never waits.
 */
public final class MirrorKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorKeeper.class);
    private static final Duration GLANCE = Duration.ofMillis(50);

    private final MirrorSettings settings;
    private final MirrorLauncher launcher;
    private final MirrorLog log;
    private final ReadinessProbe probe;
    private final Trial trial;
    private final Optional<StartCache> startCache;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    private Optional<MirrorProgram> wanted = Optional.empty();
    private Optional<MirrorProcess> running = Optional.empty();
    private RestartDelay delay;
    private long nextProbe;
    private boolean ready;
    private boolean drained;
    private Instant readySince;
    private long readyNanos;
    private long restarts;
    private Optional<String> problem = Optional.empty();
    private Optional<String> end = Optional.empty();
    private volatile Optional<View> view = Optional.empty();
    private Consumer<String> ended = why -> {};

    /**
     * What is known about the mirror at one time.
     *
     * @param problem why it doesn't serve, where it doesn't
     * @param drained whether it serves and asks its clients to go elsewhere
     * @param end how the mirror that was put in place last ended by itself, if it did; others may have been started since
     */
    public record View(
            Optional<NodeReport.Mirror> mirror, Optional<String> problem, Optional<String> end, boolean drained) {}

    /** Whether a mirror that was started became ready. */
    public sealed interface Start {
        record Ready() implements Start {}

        record Failed(String reason) implements Start {}
    }

    /** @param startCaches whether mirrors' programs are to make what they start faster from */
    public MirrorKeeper(
            MirrorSettings settings,
            StateFolder folder,
            RegionName region,
            NodeName node,
            boolean startCaches,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.log = new MirrorLog(folder.mirrorLog(), folder.mirrorLogSetAside(), settings.logSize());
        this.launcher = new MirrorLauncher(
                folder,
                log,
                settings.keepWithStandardInput(),
                settings.timeOuts().stop(),
                clock);
        this.probe = new ReadinessProbe(
                settings.readiness(), region, node, settings.timeOuts().probe());
        this.trial = new Trial(launcher, log, probe, settings.timeOuts(), nanoTime);
        this.startCache = startCaches ? Optional.of(new StartCache(log)) : Optional.empty();
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.delay = new RestartDelay(settings.restart());
        this.nextProbe = nanoTime.getAsLong();
        this.readySince = clock.instant();
    }

    /** Who is told, before the next one is started, that the mirror ended by itself, or was gone when the agent began. */
    public synchronized void whenEnded(Consumer<String> told) {
        ended = told;
    }

    /** What is known; nothing before it was said which mirror to keep. */
    public Optional<View> view() {
        return view;
    }

    /** Ends what an agent before this one has begun: to be called once, before anything else. */
    public synchronized void takeUp() {
        launcher.dismissAgain();
    }

    /**
     * Makes sure that this mirror runs and nothing else does: one that runs the same already is adopted, any other is
     * ended. Doesn't wait until it is ready, and a start that fails is tried again by {@link #watch}.
     */
    public synchronized void keep(MirrorProgram program) throws IOException, InterruptedException {
        wanted = Optional.of(program);
        launcher.endLate(settings.timeOuts().leave());
        if (settle(program)) {
            LOG.info("mirror of release {} goes on as process {}", program.release(), pid());
            probeIfDue();
        } else {
            ended.accept("no mirror ran when the agent began");
            start(program);
        }
        publish();
    }

    /** Whether a mirror runs that runs the same as this one. */
    public synchronized boolean runs(MirrorProgram program) {
        return processes().stream().anyMatch(process -> process.program().runsTheSameAs(program));
    }

    /** Ends whatever mirror runs. */
    public synchronized void keepNone() throws IOException, InterruptedException {
        wanted = Optional.empty();
        for (MirrorProcess process : processes()) {
            launcher.stop(process);
        }
        launcher.stopLeaving();
        forget();
        problem = Optional.empty();
        publish();
    }

    /**
     * Puts this mirror in place of the one that runs, and waits until it is ready, dead or out of time. Where the one that
     * runs is the same, it stays. Any other serves until the new one is ready, and goes on serving if it never is; only a new
     * one that can't run beside it is started when that one has ended.
     *
     * @param known what the new one has to serve before the other may leave
     */
    public synchronized Start replace(MirrorProgram program, Comparison known)
            throws IOException, InterruptedException {
        wanted = Optional.of(program);
        end = Optional.empty();
        delay = new RestartDelay(settings.restart());
        List<MirrorProcess> found = processes();
        Optional<MirrorProcess> same = found.stream()
                .filter(process -> process.program().runsTheSameAs(program))
                .findFirst()
                .map(process -> process.of(program));
        List<MirrorProcess> others = found.stream()
                .filter(process -> !process.program().runsTheSameAs(program))
                .toList();
        Start outcome = others.isEmpty() ? alone(program, same) : inPlaceOf(others, program, same, known);
        publish();
        return outcome;
    }

    private Start alone(MirrorProgram program, Optional<MirrorProcess> same) throws IOException, InterruptedException {
        long logged = log.size();
        try {
            if (same.isPresent()) {
                adopt(same.get());
            } else {
                launch(program);
            }
        } catch (IOException cannotStart) {
            return new Start.Failed("the mirror can't be started: " + cannotStart.getMessage());
        }
        return awaitReady(running.orElseThrow(), logged);
    }

    private Start inPlaceOf(
            List<MirrorProcess> others, MirrorProgram program, Optional<MirrorProcess> same, Comparison known)
            throws IOException, InterruptedException {
        MirrorProcess serving = others.getFirst();
        running = Optional.of(serving);
        if (same.isEmpty()) {
            known.remember();
        }
        Trial.Outcome outcome = same.isPresent()
                ? trial.resume(same.get(), serving, known::againstTheOneBefore)
                : trial.of(program, serving, known::againstTheOneBefore);
        return switch (outcome) {
            case Trial.Outcome.Passed passed -> {
                running = Optional.of(passed.next());
                unready();
                take(new ReadinessProbe.Answer.Ready(drained));
                for (MirrorProcess other : others) {
                    LOG.info(
                            "the mirror of release {}, process {}, may leave",
                            other.program().release(),
                            other.pid());
                    launcher.dismiss(other);
                }
                yield new Start.Ready();
            }
            case Trial.Outcome.Failed failed -> new Start.Failed(failed.reason());
            case Trial.Outcome.Impossible impossible -> {
                LOG.warn(
                        "release {} can't start beside the mirror that serves, which is ended first: {}",
                        program.release(),
                        impossible.reason());
                for (MirrorProcess other : others) {
                    launcher.stop(other);
                }
                forget();
                yield unlessWorse(alone(program, Optional.empty()), known);
            }
        };
    }

    private static Start unlessWorse(Start start, Comparison known) throws InterruptedException {
        return switch (start) {
            case Start.Failed failed -> failed;
            case Start.Ready ready ->
                known.againstTheOneBefore().<Start>map(Start.Failed::new).orElse(ready);
        };
    }

    /** The programs of mirrors that were replaced and still answer those who are connected to them. */
    public synchronized Set<Sha256> programsOfLeaving() {
        return launcher.programsOfLeaving();
    }

    /** Whether some of them have ended since this was asked last, so that their files can go. */
    public synchronized boolean haveSomeLeft() {
        return launcher.haveSomeLeft();
    }

    /** Waits for a mirror that was left or started by {@link #keep} until it is ready, dead or out of time. */
    public synchronized void awaitReady() throws InterruptedException {
        if (running.isPresent()) {
            awaitReady(running.get(), 0);
            publish();
        }
    }

    /** Lets it be that the mirror ended once: there is nothing to go back to. */
    public synchronized void overlookEnd() {
        end = Optional.empty();
        publish();
    }

    /** Looks after the mirror: to be called every watch interval. */
    public synchronized void watch() throws InterruptedException {
        try {
            log.rotate();
        } catch (IOException full) {
            LOG.warn("the mirror's log can't be set aside: {}", full.getMessage());
        }
        launcher.endLate(settings.timeOuts().leave());
        if (wanted.isEmpty()) {
            return;
        }
        if (running.isPresent() && !launcher.isAlive(running.get())) {
            died(running.get());
        }
        if (running.isPresent()) {
            probeIfDue();
            makeStartCache(wanted.get());
        } else if (delay.isOver(nanoTime.getAsLong())) {
            start(wanted.get());
        }
        publish();
    }

    /** Finds out what runs. Answers whether the same as {@code program} does; everything else has ended then. */
    private boolean settle(MirrorProgram program) throws IOException, InterruptedException {
        Optional<MirrorProcess> same = Optional.empty();
        for (MirrorProcess process : processes()) {
            if (same.isEmpty() && process.program().runsTheSameAs(program)) {
                same = Optional.of(process.of(program));
            } else {
                LOG.info(
                        "ending the mirror of release {}, process {}",
                        process.program().release(),
                        process.pid());
                launcher.stop(process);
            }
        }
        if (same.isEmpty()) {
            forget();
            return false;
        }
        adopt(same.get());
        return true;
    }

    private void adopt(MirrorProcess process) throws IOException {
        running = Optional.of(process);
        launcher.record(process);
    }

    /** What this agent started, if it lives, and what others left. */
    private List<MirrorProcess> processes() {
        List<MirrorProcess> all =
                new ArrayList<>(running.filter(launcher::isAlive).stream().toList());
        for (MirrorProcess found : launcher.find()) {
            if (all.stream().noneMatch(known -> known.identity().equals(found.identity()))) {
                all.add(found);
            }
        }
        return all;
    }

    private void forget() throws IOException {
        running = Optional.empty();
        unready();
        launcher.forget();
    }

    private void launch(MirrorProgram program) throws IOException {
        unready();
        MirrorProcess started = launcher.start(program);
        running = Optional.of(started);
        nextProbe = nanoTime.getAsLong();
        problem = Optional.of("the mirror was started and is not ready yet");
        LOG.info("started the mirror of release {} as process {}", program.release(), started.pid());
    }

    private void start(MirrorProgram program) {
        try {
            launch(program);
        } catch (IOException cannotStart) {
            lost("the mirror can't be started: " + cannotStart.getMessage());
        }
    }

    private void died(MirrorProcess process) {
        String lastLine = log.lastLine(0);
        lost(process.end() + (lastLine.isEmpty() ? "" : ", its last words: " + lastLine));
    }

    /** Without a mirror: says so and sets the time of the next start. */
    private void lost(String reason) {
        running = Optional.empty();
        unready();
        restarts++;
        Duration wait = delay.next(nanoTime.getAsLong());
        end = Optional.of(reason);
        problem = Optional.of(reason + " (starts again after " + wait.toMillis() / 1000.0 + " s)");
        LOG.warn("{}; starts again after {} s", reason, wait.toMillis() / 1000.0);
        ended.accept(reason);
        try {
            launcher.forget();
        } catch (IOException onlyForOnlookers) {
            LOG.warn("the record of the dead mirror can't be removed: {}", onlyForOnlookers.getMessage());
        }
    }

    private void probeIfDue() {
        long now = nanoTime.getAsLong();
        // A mirror that is not ready is asked every time: it is about to change.
        if (ready && now - nextProbe < 0) {
            return;
        }
        nextProbe = now + settings.probeInterval().toNanos();
        take(probe.ask(pid()));
        if (ready && now - readyNanos >= settings.restart().reset().toNanos()) {
            delay = new RestartDelay(settings.restart());
        }
    }

    /** The agent ends, and with it what it does for later starts. The mirror goes on. */
    public synchronized void leave() throws InterruptedException {
        if (startCache.isPresent()) {
            startCache.get().end();
        }
    }

    private void makeStartCache(MirrorProgram program) {
        if (ready && startCache.isPresent()) {
            try {
                startCache.get().of(program, Duration.ofNanos(nanoTime.getAsLong() - readyNanos));
            } catch (IOException slowerStart) {
                LOG.warn("the mirror's start cache isn't made, its starts take longer: {}", slowerStart.getMessage());
            }
        }
    }

    private void take(ReadinessProbe.Answer answer) {
        switch (answer) {
            case ReadinessProbe.Answer.Ready now -> {
                drained = now.drained();
                if (!ready) {
                    ready = true;
                    readySince = clock.instant();
                    readyNanos = nanoTime.getAsLong();
                    LOG.info("the mirror (process {}) is ready", pid());
                }
                problem = Optional.empty();
            }
            case ReadinessProbe.Answer.NotReady not -> {
                if (ready) {
                    LOG.warn("the mirror (process {}) is no longer ready: {}", pid(), not.reason());
                }
                unready();
                problem = Optional.of(not.reason());
            }
        }
    }

    private Start awaitReady(MirrorProcess process, long logged) throws InterruptedException {
        long deadline = nanoTime.getAsLong() + settings.timeOuts().start().toNanos();
        while (true) {
            if (!launcher.isAlive(process)) {
                return new Start.Failed(process.endBeforeReady(log.lastLine(logged)));
            }
            ReadinessProbe.Answer answer = probe.ask(process.pid());
            take(answer);
            if (answer instanceof ReadinessProbe.Answer.NotReady not && nanoTime.getAsLong() - deadline > 0) {
                return new Start.Failed("the mirror was not ready within "
                        + settings.timeOuts().start().toMillis() / 1000.0 + " s: " + not.reason());
            }
            // Asked before it was seen alive, another program's answer could have counted.
            if (ready && launcher.isAlive(process)) {
                return new Start.Ready();
            }
            publish();
            Thread.sleep(GLANCE);
        }
    }

    private void unready() {
        if (ready) {
            readySince = clock.instant();
        }
        ready = false;
    }

    private long pid() {
        return running.map(MirrorProcess::pid).orElse(0L);
    }

    private void publish() {
        view = Optional.of(new View(
                running.map(process -> new NodeReport.Mirror(
                        process.pid(),
                        ready,
                        ready || readySince.isAfter(process.started()) ? readySince : process.started(),
                        restarts,
                        process.program().release())),
                problem,
                end,
                ready && drained));
    }
}
