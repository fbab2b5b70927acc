package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SnapshotMetadata;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TimestampMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.ReleaseSigner.Made;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One publication over a bucket whose state is known: targets where the release is new, then a snapshot, then the roots that
 * are new, and last the timestamp that leads to it all.
 */
final class Publication {
    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Chain chain;
    private final ReleaseSigner signer;
    private final Before before;
    private final Instant now;
    private final AuditLog audit;
    private final Consumer<String> progress;
    private final MetadataObjects objects;

    /**
     * The fleet's roots.
     *
     * @param inBucket how many of them the bucket has
     */
    record Chain(List<Root> roots, int inBucket, BucketOwnership ownership) {
        /** The newest that the bucket has. */
        Root present() {
            return roots.get(inBucket - 1);
        }

        /** Those that it gets. */
        List<Root> coming() {
            return roots.subList(inBucket, roots.size());
        }
    }

    /**
     * What the bucket leads to so far.
     *
     * @param metadata absent where there are none, or where they are a thief's
     */
    record Before(Optional<TrustedMetadata> metadata, Optional<ETag> timestamp) {}

    /**
     * What a publication leads to.
     *
     * @param changes absent where the release is the one before
     */
    private record Release(TargetsMetadata metadata, MetaFile file, Optional<List<String>> changes) {}

    Publication(
            FleetConfiguration fleet,
            Bucket bucket,
            Chain chain,
            ReleaseSigner signer,
            Before before,
            Instant now,
            AuditLog audit,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.chain = chain;
        this.signer = signer;
        this.before = before;
        this.now = now;
        this.audit = audit;
        this.progress = progress;
        this.objects = new MetadataObjects(bucket, progress);
    }

    Publishing publish(Publisher.Signing signing, SortedMap<String, TargetFile> files) throws IOException {
        Optional<TrustedMetadata> current = before.metadata();
        List<String> changes = differences(
                current.map(metadata -> metadata.targets().targets()).orElseGet(TreeMap::new), files);
        List<Delegation> delegations = signer.delegations(current);
        boolean same = current.isPresent()
                && changes.isEmpty()
                && current.get().targets().delegations().equals(delegations);
        if (same && signing == Publisher.Signing.WHEN_CHANGED && chain.coming().isEmpty()) {
            return new Publishing.Unchanged(
                    current.get().targets().version(), current.get().expires());
        }
        for (Role online : List.of(Role.SNAPSHOT, Role.TIMESTAMP)) {
            Optional<String> unable = signer.unable(online);
            if (unable.isPresent()) {
                return new Publishing.Refused(unable.get());
            }
        }
        return same && !hasToBeSignedAgain(current.get())
                ? lead(new Release(
                        current.get().targets(), current.get().snapshot().targets(), Optional.empty()))
                : newRelease(files, delegations, changes);
    }

    /** An offline key is not asked for only because a release ends in some months. */
    private boolean hasToBeSignedAgain(TrustedMetadata current) {
        Lookup document = bucket.get(
                BucketLayout.metadata(
                        MetadataFile.of(Role.TARGETS, current.targets().version())),
                Optional.empty(),
                TrustLimits.USUAL.targets());
        if (document instanceof Lookup.Found found) {
            var envelope = SignedDocument.parse(found.content(), TrustLimits.USUAL.targets());
            if (signer.lacking(new Made<>(current.targets(), envelope)).isPresent()) {
                return true;
            }
        }
        if (signer.endsSoon(current.targets())) {
            if (signer.unable(Role.TARGETS).isEmpty()) {
                return true;
            }
            progress.accept("release " + current.targets().version() + " itself ends at "
                    + current.targets().expires() + ": publish --renew with the targets key before");
        }
        return false;
    }

    private Publishing newRelease(
            SortedMap<String, TargetFile> files, List<Delegation> delegations, List<String> changes)
            throws IOException {
        long first =
                before.metadata().map(metadata -> metadata.targets().version()).orElse(0L) + 1;
        Optional<Made<TargetsMetadata>> staged = signer.staged(first, files, delegations);
        Optional<String> lacking = staged.flatMap(signer::lacking);
        if (lacking.isEmpty() && staged.isPresent()) {
            Writing writing = objects.write(Role.TARGETS, staged.get());
            if (writing instanceof Writing.Failed failed) {
                return new Publishing.Failed(failed.reason());
            }
            if (objects.isWritten(writing, Role.TARGETS, staged.get())) {
                return released(staged.get(), changes);
            }
        } else if (staged.isPresent()) {
            return new Publishing.Unsigned(signer.stage(staged.get()), lacking.orElse(""));
        }
        if (signer.unable(Role.TARGETS).isPresent()) {
            Made<TargetsMetadata> unsigned = signer.targets(objects.free(Role.TARGETS, first), files, delegations);
            return new Publishing.Unsigned(
                    signer.stage(unsigned), signer.lacking(unsigned).orElse(""));
        }
        return switch (objects.numbered(Role.TARGETS, first, version -> signer.targets(version, files, delegations))) {
            case MetadataObjects.Numbered.Written<TargetsMetadata> written -> released(written.made(), changes);
            case MetadataObjects.Numbered.Not<TargetsMetadata> not -> not.why();
        };
    }

