package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.BUCKET;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.controller.lock.LockRecord;
import dev.flotilla.controller.publish.BucketOwner;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The bucket: whose it is, whether its lock is free, how its clock stands, and where somebody asks whether it may be written to. */
final class BucketChecks {
    private static final Duration USUAL_SKEW = Duration.ofSeconds(5);
    private static final Duration WORST_SKEW = Duration.ofMinutes(5);

    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final FleetLock lock;

    BucketChecks(FleetConfiguration fleet, Bucket bucket, Clock clock, String actor) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.lock = new FleetLock(fleet.name(), bucket, clock, FleetLock.Terms.USUAL, actor);
    }

    List<Finding> look(boolean write) throws InterruptedException {
        List<Finding> found = new ArrayList<>();
        BucketOwner owner = BucketOwner.of(fleet, bucket);
        found.add(
                switch (owner) {
                    case BucketOwner.Ours ignored ->
                        Finding.ok(BUCKET, "bucket", fleet.bucket() + " can be read, and is this fleet's");
                    case BucketOwner.Nobodys nobodys ->
                        Finding.warn(
                                BUCKET,
                                "bucket",
                                "it is nobody's: " + nobodys.reason(),
                                "a new fleet: flotilla publish. Otherwise see that bucket.name is right, and that it may be read:"
                                        + " flotilla iam controller");
                    case BucketOwner.Others others -> Finding.fail(BUCKET, "bucket", others.reason());
                    case BucketOwner.Unknown unknown ->
                        Finding.fail(
                                BUCKET,
                                "bucket",
                                unknown.reason(),
                                "see that bucket.endpoint is right and answers from here, and which credentials are used");
                });
        if (owner instanceof BucketOwner.Unknown) {
            return found;
        }
        found.add(held());
        bucket.clockAhead().ifPresent(ahead -> found.add(clock(ahead)));
        if (write && !(owner instanceof BucketOwner.Others)) {
            found.addAll(written(owner));
        }
        return found;
    }

    private Finding held() {
        return switch (lock.look()) {
            case FleetLock.Sight.Untouched ignored -> Finding.ok(BUCKET, "lock", "nobody has ever taken it");
            case FleetLock.Sight.Unknown unknown -> Finding.fail(BUCKET, "lock", unknown.reason());
            case FleetLock.Sight.Seen seen -> held(seen.lock());
        };
    }

    private Finding held(LockRecord record) {
        String who = record.owner() + " (" + record.reason() + ", since " + record.since() + ")";
        if (record.isHeld(lock.now())) {
            return Finding.ok(BUCKET, "lock", "held by " + who + ", generation " + record.generation());
        }
        return record.isAbandoned(lock.now())
                ? Finding.warn(
                        BUCKET,
                        "lock",
                        who + " never gave it back",
                        "see what that controller did: flotilla audit, flotilla plan. The next holder takes it over")
                : Finding.ok(BUCKET, "lock", "free, generation " + record.generation());
    }

    /** The lock goes by the bucket's clock, lifetimes by each machine's own. */
    private static Finding clock(Duration ahead) {
        Duration skew = ahead.abs();
        String text = skew.compareTo(Duration.ofSeconds(1)) <= 0
                ? "the bucket's and this machine's go together"
                : "this machine's is " + skew.toSeconds() + " s " + (ahead.isNegative() ? "ahead of" : "behind")
                        + " the bucket's";
        if (skew.compareTo(USUAL_SKEW) <= 0) {
            return Finding.ok(BUCKET, "clock", text);
        }
        String advice = "have this machine's clock set by NTP: what is signed here carries its time";
        return skew.compareTo(WORST_SKEW) <= 0
                ? Finding.warn(BUCKET, "clock", text, advice)
                : Finding.fail(BUCKET, "clock", text, advice);
    }

    /** By what every verb that changes a fleet does first, so that nothing is left that wouldn't be there anyway. */
    private List<Finding> written(BucketOwner owner) throws InterruptedException {
        return switch (lock.take("doctor", Duration.ZERO, line -> {})) {
            case FleetLock.Taking.Busy busy ->
                List.of(Finding.warn(
                        BUCKET,
                        "writing",
                        "not tried: " + busy.holder().owner() + " changes the fleet now",
                        "ask again when the lock is free"));
            case FleetLock.Taking.Failed failed ->
                List.of(Finding.fail(
                        BUCKET, "writing", failed.reason(), "what has to be allowed: flotilla iam controller"));
            case FleetLock.Taking.Taken taken -> {
                taken.holding().close();
                List<Finding> found = new ArrayList<>();
                found.add(Finding.ok(BUCKET, "writing", "the lock was taken and given back"));
                if (owner instanceof BucketOwner.Ours ours) {
                    found.add(
                            switch (ours.keepsConditions(bucket)) {
                                case YES -> Finding.ok(BUCKET, "writing", "conditions of writes are kept");
                                case NO ->
                                    Finding.fail(
                                            BUCKET,
                                            "writing",
                                            "the store doesn't keep the condition If-None-Match: two controllers could overwrite each"
                                                    + " other, lock or no lock",
                                            "use a store that does, as S3 has since 2024");
                                case UNKNOWN ->
                                    Finding.fail(
                                            BUCKET,
                                            "writing",
                                            "whether the store keeps the conditions of writes couldn't be found out",
                                            "ask again");
                            });
                }
                yield found;
            }
        };
    }
}
