package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.controller.publish.TrustFolder.Root;
import dev.flotilla.vocabulary.FleetName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Sees to it that a bucket is one fleet's: the first root in it says whose. */
final class BucketOwnership {
    private final FleetName fleet;
    private final Bucket bucket;
    private final Consumer<String> progress;

    BucketOwnership(FleetName fleet, Bucket bucket, Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.progress = progress;
    }

    /** The outcome of claiming. */
    sealed interface Claim {
        /**
         * The bucket is ours.
         *
         * @param roots how many of our roots are in it
         */
        record Ours(int roots) implements Claim {}

        record Hindered(Publishing why) implements Claim {}
    }

    /** Claims a bucket that is nobody's with the first root, and finds out which of the others it has. */
    Claim claim(List<Root> chain) {
        Optional<Publishing> hindrance = bring(chain.getFirst());
        if (hindrance.isPresent()) {
            return new Claim.Hindered(hindrance.get());
        }
        long next = chain.size() + 1L;
        switch (bucket.look(key(next))) {
            case Bucket.Presence.Failed failed -> {
                return new Claim.Hindered(new Publishing.Failed(failed.reason()));
            }
            case Bucket.Presence.There ignored -> {
                return new Claim.Hindered(
                        new Publishing.Refused("the bucket has a newer root than the trust folder (version " + next
                                + ", here " + chain.size() + "): copy the folder 'roots' from where it was made"));
            }
            case Bucket.Presence.Absent ignored -> {}
        }
        for (int count = chain.size(); count > 1; count--) {
            Root root = chain.get(count - 1);
            switch (bucket.get(key(count), Optional.empty(), TrustLimits.USUAL.root())) {
                case Lookup.Absent ignored -> {}
                case Lookup.Found found -> {
                    return Arrays.equals(found.content(), root.bytes())
                            ? new Claim.Ours(count)
                            : new Claim.Hindered(other(count));
                }
                case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
                case Lookup.TooLarge ignored -> {
                    return new Claim.Hindered(other(count));
                }
                case Lookup.Failed failed -> {
                    return new Claim.Hindered(new Publishing.Failed(failed.reason()));
                }
            }
        }
        return new Claim.Ours(1);
    }

    private static Publishing other(long version) {
        return new Publishing.Refused(
                "the bucket has another root " + version + " than the trust folder: two people have"
                        + " made one at the same time. Keep the bucket's: copy the folder 'roots' from where it was made");
    }

    /** Brings a root into the bucket. Present is why that can't be. */
    Optional<Publishing> bring(Root root) {
        long version = root.metadata().version();
        // Mostly it is there: whoever only looks needs no right to write.
        if (bucket.get(key(version), Optional.empty(), TrustLimits.USUAL.root()) instanceof Lookup.Found found
                && Arrays.equals(found.content(), root.bytes())) {
            return Optional.empty();
        }
        return switch (bucket.put(key(version), root.bytes(), Condition.ifAbsent())) {
            case Writing.Written ignored -> {
                progress.accept("the bucket gets root " + version);
                yield Optional.empty();
            }
            case Writing.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
            case Writing.Conflict conflict ->
                switch (bucket.get(key(version), Optional.empty(), TrustLimits.USUAL.root())) {
                    case Lookup.Found found ->
                        Arrays.equals(found.content(), root.bytes())
                                ? Optional.empty()
                                : Optional.of(
                                        version == 1
                                                ? new Publishing.Refused(strangers(fleet, found.content()))
                                                : other(version));
                    case Lookup.Absent ignored -> Optional.of(new Publishing.Failed(conflict.reason()));
                    case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
                    case Lookup.TooLarge tooLarge -> Optional.of(new Publishing.Refused(tooLarge.reason()));
                    case Lookup.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
                };
        };
    }

    /** Whose the bucket is that begins with this root, which isn't the fleet's. */
    static String strangers(FleetName fleet, byte[] document) {
        Optional<FleetName> owner;
        try {
            var signed =
                    SignedDocument.parse(document, TrustLimits.USUAL.root()).signed();
            owner = RootMetadata.parse(signed).binding().map(binding -> binding.fleet());
        } catch (IllegalArgumentException damaged) {
            return "the root in the bucket is damaged (" + damaged.getMessage()
                    + "): find out who wrote it, and delete it if it is nobody's";
        }
        return owner.filter(fleet::equals).isPresent()
                ? "the bucket belongs to a fleet of the same name with other keys. Give this fleet a bucket of its"
                        + " own, or use the keys that the bucket's fleet was made with"
                : "the bucket belongs to the fleet "
                        + owner.map(FleetName::value).orElse("of nobody knows whom")
                        + ", and this is the fleet "
                        + fleet + ". Give this fleet a bucket of its own";
    }

    static ObjectKey key(long version) {
        return BucketLayout.metadata(MetadataFile.of(Role.ROOT, version));
    }
}