    private Publishing released(Made<TargetsMetadata> targets, List<String> changes) throws IOException {
        Publishing published = lead(new Release(targets.metadata(), targets.asMetaFile(), Optional.of(changes)));
        if (published instanceof Publishing.Published) {
            signer.unstage(targets);
        }
        return published;
    }

    /** Makes snapshot and timestamp lead to a release that is in the bucket. */
    private Publishing lead(Release release) throws IOException {
        SortedMap<String, MetaFile> meta =
                before.metadata().map(metadata -> metadata.snapshot().meta()).orElseGet(TreeMap::new);
        long first =
                before.metadata().map(metadata -> metadata.snapshot().version()).orElse(0L) + 1;
        return switch (objects.numbered(
                Role.SNAPSHOT, first, version -> signer.snapshot(version, meta, release.file()))) {
            case MetadataObjects.Numbered.Not<SnapshotMetadata> not -> not.why();
            case MetadataObjects.Numbered.Written<SnapshotMetadata> snapshot -> {
                long version = before.metadata()
                                .map(metadata -> metadata.timestamp().version())
                                .orElse(0L)
                        + 1;
                yield point(signer.timestamp(version, snapshot.made().asMetaFile()), release);
            }
        };
    }

    private Publishing point(Made<TimestampMetadata> timestamp, Release release) throws IOException {
        Map<String, byte[]> coming = new HashMap<>();
        coming.put(MetadataFile.timestamp().name(), timestamp.bytes());
        chain.coming()
                .forEach(root -> coming.put(
                        MetadataFile.of(Role.ROOT, root.metadata().version()).name(), root.bytes()));
        var there = new BucketMetadata(bucket);
        MetadataSource ahead = (file, known, limit) -> Optional.ofNullable(coming.get(file.name()))
                .<MetadataSource.Fetched>map(document -> new MetadataSource.Fetched.Found(document, Optional.empty()))
                .orElseGet(() -> there.fetch(file, known, limit));
        Refreshed rehearsal =
                new PublishedMetadata(fleet, ahead).at(chain.present().bytes(), now);
        if (!(rehearsal instanceof Refreshed.Current good)) {
            return new Publishing.Refused("nodes would not take this release: " + rehearsal);
        }
        for (Root root : chain.coming()) {
            Optional<Publishing> hindrance = chain.ownership().bring(root);
            if (hindrance.isPresent()) {
                return hindrance.get();
            }
        }
        byte[] document = timestamp.bytes();
        Condition condition = before.timestamp().map(Condition::ifMatch).orElseGet(Condition::ifAbsent);
        Publishing done = new Publishing.Published(
                release.metadata().version(),
                good.metadata().expires(),
                release.changes().orElse(List.of()));
        return switch (bucket.put(BucketLayout.timestamp(), document, condition)) {
            case Writing.Written ignored -> published(done, release);
            case Writing.Conflict conflict ->
                pointer()
                        .map(content -> overtaken(content, release.metadata().version()))
                        .orElseGet(() -> new Publishing.Failed(conflict.reason()));
            // A write that was answered by an error may have happened all the same.
            case Writing.Failed failed ->
                pointer()
                        .filter(content -> Arrays.equals(content, document))
                        .map(ignored -> published(done, release))
                        .orElseGet(() -> new Publishing.Failed(failed.reason()));
        };
    }

    private Publishing published(Publishing done, Release release) {
        audit.write(
                        release.changes().isPresent() ? "publish" : "renew",
                        release.metadata().version(),
                        release.changes().orElse(List.of()))
                .ifPresent(progress);
        return done;
    }

    private Publishing overtaken(byte[] content, long version) {
        audit.write("publish, overtaken", version, List.of()).ifPresent(progress);
        String theirs = timestamp(content)
                .map(number -> "published timestamp " + number)
                .orElse("is publishing");
        return new Publishing.Overtaken("another controller " + theirs + " while this one was at work, and nothing of"
                + " that was overwritten. Look at what it published, then publish again.");
    }

    private static Optional<Long> timestamp(byte[] content) {
        try {
            return SignedDocument.parse(content, TrustLimits.USUAL.timestamp())
                    .signed()
                    .optionalWhole("version");
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> pointer() {
        return bucket.get(BucketLayout.timestamp(), Optional.empty(), TrustLimits.USUAL.timestamp())
                        instanceof Lookup.Found found
                ? Optional.of(found.content())
                : Optional.empty();
    }

    private static List<String> differences(SortedMap<String, TargetFile> before, SortedMap<String, TargetFile> after) {
        List<String> differences = new ArrayList<>();
        after.forEach((path, file) -> {
            TargetFile old = before.get(path);
            if (old == null) {
                differences.add("+ " + path);
            } else if (!old.equals(file)) {
                differences.add("~ " + path);
            }
        });
        before.keySet().stream().filter(path -> !after.containsKey(path)).forEach(path -> differences.add("- " + path));
        return differences;
    }
}
