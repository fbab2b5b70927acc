package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.trust.ReleaseMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.TrustedRoot.TrustedRelease;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Publishes a fleet's configuration as a signed release. Files go first, under their digests; then the release's own copy;
 * last the pointer, by conditional write, so that the bucket holds a whole release at any time, whoever else publishes and
 * wherever this is killed. For one thread.
 */
public final class Publisher {
    /** Numbers that killed or beaten publications have left a copy under. */
    private static final int MOST_TAKEN_VERSIONS = 100;

    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Path program;
    private final Clock clock;
    private final Consumer<String> progress;
    private final AuditLog audit;

    /** When to sign a new release. */
    public enum Signing {
        /** Only where something differs from the one in the bucket. */
        WHEN_CHANGED,
        /** Also where nothing does, so that it expires later. */
        ALWAYS
    }

    /**
     * Nothing is read yet.
     *
     * @param program the archive of the mirror that nodes run
     * @param actor who publishes, for the audit trail
     * @param progress gets a line for each step
     */
    public Publisher(
            FleetConfiguration fleet,
            Bucket bucket,
            Path program,
            Clock clock,
            String actor,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.program = program;
        this.clock = clock;
        this.progress = progress;
        this.audit = new AuditLog(fleet.name(), bucket, clock, actor);
    }

    public Publishing publish(Signing signing) throws IOException {
        Instant now = clock.instant();
        switch (new TrustFolder(fleet.trust().folder()).open(fleet.name(), now)) {
            case TrustFolder.Opening.Refused refused -> {
                return new Publishing.Refused(refused.reason());
            }
            case TrustFolder.Opening.Opened trust -> {
                ReleaseFiles files;
                try {
                    files = ReleaseFiles.of(fleet, program);
                } catch (NoSuchFileException missing) {
                    return new Publishing.Refused("there is no mirror program " + program
                            + ": build the archive, or name another with 'program' in " + fleet.file());
                }
                Optional<Publishing> hindrance = new BucketOwnership(fleet.name(), bucket, progress).claim(trust);
                return hindrance.isPresent() ? hindrance.get() : publish(signing, trust, files, now);
            }
        }
    }

    private Publishing publish(Signing signing, TrustFolder.Opening.Opened trust, ReleaseFiles files, Instant now) {
        Current current;
        switch (bucket.get(BucketLayout.release(), Optional.empty(), TrustedRoot.LARGEST_RELEASE)) {
            case Lookup.Absent ignored -> current = new Current(Optional.empty(), Optional.empty());
            case Lookup.Failed failed -> {
                return new Publishing.Failed(failed.reason());
            }
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> {
                // Whether it has expired is of no interest here: it gets a successor.
                switch (trust.root().release(found.content(), Optional.empty(), Instant.EPOCH)) {
                    case Verification.Refused<TrustedRelease> refused -> {
                        return new Publishing.Refused("the release in bucket " + fleet.bucket()
                                + " can't be trusted, and is left as it is: " + refused.text());
                    }
                    case Verification.Trusted<TrustedRelease> trusted ->
                        current = new Current(Optional.of(trusted.value()), Optional.of(found.etag()));
                }
            }
        }
        Optional<Publishing> hindrance = upload(files);
        if (hindrance.isPresent()) {
            return hindrance.get();
        }
        List<String> changes = differences(current.targets(), files.targets());
        if (changes.isEmpty()
                && signing == Signing.WHEN_CHANGED
                && current.release().isPresent()) {
            ReleaseMetadata same = current.release().get().metadata();
            return new Publishing.Unchanged(same.version(), same.expires());
        }
        return sign(trust, files, current, changes, now);
    }

    /** Brings all files into the bucket that aren't there. */
    private Optional<Publishing> upload(ReleaseFiles files) {
        int there = 0;
        for (Map.Entry<TargetPath, ReleaseFiles.Source> entry : files.sources().entrySet()) {
            TargetFile file = entry.getValue().file();
            ObjectKey key = BucketLayout.target(entry.getKey(), file.sha256());
            switch (bucket.look(key)) {
                case Presence.Failed failed -> {
                    return Optional.of(new Publishing.Failed(failed.reason()));
                }
                case Presence.There present when present.size().equals(file.length()) -> there++;
                case Presence.There ignored -> {
                    // A torn upload of a store that has no atomic ones.
                    Optional<Publishing> failure = put(key, entry.getValue());
                    if (failure.isPresent()) {
                        return failure;
                    }
                }
                case Presence.Absent ignored -> {
                    Optional<Publishing> failure = put(key, entry.getValue());
                    if (failure.isPresent()) {
                        return failure;
                    }
                }
            }
        }
        progress.accept(there + " of " + files.sources().size() + " files were in the bucket already");
        return Optional.empty();
    }

