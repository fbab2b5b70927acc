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
 * by any thread, {@link #isAway} by one.
 */
final class WayBack {
    private static final Logger LOG = LoggerFactory.getLogger(WayBack.class);

    private final AgentConfiguration configuration;
    private final SteeringFiles files;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Supplier<Optional<NodeReport.Mirror>> mirror;
    private volatile Optional<Absence> absence;
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
    }

    /** The mirror has ended, and the next one is not started yet: it will find out before its first answer. */
    void leave(Known known, String why) throws IOException {
        if (absence.isPresent() || failback(known).equals(Failback.AT_ONCE)) {
            return;
        }
        var now = new Absence(clock.instant(), why, lastReturn(known));
        files.write(now);
        files.drain(true);
        absence = Optional.of(now);
        LOG.info("clients are asked to stay away: {}; they may come {}", why, failback(known));
    }

    /** Why it keeps away, where it does. */
    Optional<String> reason(Known known) {
        return absence.map(
                away -> "by itself, since " + away.since() + " (" + away.why() + "); back " + failback(known));
    }

    /** Whether it is to keep away, now. */
    boolean isAway(Known known, DrainJudge.Sight sight) throws IOException {
        Optional<Absence> away = absence;
        if (away.isEmpty()) {
            return false;
        }
        Optional<String> over = over(known, away.get(), sight);
        if (over.isPresent()) {
            files.returned();
            absence = Optional.empty();
            LOG.info("clients may come again: {}", over.get());
        }
        return over.isEmpty();
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
        if (failback.policy() == Failback.Policy.AFTER_SOAK && hasServedFor(failback.soak())) {
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

    private boolean hasServedFor(Duration soak) {
        return mirror.get()
                .filter(NodeReport.Mirror::ready)
                .filter(serving -> !Duration.between(serving.since(), clock.instant())
                        .minus(soak)
                        .isNegative())
                .isPresent();
    }

    /** Why the fleet can't do without this node, if so. */
    private Optional<String> lonely(Known known, DrainJudge.Sight sight) {
        // Half of the fleet at least: where all went at once, those that come back first mustn't be left alone.
        int half = known.members().size() / 2;
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
