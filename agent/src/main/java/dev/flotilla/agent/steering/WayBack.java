package dev.flotilla.agent.steering;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.Member;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node whose mirror ended by itself away from clients until it may come back, by the fleet's policy. It never keeps away
 * unless enough others are known to serve: a fleet that restarts as a whole comes back as a whole. {@link #leave} may be called
 * by any thread, the rest by one. What the mirror is told is written here alone, so that nobody's wish is written over another's.
 */
final class WayBack {
    private static final Logger LOG = LoggerFactory.getLogger(WayBack.class);

    private final AgentConfiguration configuration;
    private final SteeringFiles files;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Supplier<Optional<NodeReport.Mirror>> mirror;
    private volatile Optional<Absence> absence;
    private boolean goes;
    private long ends;
    private Optional<Absence> judged = Optional.empty();
    private long nextJudgement;

    /** @param mirror what is known of it now */
    WayBack(
            AgentConfiguration configuration,
            SteeringFiles files,
            InstantSource clock,
            LongSupplier nanoTime,
            Supplier<Optional<NodeReport.Mirror>> mirror)
            throws IOException {
        this.configuration = configuration;
        this.files = files;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.mirror = mirror;
        this.absence = files.absence();
        this.goes = absence.map(Absence::drained).orElseGet(files::isDrained);
    }

    /** Whether the agent before this one had the node drained by the fleet's wish. */
    synchronized boolean wasDrained() {
        return goes;
    }

    /** The mirror has ended, and the next one is not started yet: it will find out before its first answer. */
    synchronized void leave(Known known, String why) throws IOException {
        ends++;
        if (absence.isEmpty() && failback(known).equals(Failback.AT_ONCE)) {
            return;
        }
        // First, and again: whoever was killed between the two may have written the one without the other.
        files.drain(true);
        if (absence.isPresent()) {
            return;
        }
        var now = new Absence(clock.instant(), why, lastReturn(known), goes);
        files.write(now);
        absence = Optional.of(now);
        LOG.info("clients are asked to stay away: {}; they may come {}", why, failback(known));
    }

    /** Why it keeps away, where it does. */
    Optional<String> reason(Known known) {
        return absence.map(
                away -> "by itself, since " + away.since() + " (" + away.why() + "); back " + failback(known));
    }

    /**
     * Tells the mirror whether clients are to come, by this and by the fleet's wish.
     *
     * @param drained whether the node goes by the fleet's wish
     * @return whether that is something else than it was told before, and then what
     */
    Optional<Boolean> tell(Known known, DrainJudge.Sight sight, boolean drained) throws IOException {
        long before;
        Optional<Absence> away;
        synchronized (this) {
            before = ends;
            away = absence;
        }
        // Others are looked at meanwhile, which takes its time, and no mirror waits for that.
        Optional<String> over = away.flatMap(now -> over(known, now, sight));
        return told(over, before, drained);
    }

    private synchronized Optional<Boolean> told(Optional<String> over, long before, boolean drained)
            throws IOException {
        goes = drained;
        if (ends != before) {
            // What was found out was about the mirror before: it is looked at anew.
            judged = Optional.empty();
        } else if (over.isPresent()) {
            files.returned();
            absence = Optional.empty();
            LOG.info("clients may come again: {}", over.get());
        }
        if (absence.isPresent() && absence.get().drained() != drained) {
            Absence now = absence.get().with(drained);
            files.write(now);
            absence = Optional.of(now);
        }
        boolean wanted = drained || absence.isPresent();
        if (wanted == files.isDrained()) {
            return Optional.empty();
        }
        files.drain(wanted);
        return Optional.of(wanted);
    }

    private Optional<String> over(Known known, Absence away, DrainJudge.Sight sight) {
        Failback failback = failback(known);
        Optional<Instant> said = lastReturn(known);
        if (failback.equals(Failback.AT_ONCE)) {
            return Optional.of("the fleet wants nodes back at once");
        }
        if (said.isPresent() && !said.equals(away.lastReturn())) {
            return Optional.of("somebody said so at " + said.get());
        }
        if (failback.policy() == Failback.Policy.AFTER_SOAK && hasServedFor(away, failback.soak())) {
            return Optional.of(
                    "the mirror has been ready for " + failback.soak().toSeconds() + " s");
        }
        long now = nanoTime.getAsLong();
        if (judged.equals(Optional.of(away)) && now - nextJudgement < 0) {
            return Optional.empty();
        }
        judged = Optional.of(away);
        nextJudgement = now + configuration.pollInterval().toNanos();
        return lonely(known, sight);
    }

    /** What is known of the mirror may still be of the one that has ended: that one was there before. */
    private boolean hasServedFor(Absence away, Duration soak) {
        return mirror.get()
                .filter(NodeReport.Mirror::ready)
                .filter(serving -> !serving.since().isBefore(away.since()))
                .filter(serving -> !Duration.between(serving.since(), clock.instant())
                        .minus(soak)
                        .isNegative())
                .isPresent();
    }

    /** Why the fleet can't do without this node, if so. */
    private Optional<String> lonely(Known known, DrainJudge.Sight sight) {
        // Half of the fleet at least: where all went at once, those that come back first mustn't be left alone.
        int half = (known.members().size() + 1) / 2;
        int needed = Math.clamp(
                known.intents().map(Intents::minimumServing).orElse(1),
                Math.clamp(half, 1, DrainJudge.MOST_ASKED),
                DrainJudge.MOST_ASKED);
        var self = new Member(configuration.region(), configuration.node());
        int serving = 0;
        int asked = 0;
        try {
            for (Member member : known.members()) {
                if (serving == needed || asked == DrainJudge.MOST_ASKED) {
                    break;
                }
                if (!member.equals(self)) {
                    asked++;
                    serving += sight.serves(member) ? 1 : 0;
                }
            }
        } catch (DrainJudge.Away unknown) {
            return Optional.of("whether others serve can't be found out: " + unknown.getMessage());
        }
        return serving >= needed
                ? Optional.empty()
                : Optional.of("of the others " + serving + " are known to serve, and " + needed + " have to");
    }

    private Optional<Instant> lastReturn(Known known) {
        return known.intents().flatMap(wanted -> wanted.lastReturn(configuration.region(), configuration.node()));
    }

    private static Failback failback(Known known) {
        return known.intents().map(Intents::failback).orElse(Failback.AT_ONCE);
    }
}
