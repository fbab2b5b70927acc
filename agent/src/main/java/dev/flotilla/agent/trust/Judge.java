package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;
import java.util.function.Function;

/** The single checks of TUF 1.0, section 5. Each passes or throws the refusal that it is there for. Pure. */
final class Judge {
    private Judge() {}

    /**
     * What a root has to be made for.
     *
     * @param zone absent where any zone will do, and none at all
     */
    record Expected(FleetName fleet, String bucket, Optional<String> zone) {}

    /** An envelope whose signatures are not judged yet. */
    static SignedDocument envelope(String what, byte[] document, ByteSize limit) throws RefusedException {
        if (document.length > limit.bytes()) {
            throw new RefusedException(
                    Refusal.TOO_LARGE,
                    what + " of " + new ByteSize(document.length) + " is larger than the limit of " + limit);
        }
        try {
            return SignedDocument.parse(document, limit);
        } catch (IllegalArgumentException malformed) {
            throw malformed(what, malformed);
        }
    }

    static void signatures(String what, SignedDocument envelope, KeyRing keys) throws RefusedException {
        int signers = envelope.signers(keys);
        if (signers == 0) {
            throw new RefusedException(
                    Refusal.WRONG_SIGNATURE, what + " has no valid signature of a key that may sign it");
        }
        if (signers < keys.threshold()) {
            throw new RefusedException(
                    Refusal.THRESHOLD_NOT_MET,
                    what + " is signed by " + signers + " of the " + keys.threshold() + " keys that have to sign it");
        }
    }

    /** The signed part as what it says it is. */
    static <M extends Metadata> M content(String what, SignedDocument envelope, Function<JsonObject, M> parse)
            throws RefusedException {
        try {
            String specification = envelope.signed().text("spec_version");
            if (!Fields.isKnown(specification)) {
                throw new RefusedException(
                        Refusal.UNKNOWN_SPECIFICATION,
                        what + " is written by version " + specification + ", and this program knows 1.x: update it");
            }
            return parse.apply(envelope.signed());
        } catch (IllegalArgumentException | ArithmeticException malformed) {
            throw malformed(what, malformed);
        }
    }

    /** A root that has signed itself and is made for whom it should be. */
    static RootMetadata root(byte[] document, ByteSize limit, Optional<Expected> expected) throws RefusedException {
        SignedDocument envelope = envelope("the root", document, limit);
        RootMetadata root = content("the root", envelope, RootMetadata::parse);
        signatures("root " + root.version(), envelope, root.keys(Role.ROOT));
        bound(root, expected);
        return root;
    }

    /** The root after {@code before}, which both roots' keys have signed. */
    static RootMetadata nextRoot(byte[] document, RootMetadata before, ByteSize limit, Optional<Expected> expected)
            throws RefusedException {
        String what = "root " + (before.version() + 1);
        SignedDocument envelope = envelope(what, document, limit);
        signatures(what + ", judged by root " + before.version() + ",", envelope, before.keys(Role.ROOT));
        RootMetadata root = content(what, envelope, RootMetadata::parse);
        signatures(what + ", judged by itself,", envelope, root.keys(Role.ROOT));
        if (root.version() != before.version() + 1) {
            throw new RefusedException(
                    root.version() <= before.version() ? Refusal.OLDER_VERSION : Refusal.MIXED_VERSIONS,
                    what + " says that it is version " + root.version());
        }
        bound(root, expected);
        return root;
    }

    private static void bound(RootMetadata root, Optional<Expected> expected) throws RefusedException {
        if (expected.isEmpty()) {
            return;
        }
        Binding binding = root.binding()
                .orElseThrow(() -> new RefusedException(
                        Refusal.WRONG_FLEET, "root " + root.version() + " does not say which fleet it is made for"));
        if (!binding.fleet().equals(expected.get().fleet())) {
            throw new RefusedException(
                    Refusal.WRONG_FLEET,
                    "root " + root.version() + " is for the fleet " + binding.fleet() + ", and this is the fleet "
                            + expected.get().fleet());
        }
        String bucket = expected.get().bucket();
        if (!bucket.equals(binding.bucket())) {
            throw new RefusedException(
                    Refusal.WRONG_BUCKET,
                    "root " + root.version() + " is for the bucket " + binding.bucket() + ", and this one is "
                            + bucket);
        }
        Optional<String> zone = expected.get().zone();
        if (zone.isPresent() && !zone.equals(binding.zone())) {
            throw new RefusedException(
                    Refusal.WRONG_ZONE,
                    "root " + root.version() + " is for "
                            + binding.zone().map(name -> "the zone " + name).orElse("no zone")
                            + ", and this is the zone " + zone.get());
        }
    }

