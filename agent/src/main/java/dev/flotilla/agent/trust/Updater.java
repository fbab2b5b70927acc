package dev.flotilla.agent.trust;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.trust.MetadataSource.Fetched;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * The client of TUF 1.0, section 5: brings trusted metadata up to date with a repository that is not trusted. Every
 * document is persisted as soon as it is trusted and before the next one is looked at, so that a client that is killed
 * anywhere goes on from there, and no refusal undoes anything. What it keeps is verified again each time it is read. For one
 * thread.
 */
public final class Updater {
    private static final String ROOT = Role.ROOT.metadataName();
    private static final String TIMESTAMP = Role.TIMESTAMP.metadataName();
    private static final String SNAPSHOT = Role.SNAPSHOT.metadataName();
    private static final String TARGETS = Role.TARGETS.metadataName();

    private final MetadataSource source;
    private final MetadataStore store;
    private final TrustLimits limits;
    private final Optional<Judge.Expected> expected;

    private Updater(MetadataSource source, MetadataStore store, TrustLimits limits, Optional<Judge.Expected> expected) {
        this.source = source;
        this.store = store;
        this.limits = limits;
        this.expected = expected;
    }

    /** For a repository of anybody, whose root is taken as it is. */
    public static Updater ofAnybody(MetadataSource source, MetadataStore store, TrustLimits limits) {
        return new Updater(source, store, limits, Optional.empty());
    }

    /** For a fleet's bucket: every root has to be made for both, whatever zone the fleet's names are in. */
    public static Updater ofFleet(
            FleetName fleet, String bucket, MetadataSource source, MetadataStore store, TrustLimits limits) {
        return ofFleet(fleet, bucket, Optional.empty(), source, store, limits);
    }

    /**
     * For a fleet's bucket and zone: every root has to be made for all of them.
     *
     * @param zone absent where any zone will do, and none at all
     */
    public static Updater ofFleet(
            FleetName fleet,
            String bucket,
            Optional<String> zone,
            MetadataSource source,
            MetadataStore store,
            TrustLimits limits) {
        return new Updater(source, store, limits, Optional.of(new Judge.Expected(fleet, bucket, zone)));
    }

    /**
     * Begins trust with the root that this machine was given by hand. Nothing happens where it began with the very same one
     * before; another one, which somebody has put there, begins a new chain.
     *
     * @return why the given root can't be used, where it can't
     */
    public Optional<Refreshed.Refused> begin(byte[] installed) throws IOException {
        if (store.installedRoot()
                        .filter(before -> Arrays.equals(before, installed))
                        .isPresent()
                && store.read(ROOT).isPresent()) {
            return Optional.empty();
        }
        try {
            Judge.root(installed, limits.root(), expected);
        } catch (RefusedException refused) {
            return Optional.of(refused.outcome());
        }
        store.write(ROOT, installed);
        store.writeInstalledRoot(installed);
        return Optional.empty();
    }

    /**
     * Brings everything up to date. Without news that is two requests, of which one finds nothing and the other nothing new.
     *
     * @param known the version of the object that the trusted timestamp was, where that is known
     */
    public Refreshed refresh(Optional<String> known, UpdateTime time) throws IOException {
        try {
            byte[] stored = store.read(ROOT).orElse(new byte[0]);
            RootMetadata before = Judge.root(stored, limits.root(), expected);
            RootMetadata root = latestRoot(before);
            Judge.alive("root " + root.version(), root, time);
            Optional<String> asked = root.version() == before.version() ? known : Optional.empty();
            return new Pass(root, time).refresh(asked);
        } catch (RefusedException refused) {
            return refused.outcome();
        } catch (Away away) {
            return new Refreshed.Unavailable(String.valueOf(away.getMessage()));
        }
    }

    /** Section 5.3: one root after the other, each by the keys of the one before. */
    private RootMetadata latestRoot(RootMetadata first) throws RefusedException, Away, IOException {
        RootMetadata root = first;
        for (int rotation = 0; rotation < limits.rotations(); rotation++) {
            var file = MetadataFile.of(Role.ROOT, root.version() + 1);
            Optional<Fetched.Found> found = found(file, Optional.empty(), limits.root());
            if (found.isEmpty()) {
                break;
            }
            RootMetadata next = Judge.nextRoot(found.get().content(), root, limits.root(), expected);
            if (next.keys(Role.TIMESTAMP).hasDropped(root.keys(Role.TIMESTAMP))
                    || next.keys(Role.SNAPSHOT).hasDropped(root.keys(Role.SNAPSHOT))) {
                // Recovers from versions that a stolen key has driven up (5.3.11). Before the root is written: whoever
                // is
                // killed in between does it again.
                store.remove(TIMESTAMP);
                store.remove(SNAPSHOT);
            }
            store.write(ROOT, found.get().content());
            root = next;
        }
        return root;
    }

