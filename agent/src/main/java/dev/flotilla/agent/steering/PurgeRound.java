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
 * Has the mirror carry out purges, in their order, each until it is done or refused for good. That one is done is on disk before the next
 * begins; an agent that is killed in between has it done twice, which does no harm. For one thread but for {@link #view}.
 */
final class PurgeRound {
    private static final Logger LOG = LoggerFactory.getLogger(PurgeRound.class);

    /** Between two tries of a purge that failed; doubled by each further failure, up to the other. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private static final Duration AGAIN_AT_LAST = Duration.ofSeconds(10);

    private final MirrorPurge mirror;
    private final SteeringFiles files;
    private final LongSupplier nanoTime;
    private volatile Progress progress;
    private volatile Optional<String> problem = Optional.empty();
    private long nextTry;
    private Duration delay = AGAIN;

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
     * @param problem why the next one isn't yet, or why one never was
     */
    record View(long done, long waiting, Optional<String> problem) {}

    View view(Optional<Intents> intents) {
        if (intents.isEmpty()) {
            return new View(0, 0, Optional.empty());
        }
        Progress now = progress.in(intents.get());
        long waiting = intents.get().lastPurge() - now.done();
        return new View(now.done(), waiting, waiting > 0 ? problem.or(now::refused) : now.refused());
    }

    void carryOut(Intents intents) {
        Progress now = progress.in(intents);
        if (now.done() >= intents.lastPurge() || nanoTime.getAsLong() - nextTry < 0) {
            return;
        }
        try {
            if (intents.hasForgottenSince(now.done())) {
                LOG.warn("some purges were missed that are no longer known one by one: asking for all pages anew");
                Optional<Progress> next =
                        carriedOut(now, intents.lastPurge() - intents.purges().size(), new PurgeScope.All(), false);
                if (next.isEmpty()) {
                    return;
                }
                now = next.get();
            }
            for (Purge purge : intents.purges()) {
                if (purge.id() > now.done()) {
                    Optional<Progress> next = carriedOut(now, purge.id(), purge.scope(), purge.hard());
                    if (next.isEmpty()) {
                        return;
                    }
                    now = next.get();
                }
            }
        } catch (IOException disk) {
            failed("it can't be remembered: " + disk.getMessage());
        }
    }

    /** How far it is then; absent where it has to be tried again. */
    private Optional<Progress> carriedOut(Progress now, long number, PurgeScope scope, boolean hard)
            throws IOException {
        String purge = "purge " + number + " (" + scope.text() + (hard ? ", hard" : "") + ")";
        return switch (mirror.ask(scope, hard)) {
            case MirrorPurge.Answer.Done ignored -> {
                LOG.info("{} is carried out", purge);
                yield Optional.of(kept(now.to(number)));
            }
            case MirrorPurge.Answer.Refused refused -> {
                String why = purge + " was refused and is not carried out: " + refused.reason();
                LOG.error("{}", why);
                yield Optional.of(kept(now.refusing(number, why)));
            }
            case MirrorPurge.Answer.Failed failed -> {
                failed(failed.reason());
                yield Optional.empty();
            }
        };
    }

    private Progress kept(Progress next) throws IOException {
        files.write(next);
        progress = next;
        problem = Optional.empty();
        delay = AGAIN;
        return next;
    }

    private void failed(String reason) {
        Optional<String> now = Optional.of("a purge waits: " + reason);
        if (!now.equals(problem)) {
            LOG.warn("{}", now.get());
        }
        problem = now;
        nextTry = nanoTime.getAsLong() + delay.toNanos();
        Duration doubled = delay.multipliedBy(2);
        delay = doubled.compareTo(AGAIN_AT_LAST) < 0 ? doubled : AGAIN_AT_LAST;
    }
}