    static void alive(String what, Metadata metadata, UpdateTime time) throws RefusedException {
        if (time.isOver(metadata.expires())) {
            throw new RefusedException(
                    Refusal.EXPIRED,
                    what + " expired at " + metadata.expires() + ", now is " + time.start()
                            + ". Either it is not renewed, or newer metadata are kept back, or this clock is wrong");
        }
    }

    /** A timestamp that is no step back from {@code before}. */
    static void newer(TimestampMetadata timestamp, TimestampMetadata before) throws RefusedException {
        if (timestamp.version() < before.version()) {
            throw new RefusedException(
                    Refusal.OLDER_VERSION,
                    "timestamp " + timestamp.version() + " is older than timestamp " + before.version()
                            + ", which was trusted before");
        }
        if (timestamp.snapshot().version() < before.snapshot().version()) {
            throw new RefusedException(
                    Refusal.OLDER_VERSION,
                    "timestamp " + timestamp.version() + " leads to snapshot "
                            + timestamp.snapshot().version() + ", which is older than snapshot "
                            + before.snapshot().version() + ", which was trusted before");
        }
    }

    static void clockIsNotBehind(TimestampMetadata timestamp, UpdateTime time, TrustLimits limits)
            throws RefusedException {
        if (!limits.longestLife().isZero()
                && timestamp.expires().isAfter(time.start().plus(limits.longestLife()))) {
            throw new RefusedException(
                    Refusal.CLOCK_BEHIND,
                    "timestamp " + timestamp.version() + " ends at " + timestamp.expires() + ", and none lives longer"
                            + " than " + limits.longestLife().toDays() + " days: this machine's clock, which says "
                            + time.start() + ", is behind. Set it right");
        }
    }

    /** A snapshot that has all that {@code before} had, no step back from it. */
    static void newer(SnapshotMetadata snapshot, SnapshotMetadata before) throws RefusedException {
        for (var file : before.meta().entrySet()) {
            MetaFile now = snapshot.meta().get(file.getKey());
            String what = "snapshot " + snapshot.version() + " leads to ";
            if (now == null) {
                throw new RefusedException(
                        Refusal.OLDER_VERSION, what + "no " + file.getKey() + ", which was there before");
            }
            if (now.version() < file.getValue().version()) {
                throw new RefusedException(
                        Refusal.OLDER_VERSION,
                        what + file.getKey() + " of version " + now.version() + ", which is older than version "
                                + file.getValue().version() + ", which was trusted before");
            }
        }
    }

    static void promised(String what, byte[] document, MetaFile promise) throws RefusedException {
        if (promise.length().isPresent()
                && document.length > promise.length().get().bytes()) {
            throw new RefusedException(
                    Refusal.TOO_LARGE,
                    what + " has " + document.length + " bytes, and should have "
                            + promise.length().get().bytes());
        }
        Sha256 digest = Sha256.of(document);
        if (promise.sha256().isPresent() && !promise.sha256().get().equals(digest)) {
            throw new RefusedException(
                    Refusal.WRONG_DIGEST,
                    what + " has the digest " + digest + ", and should have "
                            + promise.sha256().get());
        }
    }

    static void version(String what, Metadata metadata, long promised) throws RefusedException {
        if (metadata.version() != promised) {
            throw new RefusedException(
                    Refusal.MIXED_VERSIONS,
                    what + " is version " + metadata.version() + ", and should be version " + promised);
        }
    }

    private static RefusedException malformed(String what, RuntimeException why) {
        return new RefusedException(Refusal.MALFORMED, what + ": " + why.getMessage());
    }
}
