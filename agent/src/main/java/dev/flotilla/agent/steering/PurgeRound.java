package dev.flotilla.agent.steering;

import dev.flotilla.agent.configuration.MirrorSettings;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.Purge;
import dev.flotilla.agent.intent.PurgeScope;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the mirror carry out purges, in their order, each until it is done. That one is done is on disk before the next
 * begins; an agent that is killed in between has it done twice, which does no harm. For one thread but for {@link #view}.
 */
final class PurgeRound {
    private static final Logger LOG = LoggerFactory.getLogger(PurgeRound.class);

    /** Between two tries of a purge that failed. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final MirrorPurge mirror;
    private final SteeringFiles files;
    private final LongSupplier nanoTime;
    private volatile Progress progress;
    private volatile Optional<String> problem = Optional.empty();
    private long nextTry;

    PurgeRound(MirrorSettings settings, SteeringFiles files, LongSupplier nanoTime) throws IOException {
        this.mirror = new MirrorPurge(settings, files);
        this.files = files;
        this.nanoTime = nanoTime;
        this.progress = files.progress();
        this.nextTry = nanoTime.getAsLong();
    }

    /**
     * How far it is.
     *
     * @param done the number of the last purge that was carried out, 0 for none
     * @param waiting how many are still to be
     * @param problem why the next one isn't yet
     */
    record View(long done, long waiting, Optional<String> problem) {}

    View view(Optional<Intents> intents) {
        if (intents.isEmpty()) {
            return new View(0, 0, Optional.empty());
        }
        Progress now = progress.in(intents.get());
        long waiting = intents.get().lastPurge() - now.done();
        return new View(now.done(), waiting, waiting > 0 ? problem : Optional.empty());
    }

    void carryOut(Intents intents) {
        Progress now = progress.in(intents);
        if (now.done() >= intents.lastPurge() || nanoTime.getAsLong() - nextTry < 0) {
            return;
        }
        try {
            if (intents.hasForgottenSince(now.done())) {
                LOG.warn("some purges were missed that are no longer known one by one: asking for all pages anew");
                if (!carriedOut(new PurgeScope.All(), false)) {
                    return;
                }
                now = now.to(intents.lastPurge() - intents.purges().size());
                keep(now);
            }
            for (Purge purge : intents.purges()) {
                if (purge.id() > now.done()) {
                    if (!carriedOut(purge.scope(), purge.hard())) {
                        return;
                    }
                    now = now.to(purge.id());
                    keep(now);
                    LOG.info(
                            "purge {} is carried out: {}{}",
                            purge.id(),
                            purge.scope().text(),
                            purge.hard() ? ", hard" : "");
                }
            }
        } catch (IOException disk) {
            failed("it can't be remembered: " + disk.getMessage());
        }
    }

    private boolean carriedOut(PurgeScope scope, boolean hard) {
        return switch (mirror.ask(scope, hard)) {
            case MirrorPurge.Answer.Done ignored -> {
                problem = Optional.empty();
                yield true;
            }
            case MirrorPurge.Answer.Failed failed -> {
                failed(failed.reason());
                yield false;
            }
        };
    }

    private void keep(Progress next) throws IOException {
        files.write(next);
        progress = next;
    }

    private void failed(String reason) {
        Optional<String> now = Optional.of("a purge waits: " + reason);
        if (!now.equals(problem)) {
            LOG.warn("{}", now.get());
        }
        problem = now;
        nextTry = nanoTime.getAsLong() + AGAIN.toNanos();
    }
}
