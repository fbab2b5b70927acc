package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.BucketMetadata;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataSource;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SnapshotMetadata;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TimestampMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.publish.ReleaseSigner.Made;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The last part of every publication: a snapshot, then the roots that are new, and last the timestamp that leads to it all. */
final class Leading {
    private final Ground ground;
    private final MetadataObjects objects;

    /**
     * What is led to.
     *
     * @param release a release that is in the bucket
     * @param file what the snapshot says of it
     * @param fresh the metadata of delegated roles that say something new, in the bucket too, by the role's name
     * @param renewed whether all that can be is signed again
     * @param action for the audit trail
     * @param lines likewise: what is different, one line each
     */
    record To(
            TargetsMetadata release,
            MetaFile file,
            Map<String, Made<TargetsMetadata>> fresh,
            boolean renewed,
            String action,
            List<String> lines) {}

    Leading(Ground ground) {
        this.ground = ground;
        this.objects = new MetadataObjects(ground.bucket(), ground.progress());
    }

    MetadataObjects objects() {
        return objects;
    }

    /** Makes snapshot and timestamp lead there. */
    Publishing lead(To to) throws IOException {
        Map<String, Made<TargetsMetadata>> signed = new HashMap<>();
        var intents = new Delegated(
                Delegation.INTENTS,
                "intents",
                Optional.ofNullable(to.fresh().get(Delegation.INTENTS)),
                ground.before().intended().map(Ground.Intended::metadata),
                false);
        var wheels = new Delegated(
                Delegation.WHEELS,
                "wheels",
                Optional.ofNullable(to.fresh().get(Delegation.WHEELS)),
                ground.before().wheels(),
                true);
        for (Delegated role : List.of(wheels, intents)) {
            switch (again(to, role)) {
                case Again.Impossible impossible -> {
                    return impossible.why();
                }
                case Again.Not ignored -> {}
                case Again.Signed made -> signed.put(role.name(), made.made());
            }
        }
        SortedMap<String, MetaFile> meta = new TreeMap<>(ground.before()
                .metadata()
                .map(metadata -> metadata.snapshot().meta())
                .orElseGet(TreeMap::new));
        signed.forEach((role, made) -> meta.put(role + ".json", made.asMetaFile()));
        long first = ground.before()
                        .metadata()
                        .map(metadata -> metadata.snapshot().version())
                        .orElse(0L)
                + 1;
        return switch (objects.numbered(
                Role.SNAPSHOT.metadataName(), first, version -> ground.signer().snapshot(version, meta, to.file()))) {
            case MetadataObjects.Numbered.Not<SnapshotMetadata> not -> not.why();
            case MetadataObjects.Numbered.Written<SnapshotMetadata> snapshot -> {
                long version = ground.before()
                                .metadata()
                                .map(metadata -> metadata.timestamp().version())
                                .orElse(0L)
                        + 1;
                yield point(ground.signer().timestamp(version, snapshot.made().asMetaFile()), to, signed.keySet());
            }
        };
    }

    /**
     * A role below the release.
     *
     * @param fresh its metadata, in the bucket too, where they are new
     * @param present its metadata that the bucket leads to, where they can be trusted
     * @param begins whether it says from the first release on that there is nothing yet, so that nobody can pretend that it
     *     had not been asked
     */
    private record Delegated(
            String name,
            String what,
            Optional<Made<TargetsMetadata>> fresh,
            Optional<TargetsMetadata> present,
            boolean begins) {}

    /** What comes of signing a delegated role. */
    private sealed interface Again {
        record Not() implements Again {}

        record Signed(Made<TargetsMetadata> made) implements Again {}

        record Impossible(Publishing why) implements Again {}
    }

