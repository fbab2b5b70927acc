package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.TrustFolder.Root;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds out what there is before something is published. For one thread. */
final class Groundwork {
    /** A path of the role for wheels: looking for it brings the role's metadata, whether or not it is there. */
    static final TargetPath ANY_WHEEL = new TargetPath(Delegation.WHEELS + "/any/any");

    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final List<Path> keys;
    private final Clock clock;
    private final Fence fence;
    private final Consumer<String> progress;
    private final AuditLog audit;
    private final TrustFolder folder;

    Groundwork(
            FleetConfiguration fleet,
            Bucket bucket,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence fence,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.fence = fence;
        this.progress = progress;
        this.audit = new AuditLog(fleet.name(), bucket, clock, actor, fence::generation);
        this.folder = new TrustFolder(fleet.trust().folder());
    }

    /** What was found out. */
    sealed interface Result {
        record Laid(Ground ground) implements Result {}

        record Hindered(Publishing why) implements Result {}
    }

    /** Work to be done once the bucket is known to be this fleet's and before it is looked at further. */
    @FunctionalInterface
    interface Uploading {
        Optional<Publishing> bring();
    }

    Result lay(List<Root> chain, Uploading uploading) throws IOException {
        Instant now = clock.instant();
        Root root = chain.getLast();
        Optional<String> other = TrustFolder.difference(root.metadata(), Roots.binding(fleet));
        if (other.isPresent()) {
            return hindered(
                    new Publishing.Refused(other.get() + ". Set fleet.conf right; or, if it is to be so from now"
                            + " on, run flotilla keys renew, which makes a root for it"));
        }
        if (!now.isBefore(root.metadata().expires())) {
            return hindered(new Publishing.Refused(
                    folder.root() + " has expired on " + root.metadata().expires()
                            + ": nodes take up nothing that it vouches for. Run flotilla keys renew"));
        }
        var ownership = new BucketOwnership(fleet.name(), bucket, progress);
        int roots;
        switch (ownership.claim(chain)) {
            case BucketOwnership.Claim.Hindered hindered -> {
                return hindered(hindered.why());
            }
            case BucketOwnership.Claim.Ours ours -> roots = ours.roots();
        }
        Optional<Publishing> hindrance = uploading.bring();
        if (hindrance.isPresent()) {
            return hindered(hindrance.get());
        }
        var signer = new ReleaseSigner(fleet.trust(), folder, root.metadata(), Signers.in(keyFolders()), now);
        return switch (current(chain, roots)) {
            case Current.Unusable unusable -> hindered(unusable.why());
            case Current.Known known ->
                new Result.Laid(new Ground(
                        fleet,
                        bucket,
                        new Ground.Chain(chain, roots, ownership),
                        signer,
                        known.before(),
                        now,
                        audit,
                        fence,
                        progress));
        };
    }

    private static Result hindered(Publishing why) {
        return new Result.Hindered(why);
    }

    private List<Path> keyFolders() {
        List<Path> folders = new ArrayList<>(keys);
        folders.addFirst(folder.path());
        return folders;
    }

    /** What the bucket leads to before this publication. */
    private sealed interface Current {
        record Known(Ground.Before before) implements Current {}

        record Unusable(Publishing why) implements Current {}
    }

    private static Current nothing(Optional<ETag> timestamp) {
        return new Current.Known(new Ground.Before(Optional.empty(), timestamp, Optional.empty(), Optional.empty()));
    }