    /**
     * Looks a target up among the delegated roles, too (5.6.7).
     *
     * @param path as the metadata write it
     */
    public Finding find(TrustedMetadata metadata, String path, UpdateTime time) throws IOException {
        try {
            return new Search(metadata, path, limits.roles(), new Pass(metadata.root(), time)::delegated).result();
        } catch (RefusedException refused) {
            return new Finding.Refused(refused.outcome());
        } catch (Away away) {
            return new Finding.Unavailable(String.valueOf(away.getMessage()));
        }
    }

    /** The outcome of {@link #find}. */
    public sealed interface Finding {
        record Found(TargetFile file) implements Finding {}

        record Absent(String reason) implements Finding {}

        record Refused(Refreshed.Refused refused) implements Finding {}

        record Unavailable(String reason) implements Finding {}
    }

    /**
     * All that a role says to which the top-level targets leave some paths.
     *
     * @param role such as {@link Delegation#WHEELS}
     */
    public Delegated delegated(TrustedMetadata metadata, String role, UpdateTime time) throws IOException {
        try {
            Optional<Delegation> delegation = metadata.targets().delegation(role);
            Optional<TargetsMetadata> said = delegation.isPresent()
                    ? new Pass(metadata.root(), time).delegated(delegation.get(), metadata.snapshot())
                    : Optional.empty();
            return said.<Delegated>map(Delegated.Said::new).orElseGet(Delegated.Silent::new);
        } catch (RefusedException refused) {
            return new Delegated.Refused(refused.outcome());
        } catch (Away away) {
            return new Delegated.Unavailable(String.valueOf(away.getMessage()));
        }
    }

    /** The outcome of {@link #delegated}. */
    public sealed interface Delegated {
        record Said(TargetsMetadata metadata) implements Delegated {}

        /** There is no such role, or it has never said anything. */
        record Silent() implements Delegated {}

        record Refused(Refreshed.Refused refused) implements Delegated {}

        record Unavailable(String reason) implements Delegated {}
    }

    /** The file, or nothing where there is none. */
    private Optional<Fetched.Found> found(MetadataFile file, Optional<String> known, ByteSize limit)
            throws RefusedException, Away {
        return switch (source.fetch(file, known, limit)) {
            case Fetched.Found found -> Optional.of(found);
            case Fetched.NotModified ignored -> Optional.empty();
            case Fetched.Absent ignored -> Optional.empty();
            case Fetched.TooLarge tooLarge -> throw new RefusedException(Refusal.TOO_LARGE, tooLarge.reason());
            case Fetched.Failed failed -> throw new Away(failed.reason());
        };
    }

    /** One pass below a root. */
    private final class Pass {
        private final RootMetadata root;
        private final UpdateTime time;
        private Optional<String> tag = Optional.empty();

        Pass(RootMetadata root, UpdateTime time) {
            this.root = root;
            this.time = time;
        }

        Refreshed refresh(Optional<String> known) throws RefusedException, Away, IOException {
            TimestampMetadata timestamp = timestamp(known);
            SnapshotMetadata snapshot = below(
                    SNAPSHOT,
                    root.keys(Role.SNAPSHOT),
                    timestamp.snapshot(),
                    limits.snapshot(),
                    SnapshotMetadata::parse,
                    Judge::newer);
            TargetsMetadata targets = targets(TARGETS, root.keys(Role.TARGETS), snapshot.targets());
            JsonObject signed = Judge.envelope(TARGETS, store.read(TARGETS).orElseThrow(), limits.targets())
                    .signed();
            var release = new Mark(targets.version(), Sha256.of(CanonicalJson.bytes(signed)));
            return new Refreshed.Current(new TrustedMetadata(root, timestamp, snapshot, targets, release), tag);
        }

        /** Section 5.4. */
        private TimestampMetadata timestamp(Optional<String> known) throws RefusedException, Away, IOException {
            Optional<TimestampMetadata> before =
                    kept(TIMESTAMP, root.keys(Role.TIMESTAMP), limits.timestamp(), TimestampMetadata::parse);
            Optional<String> asked = before.isPresent() ? known : Optional.empty();
            Fetched answer = source.fetch(MetadataFile.timestamp(), asked, limits.timestamp());
            switch (answer) {
                case Fetched.NotModified ignored -> tag = known;
                case Fetched.Absent absent -> throw new Away(absent.reason());
                case Fetched.Failed failed -> throw new Away(failed.reason());
                case Fetched.TooLarge tooLarge -> throw new RefusedException(Refusal.TOO_LARGE, tooLarge.reason());
                case Fetched.Found found -> {
                    tag = found.tag();
                    Optional<TimestampMetadata> next = judged(found.content(), before);
                    if (next.isPresent()) {
                        store.write(TIMESTAMP, found.content());
                        return next.get();
                    }
                }
            }
            TimestampMetadata same = before.orElseThrow();
            String what = "timestamp " + same.version();
            Judge.alive(what, same, time);
            Judge.clockIsNotBehind(same, time, limits);
            return same;
        }

