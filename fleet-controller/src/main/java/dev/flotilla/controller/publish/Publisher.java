package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Publishes a fleet's configuration as a signed release. Files go first, under their digests; then metadata under their
 * versions; last the timestamp, by conditional write, so that the bucket leads to a whole release at any time, whoever else
 * publishes and wherever this is killed. For one thread.
 */
public final class Publisher {
    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Path program;
    private final List<Path> keys;
    private final Clock clock;
    private final Consumer<String> progress;
    private final AuditLog audit;
    private final TrustFolder folder;

    /** When to sign. */
    public enum Signing {
        /** Only where something differs from what is in the bucket. */
        WHEN_CHANGED,
        /** Also where nothing does, so that it expires later. */
        ALWAYS
    }

    /**
     * Nothing is read yet.
     *
     * @param program the archive of the mirror that nodes run
     * @param keys folders with private keys beside the fleet's trust folder
     * @param actor who publishes, for the audit trail
     * @param progress gets a line for each step
     */
    public Publisher(
            FleetConfiguration fleet,
            Bucket bucket,
            Path program,
            List<Path> keys,
            Clock clock,
            String actor,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.program = program;
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.progress = progress;
        this.audit = new AuditLog(fleet.name(), bucket, clock, actor);
        this.folder = new TrustFolder(fleet.trust().folder());
    }

    public Publishing publish(Signing signing) throws IOException {
        try {
            ReleaseFiles files = ReleaseFiles.of(fleet, program);
            List<Root> chain = folder.chain();
            if (chain.isEmpty()) {
                switch (new Roots(fleet, keys, clock).first()) {
                    case RootChange.Made made -> progress.accept("the fleet's first root is " + made.file());
                    case RootChange.Staged staged -> {
                        return new Publishing.Unsigned(staged.file(), staged.lacking());
                    }
                    case RootChange.Refused refused -> {
                        return new Publishing.Refused(refused.reason());
                    }
                }
                chain = folder.chain();
            }
            return publish(signing, chain, files);
        } catch (NoSuchFileException missing) {
            return new Publishing.Refused("there is no mirror program " + program
                    + ": build the archive, or name another with 'program' in " + fleet.file());
        } catch (IllegalArgumentException unusable) {
            return new Publishing.Refused(String.valueOf(unusable.getMessage()));
        }
    }

    private Publishing publish(Signing signing, List<Root> chain, ReleaseFiles files) throws IOException {
        Instant now = clock.instant();
        Root root = chain.getLast();
        Optional<String> other = TrustFolder.difference(root.metadata(), Roots.binding(fleet));
        if (other.isPresent()) {
            return new Publishing.Refused(other.get() + ". Set fleet.conf right; or, if it is to be so from now on, run"
                    + " flotilla keys renew, which makes a root for it");
        }
        if (!now.isBefore(root.metadata().expires())) {
            return new Publishing.Refused(
                    folder.root() + " has expired on " + root.metadata().expires()
                            + ": nodes take up nothing that it vouches for. Run flotilla keys renew");
        }
        var ownership = new BucketOwnership(fleet.name(), bucket, progress);
        int roots;
        switch (ownership.claim(chain)) {
            case BucketOwnership.Claim.Hindered hindered -> {
                return hindered.why();
            }
            case BucketOwnership.Claim.Ours ours -> roots = ours.roots();
        }
        Optional<Publishing> hindrance = new Uploads(bucket, progress).bring(files);
        if (hindrance.isPresent()) {
            return hindrance.get();
        }
        var signer = new ReleaseSigner(fleet.trust(), folder, root.metadata(), Signers.in(keyFolders()), now);
        return switch (current(chain, roots)) {
            case Before.Unusable unusable -> unusable.why();
            case Before.Known known ->
                new Publication(
                                fleet,
                                bucket,
                                new Publication.Chain(chain, roots, ownership),
                                signer,
                                new Publication.Before(known.metadata(), known.timestamp()),
                                now,
                                audit,
                                progress)
                        .publish(signing, files.targets());
        };
    }

    private List<Path> keyFolders() {
        List<Path> folders = new ArrayList<>(keys);
        folders.addFirst(folder.path());
        return folders;
    }

    /** What the bucket leads to before this publication. */
    private sealed interface Before {
        /**
         * It is known.
         *
         * @param metadata absent where there are none, or where they are a thief's
         */
        record Known(Optional<TrustedMetadata> metadata, Optional<ETag> timestamp) implements Before {}

        record Unusable(Publishing why) implements Before {}
    }

    /** Judged by the newest root that the bucket has, as nodes judge it. */
    private Before current(List<Root> chain, int roots) throws IOException {
        Optional<ETag> etag;
        switch (bucket.get(BucketLayout.timestamp(), Optional.empty(), TrustLimits.USUAL.timestamp())) {
            case Lookup.Absent ignored -> {
                return new Before.Known(Optional.empty(), Optional.empty());
            }
            case Lookup.Failed failed -> {
                return new Before.Unusable(new Publishing.Failed(failed.reason()));
            }
            case Lookup.TooLarge tooLarge -> {
                return new Before.Unusable(new Publishing.Refused(tooLarge.reason()));
            }
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> etag = Optional.of(found.etag());
        }
        Root judge = chain.get(roots - 1);
        return switch (new PublishedMetadata(fleet, bucket).ofAnyAge(judge.bytes())) {
            case Refreshed.Current now ->
                new Before.Known(Optional.of(now.metadata()), now.tag().map(ETag::new));
            case Refreshed.Unavailable away -> new Before.Unusable(new Publishing.Failed(away.reason()));
            case Refreshed.Refused refused
            when isRecovery(judge, chain.getLast()) -> {
                progress.accept("what the bucket leads to can't be trusted (" + refused.text() + "), and the root has"
                        + " replaced the timestamp's and the snapshot's keys: beginning anew");
                yield new Before.Known(Optional.empty(), etag);
            }
            case Refreshed.Refused refused ->
                new Before.Unusable(new Publishing.Refused("the release in bucket " + fleet.bucket()
                        + " can't be trusted, and is left as it is: " + refused.text()
                        + ". If a key was stolen: flotilla keys rotate timestamp snapshot targets, then publish"));
        };
    }

    /** Nodes forget versions when these keys are replaced (TUF 1.0, section 5.3.11), so that new ones may begin low. */
    private static boolean isRecovery(Root judge, Root newest) {
        return List.of(Role.TIMESTAMP, Role.SNAPSHOT).stream()
                .noneMatch(role -> newest.metadata().keys(role).keys().keySet().stream()
                        .anyMatch(judge.metadata().keys(role).keys()::containsKey));
    }
}