    /** Judged by the newest root that the bucket has, as nodes judge it. */
    private Current current(List<Root> chain, int roots) throws IOException {
        Optional<ETag> etag;
        switch (bucket.get(BucketLayout.timestamp(), Optional.empty(), TrustLimits.USUAL.timestamp())) {
            case Lookup.Absent ignored -> {
                return nothing(Optional.empty());
            }
            case Lookup.Failed failed -> {
                return new Current.Unusable(new Publishing.Failed(failed.reason()));
            }
            case Lookup.TooLarge tooLarge -> {
                return new Current.Unusable(new Publishing.Refused(tooLarge.reason()));
            }
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            case Lookup.Found found -> etag = Optional.of(found.etag());
        }
        Root judge = chain.get(roots - 1);
        var published = new PublishedMetadata(fleet, bucket);
        return switch (published.ofAnyAge(judge.bytes())) {
            case Refreshed.Current now ->
                switch (intended(published, now.metadata())) {
                    case Intention.Unavailable away -> new Current.Unusable(new Publishing.Failed(away.reason()));
                    case Intention.None ignored -> known(published, now, Optional.empty());
                    case Intention.There there -> known(published, now, Optional.of(there.intended()));
                };
            case Refreshed.Unavailable away -> new Current.Unusable(new Publishing.Failed(away.reason()));
            case Refreshed.Refused refused
            when isRecovery(judge, chain.getLast()) -> {
                progress.accept("what the bucket leads to can't be trusted (" + refused.text() + "), and the root has"
                        + " replaced the timestamp's and the snapshot's keys: beginning anew");
                yield nothing(etag);
            }
            case Refreshed.Refused refused ->
                new Current.Unusable(new Publishing.Refused("the release in bucket " + fleet.bucket()
                        + " can't be trusted, and is left as it is: " + refused.text()
                        + ". If a key was stolen: flotilla keys rotate timestamp snapshot targets, then publish"));
        };
    }

    private Current known(PublishedMetadata published, Refreshed.Current now, Optional<Ground.Intended> intended)
            throws IOException {
        Optional<TargetsMetadata> wheels = Optional.empty();
        if (now.metadata().snapshot().of(Delegation.WHEELS).isPresent()) {
            switch (published.find(now.metadata(), ANY_WHEEL)) {
                case Updater.Finding.Unavailable away -> {
                    return new Current.Unusable(new Publishing.Failed(away.reason()));
                }
                case Updater.Finding.Refused refused ->
                    progress.accept("what the role for wheels says can't be trusted and is passed over: "
                            + refused.refused().text());
                case Updater.Finding.Found ignored -> wheels = Optional.of(published.delegated(Delegation.WHEELS));
                case Updater.Finding.Absent ignored -> wheels = Optional.of(published.delegated(Delegation.WHEELS));
            }
        }
        return new Current.Known(
                new Ground.Before(Optional.of(now.metadata()), now.tag().map(ETag::new), intended, wheels));
    }

    /** What the bucket says is wanted of nodes. */
    private sealed interface Intention {
        record There(Ground.Intended intended) implements Intention {}

        /** Nothing, or nothing that can be trusted: whoever intends something next begins anew. */
        record None() implements Intention {}

        record Unavailable(String reason) implements Intention {}
    }

    private Intention intended(PublishedMetadata published, TrustedMetadata metadata) throws IOException {
        return switch (published.find(metadata, TargetPath.intents())) {
            case Updater.Finding.Absent ignored -> new Intention.None();
            case Updater.Finding.Unavailable away -> new Intention.Unavailable(away.reason());
            case Updater.Finding.Refused refused -> {
                progress.accept("what is intended for nodes can't be trusted and is passed over: "
                        + refused.refused().text());
                yield new Intention.None();
            }
            case Updater.Finding.Found found -> document(found.file(), published);
        };
    }

    private Intention document(TargetFile file, PublishedMetadata published) throws IOException {
        var key = BucketLayout.target(TargetPath.intents(), file.sha256());
        return switch (bucket.get(key, Optional.empty(), Intents.LARGEST)) {
            case Lookup.Found found -> {
                if (!Sha256.of(found.content()).equals(file.sha256())) {
                    yield new Intention.Unavailable(key + " is damaged: its digest is another");
                }
                try {
                    yield new Intention.There(new Ground.Intended(
                            published.delegated(Delegation.INTENTS), Intents.parse(found.content())));
                } catch (MalformedJsonException newer) {
                    yield new Intention.Unavailable(key + " can't be understood: " + newer.getMessage());
                }
            }
            case Lookup.Absent absent -> new Intention.Unavailable(absent.reason());
            case Lookup.Failed failed -> new Intention.Unavailable(failed.reason());
            case Lookup.TooLarge tooLarge -> new Intention.Unavailable(tooLarge.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }

    /** Nodes forget versions when these keys are replaced (TUF 1.0, section 5.3.11), so that new ones may begin low. */
    private static boolean isRecovery(Root judge, Root newest) {
        return List.of(Role.TIMESTAMP, Role.SNAPSHOT).stream()
                .noneMatch(role -> newest.metadata().keys(role).keys().keySet().stream()
                        .anyMatch(judge.metadata().keys(role).keys()::containsKey));
    }
}
