package dev.flotilla.agent.trust;

import dev.flotilla.agent.trust.Verification.Refused;
import dev.flotilla.agent.trust.Verification.Trusted;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.Optional;

/**
 * The root that everything else is judged by. It comes from the node's own disk and has signed itself. Judging follows the
 * order of TUF 1.0, section 5: signatures, then versions, then expiry at one fixed time. Immutable.
 */
public final class TrustedRoot {
    /** A root holds a few keys. */
    public static final ByteSize LARGEST_ROOT = ByteSize.ofKiB(512);

    /** Some 200 bytes for every target: two thousand nodes and their artifacts. */
    public static final ByteSize LARGEST_RELEASE = ByteSize.ofMiB(1);

    private final RootMetadata root;

    private TrustedRoot(RootMetadata root) {
        this.root = root;
    }

    /**
     * A release whose signatures hold.
     *
     * @param mark what to remember, so that nothing older is trusted later
     */
    public record TrustedRelease(ReleaseMetadata metadata, Mark mark) {}

    /** Judges a root document by its own keys, for the given fleet. Its expiry is judged with each release. */
    public static Verification<TrustedRoot> of(byte[] document, FleetName fleet) {
        if (document.length > LARGEST_ROOT.bytes()) {
            return tooLarge("root", document, LARGEST_ROOT);
        }
        SignedDocument envelope;
        RootMetadata root;
        try {
            envelope = SignedDocument.parse(document, LARGEST_ROOT);
            root = RootMetadata.parse(envelope.signed());
        } catch (IllegalArgumentException | ArithmeticException malformed) {
            return new Refused<>(Refusal.MALFORMED, "root metadata: " + malformed.getMessage());
        }
        Optional<Refused<TrustedRoot>> unsigned = signatures(envelope, root.keys(Role.ROOT), "root " + root.version());
        if (unsigned.isPresent()) {
            return unsigned.get();
        }
        if (!root.binding().orElseThrow().fleet().equals(fleet)) {
            return new Refused<>(
                    Refusal.WRONG_FLEET,
                    "the root is for the fleet " + root.binding().orElseThrow().fleet() + ", this node belongs to "
                            + fleet);
        }
        return new Trusted<>(new TrustedRoot(root));
    }

    public RootMetadata metadata() {
        return root;
    }

    /**
     * Judges a release document.
     *
     * @param last what was trusted last, if anything was
     * @param now the time that expiry is judged by
     */
    public Verification<TrustedRelease> release(byte[] document, Optional<Mark> last, Instant now) {
        if (document.length > LARGEST_RELEASE.bytes()) {
            return tooLarge("release", document, LARGEST_RELEASE);
        }
        SignedDocument envelope;
        try {
            envelope = SignedDocument.parse(document, LARGEST_RELEASE);
        } catch (IllegalArgumentException malformed) {
            return malformed(malformed);
        }
        Optional<Refused<TrustedRelease>> unsigned = signatures(envelope, root.keys(Role.TARGETS), "the release");
        if (unsigned.isPresent()) {
            return unsigned.get();
        }
        try {
            ReleaseMetadata release = ReleaseMetadata.parse(envelope.signed());
            return judged(release, new Mark(release.version(), content(envelope)), last, now);
        } catch (IllegalArgumentException malformed) {
            return malformed(malformed);
        }
    }

    private Verification<TrustedRelease> judged(ReleaseMetadata release, Mark mark, Optional<Mark> last, Instant now) {
        if (!release.fleet().equals(root.binding().orElseThrow().fleet())) {
            return new Refused<>(
                    Refusal.WRONG_FLEET,
                    "release " + release.version() + " is for the fleet " + release.fleet() + ", this node belongs to "
                            + root.binding().orElseThrow().fleet());
        }
        if (last.isPresent() && release.version() < last.get().version()) {
            return new Refused<>(
                    Refusal.OLDER_VERSION,
                    "release " + release.version() + " is older than release "
                            + last.get().version() + ", which was trusted before");
        }
        if (last.isPresent()
                && release.version() == last.get().version()
                && !mark.content().equals(last.get().content())) {
            return new Refused<>(
                    Refusal.SAME_VERSION_OTHER_CONTENT,
                    "release " + release.version() + " was trusted before with other content");
        }
        return expired(release, now)
                .<Verification<TrustedRelease>>map(refused -> refused)
                .orElseGet(() -> new Trusted<>(new TrustedRelease(release, mark)));
    }

    /** Whether the release, or the root that speaks for it, has no life left at {@code now}. */
    private Optional<Refused<TrustedRelease>> expired(ReleaseMetadata release, Instant now) {
        if (!root.expires().isAfter(now)) {
            return Optional.of(new Refused<>(
                    Refusal.EXPIRED, "root " + root.version() + " expired at " + root.expires() + ", now is " + now));
        }
        if (!release.expires().isAfter(now)) {
            return Optional.of(new Refused<>(
                    Refusal.EXPIRED,
                    "release " + release.version() + " expired at " + release.expires() + ", now is " + now));
        }
        return Optional.empty();
    }

    private static <T> Optional<Refused<T>> signatures(SignedDocument envelope, KeyRing keys, String what) {
        int signers = envelope.signers(keys);
        if (signers == 0) {
            return Optional.of(
                    new Refused<>(Refusal.WRONG_SIGNATURE, what + " has no valid signature of a key that may sign it"));
        }
        if (signers < keys.threshold()) {
            return Optional.of(new Refused<>(
                    Refusal.THRESHOLD_NOT_MET,
                    what + " is signed by " + signers + " of the " + keys.threshold() + " keys that have to sign it"));
        }
        return Optional.empty();
    }

    private static Sha256 content(SignedDocument envelope) {
        return Sha256.of(CanonicalJson.bytes(envelope.signed()));
    }

    private static Verification<TrustedRelease> malformed(IllegalArgumentException malformed) {
        return new Refused<>(Refusal.MALFORMED, "release metadata: " + malformed.getMessage());
    }

    private static <T> Verification<T> tooLarge(String what, byte[] document, ByteSize limit) {
        return new Refused<>(
                Refusal.TOO_LARGE,
                what + " metadata of " + new ByteSize(document.length) + " are larger than the limit of " + limit);
    }
}