        /** The timestamp that came; nothing where it is of the version that is trusted already (5.4.3.1). */
        private Optional<TimestampMetadata> judged(byte[] document, Optional<TimestampMetadata> before)
                throws RefusedException {
            SignedDocument envelope = Judge.envelope("the timestamp", document, limits.timestamp());
            Judge.signatures("the timestamp", envelope, root.keys(Role.TIMESTAMP));
            TimestampMetadata timestamp = Judge.content("the timestamp", envelope, TimestampMetadata::parse);
            if (before.isPresent()) {
                if (timestamp.version() == before.get().version()) {
                    return Optional.empty();
                }
                Judge.newer(timestamp, before.get());
            }
            Judge.alive("timestamp " + timestamp.version(), timestamp, time);
            Judge.clockIsNotBehind(timestamp, time, limits);
            return Optional.of(timestamp);
        }

        private TargetsMetadata targets(String role, KeyRing keys, MetaFile promise)
                throws RefusedException, Away, IOException {
            return below(role, keys, promise, limits.targets(), TargetsMetadata::parse, (now, before) -> {});
        }

        /** The metadata of a delegated role, for whoever searches a target. */
        Optional<TargetsMetadata> delegated(Delegation delegation, SnapshotMetadata snapshot)
                throws RefusedException, Away, IOException {
            Optional<MetaFile> promise = snapshot.of(delegation.name());
            return promise.isPresent()
                    ? Optional.of(targets(delegation.name(), delegation.keys(), promise.get()))
                    : Optional.empty();
        }

        /** Sections 5.5 and 5.6: metadata whose version, and perhaps length and digest, are promised by others. */
        private <M extends Metadata> M below(
                String role,
                KeyRing keys,
                MetaFile promise,
                ByteSize limit,
                Function<JsonObject, M> parse,
                Succession<M> succession)
                throws RefusedException, Away, IOException {
            String what = role + " " + promise.version();
            Optional<M> before = kept(role, keys, limit, parse);
            if (before.isPresent() && before.get().version() == promise.version() && isPromised(role, promise)) {
                Judge.alive(what, before.get(), time);
                return before.get();
            }
            var file = new MetadataFile(
                    role, root.consistentSnapshots() ? Optional.of(promise.version()) : Optional.empty());
            ByteSize most = promise.length()
                    .filter(length -> length.compareTo(limit) < 0)
                    .orElse(limit);
            byte[] document = found(file, Optional.empty(), most)
                    .orElseThrow(() -> new Away("there is no " + file + ", to which other metadata lead"))
                    .content();
            Judge.promised(what, document, promise);
            SignedDocument envelope = Judge.envelope(what, document, limit);
            Judge.signatures(what, envelope, keys);
            M next = Judge.content(what, envelope, parse);
            Judge.version(what, next, promise.version());
            if (before.isPresent()) {
                succession.judge(next, before.get());
            }
            Judge.alive(what, next, time);
            store.write(role, document);
            return next;
        }

        private boolean isPromised(String role, MetaFile promise) throws IOException {
            try {
                Judge.promised(role, store.read(role).orElseThrow(), promise);
                return true;
            } catch (RefusedException other) {
                return false;
            }
        }

        /** What is kept from before, where today's keys vouch for it. What is damaged is as good as not there. */
        private <M extends Metadata> Optional<M> kept(
                String role, KeyRing keys, ByteSize limit, Function<JsonObject, M> parse) throws IOException {
            Optional<byte[]> document = store.read(role);
            if (document.isEmpty()) {
                return Optional.empty();
            }
            try {
                SignedDocument envelope = Judge.envelope(role, document.get(), limit);
                Judge.signatures(role, envelope, keys);
                return Optional.of(Judge.content(role, envelope, parse));
            } catch (RefusedException nothing) {
                return Optional.empty();
            }
        }
    }

    /** Judges metadata by what was trusted before them. */
    private interface Succession<M> {
        void judge(M next, M before) throws RefusedException;
    }

    /** Something can't be fetched now. */
    static final class Away extends Exception {
        private static final long serialVersionUID = 1;

        Away(String reason) {
            super(reason);
        }
    }
}
