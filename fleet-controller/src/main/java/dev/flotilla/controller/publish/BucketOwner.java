package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whose a bucket is, as it is seen without changing anything. The first root in it says so. */
public sealed interface BucketOwner {
    /** It is the fleet's whose trust folder is at hand. */
    final class Ours implements BucketOwner {
        private final byte[] root;

        private Ours(byte[] root) {
            this.root = root;
        }

        /**
         * Whether a write that must not happen doesn't: the first root is offered once more, as the very same bytes, so that nothing
         * changes where the store takes it all the same.
         */
        public Conditions keepsConditions(Bucket bucket) {
            return switch (bucket.put(BucketOwnership.key(1), root, Condition.ifAbsent())) {
                case Writing.Conflict ignored -> Conditions.YES;
                case Writing.Written ignored -> Conditions.NO;
                case Writing.Failed ignored -> Conditions.UNKNOWN;
            };
        }
    }

    /** There is no root in it. */
    record Nobodys(String reason) implements BucketOwner {}

    /** It is another fleet's, or was made with other keys. */
    record Others(String reason) implements BucketOwner {}

    record Unknown(String reason) implements BucketOwner {}

    /** Whether a store keeps the conditions of writes. */
    enum Conditions {
        YES,
        NO,
        UNKNOWN
    }

    /** S3 says of what isn't there and of what may not be read the same to those who may not list. A new fleet's controller may. */
    private static BucketOwner unclaimed(FleetConfiguration fleet, Bucket bucket, String reason) {
        return switch (bucket.list(BucketLayout.METADATA, 1)) {
            case Bucket.Listing.Keys ignored -> new Nobodys(reason);
            case Bucket.Listing.TooMany ignored -> new Nobodys(reason);
            case Bucket.Listing.Failed failed ->
                new Unknown("whose the bucket " + fleet.bucket() + " is can't be found out: " + failed.reason()
                        + ". Use other credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID), or have these allowed what flotilla iam"
                        + " controller prints");
        };
    }

    /** Asks the bucket. */
    static BucketOwner of(FleetConfiguration fleet, Bucket bucket) {
        return switch (bucket.get(BucketOwnership.key(1), Optional.empty(), TrustLimits.USUAL.root())) {
            case Lookup.Absent absent -> unclaimed(fleet, bucket, absent.reason());
            case Lookup.Failed failed -> new Unknown(failed.reason());
            case Lookup.TooLarge tooLarge -> new Others(tooLarge.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> {
                try {
                    List<Root> chain = new TrustFolder(fleet.trust().folder()).chain();
                    yield !chain.isEmpty() && Arrays.equals(chain.getFirst().bytes(), found.content())
                            ? new Ours(found.content())
                            : new Others(BucketOwnership.strangers(fleet.name(), found.content()));
                } catch (IOException | IllegalArgumentException unreadable) {
                    yield new Unknown(String.valueOf(unreadable.getMessage()));
                }
            }
        };
    }
}