    /** What a role says has to be signed by those keys that the release names, and to hold as long as it does. */
    private Again again(To to, Delegated delegated) {
        if (delegated.fresh().isPresent()) {
            return new Again.Signed(delegated.fresh().get());
        }
        Optional<MetaFile> promise = ground.before()
                .metadata()
                .flatMap(metadata -> metadata.snapshot().of(delegated.name()));
        Optional<Delegation> role = to.release().delegation(delegated.name());
        if (role.isEmpty() || (promise.isEmpty() && !delegated.begins())) {
            return new Again.Not();
        }
        Optional<TargetsMetadata> present = delegated.present();
        boolean otherKeys = promise.isPresent()
                && !role.equals(ground.before()
                        .metadata()
                        .flatMap(trusted -> trusted.targets().delegation(delegated.name())));
        boolean endsSoon = present.filter(ground.signer()::endsSoon).isPresent();
        if (present.isPresent() && !otherKeys && !endsSoon && !to.renewed()) {
            return new Again.Not();
        }
        Optional<String> unable = ground.signer().unable(role.get());
        if (unable.isPresent()) {
            if (otherKeys) {
                return new Again.Impossible(new Publishing.Refused("the role for " + delegated.what()
                        + " gets other keys, by which what it says now has to be signed again: " + unable.get()));
            }
            if (endsSoon || (present.isEmpty() && promise.isPresent())) {
                ground.progress()
                        .accept("what the role for " + delegated.what() + " says can't be signed again: "
                                + unable.get());
            }
            return new Again.Not();
        }
        return switch (objects.numbered(
                delegated.name(),
                promise.map(MetaFile::version).orElse(0L) + 1,
                version -> ground.signer()
                        .delegated(
                                role.get(),
                                version,
                                present.map(TargetsMetadata::targets).orElseGet(TreeMap::new)))) {
            case MetadataObjects.Numbered.Not<TargetsMetadata> not -> new Again.Impossible(not.why());
            case MetadataObjects.Numbered.Written<TargetsMetadata> written -> new Again.Signed(written.made());
        };
    }

    private Publishing point(Made<TimestampMetadata> timestamp, To to, Set<String> signed) throws IOException {
        Map<String, byte[]> coming = new HashMap<>();
        coming.put(MetadataFile.timestamp().name(), timestamp.bytes());
        ground.chain()
                .coming()
                .forEach(root -> coming.put(
                        MetadataFile.of(Role.ROOT, root.metadata().version()).name(), root.bytes()));
        var there = new BucketMetadata(ground.bucket());
        MetadataSource ahead = (file, known, limit) -> Optional.ofNullable(coming.get(file.name()))
                .<MetadataSource.Fetched>map(document -> new MetadataSource.Fetched.Found(document, Optional.empty()))
                .orElseGet(() -> there.fetch(file, known, limit));
        var reader = new PublishedMetadata(ground.fleet(), ahead);
        Refreshed rehearsal = reader.at(ground.chain().present().bytes(), ground.now());
        if (!(rehearsal instanceof Refreshed.Current good)) {
            return new Publishing.Refused("nodes would not take this release: " + rehearsal);
        }
        for (TargetPath path : List.of(TargetPath.intents(), Groundwork.ANY_WHEEL)) {
            boolean isNew = signed.stream().anyMatch(role -> path.value().startsWith(role + "/"));
            if (isNew && reader.find(good.metadata(), path) instanceof Updater.Finding.Refused refused) {
                return new Publishing.Refused("nodes would not take what is signed for " + path + ": "
                        + refused.refused().text());
            }
        }
        for (TrustFolder.Root root : ground.chain().coming()) {
            Optional<Publishing> hindrance = ground.chain().ownership().bring(root);
            if (hindrance.isPresent()) {
                return hindrance.get();
            }
        }
        Optional<String> lost = ground.fence().lost();
        if (lost.isPresent()) {
            return new Publishing.Fenced(lost.get());
        }
        byte[] document = timestamp.bytes();
        Condition condition =
                ground.before().timestamp().map(Condition::ifMatch).orElseGet(Condition::ifAbsent);
        Publishing done =
                new Publishing.Published(to.release().version(), good.metadata().expires(), to.lines());
        return switch (ground.bucket().put(BucketLayout.timestamp(), document, condition)) {
            case Writing.Written ignored -> published(done, to);
            case Writing.Conflict conflict ->
                pointer().map(Leading::overtaken).orElseGet(() -> new Publishing.Failed(conflict.reason()));
            // A write that was answered by an error may have happened all the same.
            case Writing.Failed failed ->
                pointer()
                        .filter(content -> Arrays.equals(content, document))
                        .map(ignored -> published(done, to))
                        .orElseGet(() -> new Publishing.Failed(failed.reason()));
        };
    }

    private Publishing published(Publishing done, To to) {
        ground.audit()
                .done(to.action(), Optional.of(to.release().version()), to.lines())
                .ifPresent(ground.progress());
        return done;
    }

    private static Publishing overtaken(byte[] content) {
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
        return ground.bucket().get(BucketLayout.timestamp(), Optional.empty(), TrustLimits.USUAL.timestamp())
                        instanceof Lookup.Found found
                ? Optional.of(found.content())
                : Optional.empty();
    }
}