    private Optional<Publishing> put(ObjectKey key, ReleaseFiles.Source source) {
        progress.accept("uploading " + key + " (" + source.file().length() + ")");
        Writing writing = switch (source) {
            case ReleaseFiles.Source.Text text -> bucket.put(key, text.content(), Condition.none());
            case ReleaseFiles.Source.OnDisk onDisk -> bucket.upload(key, onDisk.path(), Condition.none());
        };
        return switch (writing) {
            case Writing.Written ignored -> Optional.empty();
            case Writing.Conflict conflict -> Optional.of(new Publishing.Failed(conflict.reason()));
            case Writing.Failed failed -> Optional.of(new Publishing.Failed(failed.reason()));
        };
    }

    private Publishing sign(
            TrustFolder.Opening.Opened trust, ReleaseFiles files, Current current, List<String> changes, Instant now) {
        long first =
                current.release().map(release -> release.metadata().version()).orElse(0L) + 1;
        for (long version = first; version < first + MOST_TAKEN_VERSIONS; version++) {
            var release =
                    new ReleaseMetadata(version, now.plus(fleet.trust().lifetime()), fleet.name(), files.targets());
            byte[] document = SignedDocument.sign(release.toSigned(), List.of(trust.targets()))
                    .toBytes();
            if (trust.root().release(document, current.release().map(TrustedRelease::mark), now)
                    instanceof Verification.Refused<TrustedRelease> refused) {
                return new Publishing.Refused("nodes would not take this release: " + refused.text());
            }
            switch (bucket.put(BucketLayout.release(version), document, Condition.ifAbsent())) {
                case Writing.Failed failed -> {
                    return new Publishing.Failed(failed.reason());
                }
                // A publication that was killed before it set the pointer, or one that is under way: its number is
                // gone.
                case Writing.Conflict ignored ->
                    progress.accept("release " + version + " was begun before: next number");
                case Writing.Written ignored -> {
                    return point(document, release, current, changes);
                }
            }
        }
        return new Publishing.Failed("the numbers " + first + " to " + (first + MOST_TAKEN_VERSIONS - 1)
                + " are all taken by releases that were begun and never finished");
    }

    private Publishing point(byte[] document, ReleaseMetadata release, Current current, List<String> changes) {
        Condition condition = current.etag().map(Condition::ifMatch).orElseGet(Condition::ifAbsent);
        return switch (bucket.put(BucketLayout.release(), document, condition)) {
            case Writing.Written ignored -> published(release, changes);
            case Writing.Conflict conflict ->
                pointer()
                        .map(content -> overtaken(content, release.version()))
                        .orElseGet(() -> new Publishing.Failed(conflict.reason()));
            // A write that was answered by an error may have happened all the same.
            case Writing.Failed failed ->
                pointer()
                        .filter(content -> Arrays.equals(content, document))
                        .map(ignored -> published(release, changes))
                        .orElseGet(() -> new Publishing.Failed(failed.reason()));
        };
    }

    private Publishing published(ReleaseMetadata release, List<String> changes) {
        audit.write("publish", release.version(), changes).ifPresent(progress);
        return new Publishing.Published(release.version(), release.expires(), changes);
    }

    private Publishing overtaken(byte[] content, long version) {
        audit.write("publish, overtaken", version, List.of()).ifPresent(progress);
        String theirs =
                released(content).map(number -> "published release " + number).orElse("is publishing");
        return new Publishing.Overtaken("another controller " + theirs + " while this one was at work, and nothing of"
                + " that was overwritten. Look at what it published, then publish again.");
    }

    private static Optional<Long> released(byte[] content) {
        try {
            return SignedDocument.parse(content, TrustedRoot.LARGEST_RELEASE)
                    .signed()
                    .optionalWhole("version");
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> pointer() {
        return bucket.get(BucketLayout.release(), Optional.empty(), TrustedRoot.LARGEST_RELEASE)
                        instanceof Lookup.Found found
                ? Optional.of(found.content())
                : Optional.empty();
    }

    private static List<String> differences(
            SortedMap<TargetPath, TargetFile> before, SortedMap<TargetPath, TargetFile> after) {
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

    /** The release in the bucket, with the version of the pointer's content; empty where there is none yet. */
    private record Current(Optional<TrustedRelease> release, Optional<ETag> etag) {
        SortedMap<TargetPath, TargetFile> targets() {
            return release.map(trusted -> trusted.metadata().targets()).orElseGet(TreeMap::new);
        }
    }
}
