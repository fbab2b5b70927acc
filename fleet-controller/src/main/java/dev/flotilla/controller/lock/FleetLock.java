package dev.flotilla.controller.lock;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The lock of a fleet: an object in its bucket, changed by conditional writes alone. Whoever is killed or asleep loses it when its
 * time is over, by the bucket's own clock. What that guards and what it doesn't stands in decision 0018. Thread-safe.
 */
public final class FleetLock {
    private final ObjectKey key;
    private final Bucket bucket;
    private final InstantSource clock;
    private final Terms terms;
    private final String owner;

    /**
     * For how long.
     *
     * @param lease a holder that is killed keeps others waiting so long; one that is cut off from the bucket can't write beyond it
     * @param renewal time between two renewals; two may fail
     * @param look time between two looks of one who waits
     */
    public record Terms(Duration lease, Duration renewal, Duration look) {
        public static final Terms USUAL =
                new Terms(Duration.ofSeconds(30), Duration.ofSeconds(9), Duration.ofSeconds(1));
    }

    /** {@code owner} is who would hold it, for whoever waits. */
    public FleetLock(FleetName fleet, Bucket bucket, InstantSource clock, Terms terms, String owner) {
        this.key = BucketLayout.lock(fleet.value());
        this.bucket = bucket;
        this.clock = clock;
        this.terms = terms;
        this.owner = owner;
    }

    /** How the lock lies there. */
    public sealed interface Sight {
        /** Nobody has ever taken it. */
        record Untouched() implements Sight {}

        record Seen(LockRecord lock, ETag etag) implements Sight {}

        record Unknown(String reason) implements Sight {}
    }

    /** What came of wanting it. */
    public sealed interface Taking {
        /**
         * It is ours until it is closed.
         *
         * @param abandoned whose time ran out without being given back: nobody knows how far that one came
         */
        record Taken(Holding holding, Optional<LockRecord> abandoned) implements Taking {}

        /** Somebody else has it. */
        record Busy(LockRecord holder) implements Taking {}

        record Failed(String reason) implements Taking {}
    }

    /** What came of breaking it. */
    public sealed interface Breaking {
        record Broken(LockRecord before) implements Breaking {}

        record NotHeld() implements Breaking {}

        record Failed(String reason) implements Breaking {}
    }

    /** Looks, and changes nothing. */
    public Sight look() {
        return switch (bucket.get(key, Optional.empty(), LockRecord.LARGEST)) {
            case Lookup.Absent ignored -> new Sight.Untouched();
            case Lookup.Found found -> {
                try {
                    yield new Sight.Seen(LockRecord.parse(found.content()), found.etag());
                } catch (MalformedJsonException unreadable) {
                    yield new Sight.Unknown("the lock " + key + " can't be read: " + unreadable.getMessage());
                }
            }
            case Lookup.TooLarge tooLarge -> new Sight.Unknown(tooLarge.reason());
            case Lookup.Failed failed -> new Sight.Unknown(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }

    /**
     * Takes it, or waits for it.
     *
     * @param reason what for, such as {@code publish}
     * @param patience how long to wait for another holder; zero for not at all
     * @param progress gets a line when it has to wait
     */
    public Taking take(String reason, Duration patience, Consumer<String> progress) throws InterruptedException {
        Instant begun = clock.instant();
        Optional<String> said = Optional.empty();
        while (true) {
            Taking taking = once(reason);
            if (!(taking instanceof Taking.Busy busy) || !clock.instant().isBefore(begun.plus(patience))) {
                return taking;
            }
            if (!said.equals(Optional.of(busy.holder().id()))) {
                said = Optional.of(busy.holder().id());
                progress.accept("waiting for " + busy.holder().owner() + " ("
                        + busy.holder().reason() + ")");
            }
            Thread.sleep(terms.look());
        }
    }

    private Taking once(String reason) {
        return switch (look()) {
            case Sight.Unknown unknown -> new Taking.Failed(unknown.reason());
            case Sight.Untouched ignored -> put(record(1, reason), Condition.ifAbsent(), Optional.empty());
            case Sight.Seen seen when seen.lock().isHeld(now()) -> new Taking.Busy(seen.lock());
            case Sight.Seen seen ->
                put(
                        record(seen.lock().generation() + 1, reason),
                        Condition.ifMatch(seen.etag()),
                        Optional.of(seen.lock()).filter(lock -> lock.isAbandoned(now())));
        };
    }

    private Taking put(LockRecord wanted, Condition condition, Optional<LockRecord> abandoned) {
        return switch (bucket.put(key, wanted.toBytes(), condition)) {
            case Writing.Written written -> new Taking.Taken(new Holding(this, wanted, written.etag()), abandoned);
            case Writing.Failed failed -> lookAgain(wanted, failed.reason(), abandoned);
            case Writing.Conflict conflict -> lookAgain(wanted, conflict.reason(), abandoned);
        };
    }

    /** Another one was faster, or the answer to our own write was lost. */
    private Taking lookAgain(LockRecord wanted, String reason, Optional<LockRecord> abandoned) {
        return switch (look()) {
            case Sight.Seen seen
            when seen.lock().equals(wanted) -> new Taking.Taken(new Holding(this, wanted, seen.etag()), abandoned);
            case Sight.Seen seen when seen.lock().isHeld(now()) -> new Taking.Busy(seen.lock());
            case Sight.Seen ignored -> new Taking.Failed(reason);
            case Sight.Untouched ignored -> new Taking.Failed(reason);
            case Sight.Unknown unknown -> new Taking.Failed(unknown.reason());
        };
    }

    private LockRecord record(long generation, String reason) {
        Instant now = now();
        return new LockRecord(
                generation,
                LockRecord.State.HELD,
                UUID.randomUUID().toString(),
                owner,
                reason,
                now,
                now.plus(terms.lease()),
                0);
    }

    /** Takes it from whoever holds it, as it was seen; the holder writes nothing more. */
    public Breaking breakIt(Sight.Seen seen) {
        Instant now = now();
        if (seen.lock().state() == LockRecord.State.FREE) {
            return new Breaking.NotHeld();
        }
        return switch (bucket.put(key, seen.lock().broken(now).toBytes(), Condition.ifMatch(seen.etag()))) {
            case Writing.Written ignored -> new Breaking.Broken(seen.lock());
            case Writing.Conflict ignored ->
                new Breaking.Failed("it has changed hands, or was renewed, meanwhile: look again");
            case Writing.Failed failed -> new Breaking.Failed(failed.reason());
        };
    }

    /** By the bucket's clock as far as it is known: what ends for one ends for all at the same time. */
    public Instant now() {
        return clock.instant().plus(bucket.clockAhead().orElse(Duration.ZERO)).truncatedTo(ChronoUnit.MILLIS);
    }

    Writing write(LockRecord lock, ETag before) {
        return bucket.put(key, lock.toBytes(), Condition.ifMatch(before));
    }

    Terms terms() {
        return terms;
    }
}
