package dev.flotilla.agent.mirror;

import dev.flotilla.agent.configuration.MirrorSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new mirror beside the one that serves: it gets that one's listening sockets and answers all who come, while the other
 * one waits. Is it ready, the other one may leave; isn't it, it goes, and the other one, which nobody has touched, serves on.
 * For one thread at a time.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private static final Duration GLANCE = Duration.ofMillis(50);

    /** The mirror doesn't know how to take over. */
    private static final int WRONG_USAGE = 2;

    /** It finds nobody to take over from, and its port is in use: it has another store, or the one before is too old. */
    private static final int NOBODY_TO_TAKE_OVER_FROM = 3;

    private final MirrorLauncher launcher;
    private final MirrorLog log;
    private final ReadinessProbe probe;
    private final MirrorSettings.TimeOuts timeOuts;
    private final LongSupplier nanoTime;

    Trial(
            MirrorLauncher launcher,
            MirrorLog log,
            ReadinessProbe probe,
            MirrorSettings.TimeOuts timeOuts,
            LongSupplier nanoTime) {
        this.launcher = launcher;
        this.log = log;
        this.probe = probe;
        this.timeOuts = timeOuts;
        this.nanoTime = nanoTime;
    }

    /** How it went. */
    sealed interface Outcome {
        /** The new mirror serves; the one before may leave. */
        record Passed(MirrorProcess next) implements Outcome {}

        /** It has gone, and the one before serves. */
        record Failed(String reason) implements Outcome {}

        /** It can't be beside the one before, and has ended without touching it. */
        record Impossible(String reason) implements Outcome {}
    }

    /** The last question to a mirror that is ready: why it must not take over, if so. */
    @FunctionalInterface
    interface Objection {
        Optional<String> raised() throws InterruptedException;
    }

    /** Starts {@code program} beside {@code serving} and waits until it is ready, dead or out of time. */
    Outcome of(MirrorProgram program, MirrorProcess serving, Objection objection)
            throws IOException, InterruptedException {
        long logged = log.size();
        MirrorProcess next;
        try {
            next = launcher.startBeside(program);
        } catch (IOException cannotStart) {
            return new Outcome.Failed("the mirror can't be started: " + cannotStart.getMessage());
        }
        LOG.info(
                "started the mirror of release {} as process {}, beside process {}",
                program.release(),
                next.pid(),
                serving.pid());
        return await(next, serving, logged, objection);
    }

    /** The same for one that an earlier agent started so. */
    Outcome resume(MirrorProcess next, MirrorProcess serving, Objection objection)
            throws IOException, InterruptedException {
        return await(next, serving, log.size(), objection);
    }

    private Outcome await(MirrorProcess next, MirrorProcess serving, long logged, Objection objection)
            throws IOException, InterruptedException {
        Optional<String> problem = problemOf(next, logged, objection);
        if (problem.isEmpty()) {
            launcher.record(next);
            return new Outcome.Passed(next);
        }
        if (next.hasEndedWith(WRONG_USAGE) || next.hasEndedWith(NOBODY_TO_TAKE_OVER_FROM)) {
            return new Outcome.Impossible(problem.get());
        }
        launcher.record(serving);
        takeBack(next, serving);
        return new Outcome.Failed(problem.get());
    }

    /** Why it isn't ready, where it isn't in time. */
    private Optional<String> problemOf(MirrorProcess next, long logged, Objection objection)
            throws InterruptedException {
        long deadline = nanoTime.getAsLong() + timeOuts.start().toNanos();
        while (true) {
            if (!launcher.isAlive(next)) {
                return Optional.of(next.endBeforeReady(log.lastLine(logged)));
            }
            switch (probe.ask(next.pid())) {
                case ReadinessProbe.Answer.Ready ignored -> {
                    // Asked before it was seen alive, another program's answer could have counted.
                    if (launcher.isAlive(next)) {
                        return objection.raised();
                    }
                }
                case ReadinessProbe.Answer.NotReady not -> {
                    if (nanoTime.getAsLong() - deadline > 0) {
                        return Optional.of("the mirror was not ready within "
                                + timeOuts.start().toMillis() / 1000.0 + " s: " + not.reason());
                    }
                }
            }
            Thread.sleep(GLANCE);
        }
    }

    /** In peace where that goes, since it may have clients: it lets the other one serve at once. Where not, by force. */
    private void takeBack(MirrorProcess next, MirrorProcess serving) throws IOException, InterruptedException {
        launcher.dismiss(next);
        long deadline = nanoTime.getAsLong() + timeOuts.stop().toNanos();
        while (launcher.isAlive(next)) {
            if (probe.ask(serving.pid()) instanceof ReadinessProbe.Answer.Ready) {
                return;
            }
            if (nanoTime.getAsLong() - deadline > 0) {
                LOG.warn(
                        "the mirror on trial (process {}) doesn't let the one before serve, and is killed", next.pid());
                launcher.kill(next);
                return;
            }
            Thread.sleep(GLANCE);
        }
    }
}
