package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.controller.lock.FleetLock.Taking;
import dev.flotilla.controller.lock.Holding;
import dev.flotilla.controller.lock.LockRecord;
import dev.flotilla.controller.publish.BucketOwner;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How verbs that change a fleet come by its lock, and the option that says how long they wait for it. */
final class Locking {
    /** Longer than a lease: what a killed controller has left behind is waited for, and nobody has to do anything. */
    private static final String USUAL = "45s";

    @Option(
            names = "--lock-timeout",
            paramLabel = "DURATION",
            defaultValue = USUAL,
            converter = WrittenDuration.OrZero.class,
            description =
                    "Wait so long for another controller that changes the fleet, 0s for not at all; default: ${DEFAULT-VALUE}.")
    private Duration patience = Duration.ofSeconds(45);

    /** Takes the lock. Where the bucket is another fleet's the command fails; where another controller keeps the lock it ends with {@link CommandFailure#LOCKED}. */
    Holding take(
            FleetConfiguration fleet,
            Bucket bucket,
            Clock clock,
            String owner,
            String reason,
            Consumer<String> progress)
            throws InterruptedException {
        // Its lock and its records would be strange things in another fleet's bucket.
        if (BucketOwner.of(fleet, bucket) instanceof BucketOwner.Others others) {
            throw new CommandFailure("nothing is changed: " + others.reason());
        }
        var lock = new FleetLock(fleet.name(), bucket, clock, FleetLock.Terms.USUAL, owner);
        return switch (lock.take(reason, patience, progress)) {
            case Taking.Taken taken -> {
                taken.abandoned().ifPresent(before -> {
                    String text = before.owner() + " never gave the lock back (" + before.reason() + ", since "
                            + before.since() + "): what it did may stand in no record";
                    progress.accept(text);
                    new AuditLog(fleet.name(), bucket, clock, owner, taken.holding()::generation)
                            .done("lock taken over", Optional.empty(), List.of(text))
                            .ifPresent(progress);
                });
                yield taken.holding();
            }
            case Taking.Busy busy ->
                throw CommandFailure.locked("nothing is changed: " + described(busy.holder())
                        + ". Wait longer with --lock-timeout, or see flotilla lock status");
            case Taking.Failed failed -> throw new CommandFailure("nothing is changed: " + failed.reason());
        };
    }

    static String described(LockRecord lock) {
        return lock.owner() + " holds the fleet's lock (" + lock.reason() + ", since " + lock.since() + ", generation "
                + lock.generation() + "); unless it is renewed it ends at " + lock.expires();
    }
}
