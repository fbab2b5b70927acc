package dev.flotilla.controller.audit;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Appends what a controller did to the fleet's chain. Each number is written once, by condition, so that two controllers can't fork
 * the chain, lock or no lock; killed anywhere, the next record goes on. Thread-safe.
 */
public final class AuditLog {
    /** Controllers that append at the same moment, and records that killed ones left behind the head. */
    private static final int TRIES = 100;

    private final FleetName fleet;
    private final Bucket bucket;
    private final Clock clock;
    private final String actor;
    private final LongSupplier lock;

    /** {@code lock} is the generation of the fleet's lock that is held. */
    public AuditLog(FleetName fleet, Bucket bucket, Clock clock, String actor, LongSupplier lock) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.clock = clock;
        this.actor = actor;
        this.lock = lock;
    }

    /** Something was done. Present is why nothing could be written, which undoes nothing of what was done. */
    public Optional<String> done(String action, Optional<Long> version, List<String> changes) {
        return write(action, AuditRecord.DONE, version, changes);
    }

    /** Something was tried, and wasn't done, or not wholly; {@code why} is for people. Likewise. */
    public Optional<String> notDone(String action, String why, List<String> changes) {
        return write(action, why.isBlank() ? "not done" : why, Optional.empty(), changes);
    }

    private Optional<String> write(String action, String result, Optional<Long> version, List<String> changes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        long generation = lock.getAsLong();
        Head head;
        try {
            head = head();
        } catch (IllegalStateException unknown) {
            return Optional.of("no audit record was written: " + unknown.getMessage());
        }
        Optional<ChainHead> last = head.last();
        for (int tries = 0; tries < TRIES; tries++) {
            long number = last.map(ChainHead::number).orElse(0L) + 1;
            byte[] document = new AuditRecord(
                            number,
                            last.map(ChainHead::digest),
                            fleet,
                            now,
                            actor,
                            generation,
                            action,
                            result,
                            version,
                            changes)
                    .toBytes();
            var next = new ChainHead(number, Sha256.of(document));
            switch (bucket.put(BucketLayout.auditRecord(number), document, Condition.ifAbsent())) {
                case Writing.Written ignored -> {
                    move(next, head.etag());
                    return Optional.empty();
                }
                case Writing.Failed failed -> {
                    return Optional.of("no audit record was written: " + failed.reason());
                }
                case Writing.Conflict conflict -> {
                    // Behind the head stands what another controller has just written, or a killed one.
                    if (!(bucket.get(BucketLayout.auditRecord(number), Optional.empty(), AuditRecord.LARGEST)
                            instanceof Lookup.Found found)) {
                        return Optional.of("no audit record was written: " + conflict.reason());
                    }
                    last = Optional.of(new ChainHead(number, Sha256.of(found.content())));
                }
            }
        }
        return Optional.of("no audit record was written: others write faster");
    }

    /** Where the chain ends as far as is written down. */
    private record Head(Optional<ChainHead> last, Optional<ETag> etag) {}

    private Head head() {
        return switch (bucket.get(BucketLayout.auditHead(), Optional.empty(), ChainHead.LARGEST)) {
            case Lookup.Absent ignored -> new Head(Optional.empty(), Optional.empty());
            case Lookup.Found found -> {
                try {
                    yield new Head(Optional.of(ChainHead.parse(found.content())), Optional.of(found.etag()));
                } catch (IllegalArgumentException damaged) {
                    throw new IllegalStateException(
                            BucketLayout.auditHead() + " can't be read (" + damaged.getMessage()
                                    + "): see flotilla audit",
                            damaged);
                }
            }
            case Lookup.TooLarge tooLarge -> throw new IllegalStateException(tooLarge.reason());
            case Lookup.Failed failed -> throw new IllegalStateException(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }

    /** Whoever is faster has moved it at least as far; where this fails, the next record moves it. */
    private void move(ChainHead next, Optional<ETag> before) {
        var _ = bucket.put(
                BucketLayout.auditHead(),
                next.toBytes(),
                before.map(Condition::ifMatch).orElseGet(Condition::ifAbsent));
    }
}
