package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.Refusal;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.vocabulary.FleetName;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** Sees to it that a bucket is one fleet's: the root document in it says whose. */
final class BucketOwnership {
    private final FleetName fleet;
    private final Bucket bucket;
    private final Consumer<String> progress;

    BucketOwnership(FleetName fleet, Bucket bucket, Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.progress = progress;
    }

    /** Claims a bucket that is nobody's. Present is why nothing can be published to it. */
    Optional<Publishing> claim(TrustFolder.Opening.Opened trust) {
        byte[] ours = trust.document().content();
        return switch (bucket.get(BucketLayout.root(), Optional.empty(), TrustedRoot.LARGEST_ROOT)) {
            case Lookup.Absent ignored -> {
                progress.accept("the bucket is new: it gets this fleet's root");
                yield write(ours, Condition.ifAbsent());
            }
            case Lookup.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found ->
                Arrays.equals(found.content(), ours) ? Optional.empty() : judged(found, trust.root(), ours);
        };
    }

    private Optional<Publishing> judged(Lookup.Found found, TrustedRoot ours, byte[] document) {
        return switch (TrustedRoot.of(found.content(), fleet)) {
            case Verification.Refused<TrustedRoot> refused ->
                refused(
                        refused.reason() == Refusal.WRONG_FLEET
                                ? "the bucket belongs to the fleet " + owner(found.content())
                                        + ", and this is the fleet " + fleet + ". Give this fleet a bucket of its own"
                                : "the root in the bucket is damaged (" + refused.text()
                                        + "): find out who wrote it, and delete it if it is nobody's");
            case Verification.Trusted<TrustedRoot> theirs -> {
                var present = theirs.value().metadata();
                if (!present.keys(Role.ROOT).equals(ours.metadata().keys(Role.ROOT))) {
                    yield refused("the bucket belongs to a fleet of the same name with other keys. Give this fleet a"
                            + " bucket of its own, or use the keys that the bucket's fleet was made with");
                }
                if (present.version() >= ours.metadata().version()) {
                    yield refused("the bucket has a newer root than the trust folder (version " + present.version()
                            + ", here " + ours.metadata().version() + "): copy it from where it was made");
                }
                progress.accept(
                        "the bucket gets root version " + ours.metadata().version());
                yield write(document, Condition.ifMatch(found.etag()));
            }
        };
    }

    private static String owner(byte[] root) {
        return SignedDocument.parse(root, TrustedRoot.LARGEST_ROOT)
                .signed()
                .object("x-flotilla")
                .text("fleet");
    }

    private Optional<Publishing> write(byte[] document, Condition condition) {
        return switch (bucket.put(BucketLayout.root(), document, condition)) {
            case Writing.Written ignored -> Optional.empty();
            case Writing.Conflict ignored ->
                Optional.of(
                        new Publishing.Overtaken(
                                "another controller wrote the bucket's root at the same time: publish again to see whose it is"));
            case Writing.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
        };
    }

    private static Optional<Publishing> refused(String reason) {
        return Optional.of(new Publishing.Refused(reason));
    }
}
