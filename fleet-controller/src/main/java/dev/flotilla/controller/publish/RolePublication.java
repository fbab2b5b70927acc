package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.MetaFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.TrustFolder.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Has a role below the release say something else, beside the release, which stays as it is: first its files under their digests, then its
 * metadata, then a snapshot, and last by condition the timestamp that leads to it all. What another controller wrote meanwhile is read and
 * changed, never overwritten. For one thread.
 *
 * @param <T> what is said, as its caller understands it
 */
final class RolePublication<T> {
    /** More controllers at once than there are operators. */
    private static final int TRIES = 5;

    private final String role;
    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Groundwork groundwork;
    private final Consumer<String> progress;

    /**
     * Nothing is read yet.
     *
     * @param role such as {@link Delegation#INTENTS}
     */
    RolePublication(
            String role,
            FleetConfiguration fleet,
            Bucket bucket,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence fence,
            Consumer<String> progress) {
        this.role = role;
        this.fleet = fleet;
        this.bucket = bucket;
        this.progress = progress;
        this.groundwork = new Groundwork(fleet, bucket, keys, clock, actor, fence, progress);
    }

    /**
     * A change of what the role says. It may be asked several times; an {@link IllegalArgumentException} says why that can't be, and an {@link
     * UnfinishedChangeException} why it went no further.
     */
    interface Change<T> {
        Next<T> of(Ground ground, TrustedMetadata release) throws IOException;
    }

    /** What the role is to say. */
    sealed interface Next<T> {
        /**
         * Something else than now.
         *
         * @param changed files by their path; those that aren't named stay
         * @param gone files that it names no longer
         * @param lines for the audit trail, beside those that were known before
         */
        record Files<T>(T what, Map<TargetPath, byte[]> changed, Set<TargetPath> gone, List<String> lines)
                implements Next<T> {}

        /** The same as now. */
        record Same<T>(T what) implements Next<T> {}
    }

    /** What came of it. */
    sealed interface Outcome<T> {
        /**
         * It says it.
         *
         * @param role its metadata, to which the bucket leads now
         */
        record Led<T>(T what, long release, TargetsMetadata role) implements Outcome<T> {}

        /**
         * It says so already.
         *
         * @param metadata the version of the metadata that say so; 0 where there are none
         */
        record Same<T>(T what, long release, long metadata) implements Outcome<T> {}

        /** Nothing is changed. */
        record Not<T>(Publishing why) implements Outcome<T> {}
    }

    /** Makes the change, again where another controller was faster. */
    Outcome<T> change(String action, List<String> lines, Change<T> change) throws IOException {
        Optional<AuditLog> audit = Optional.empty();
        Outcome<T> outcome = new Outcome.Not<>(new Publishing.Refused(""));
        List<String> record = lines;
        try {
            for (int tries = 0; tries < TRIES; tries++) {
                Groundwork.Result result = ground();
                if (result instanceof Groundwork.Result.Hindered hindered) {
                    return new Outcome.Not<>(hindered.why());
                }
                Ground ground = ((Groundwork.Result.Laid) result).ground();
                audit = Optional.of(ground.audit());
                outcome = attempt(ground, action, lines, change);
                boolean overtaken = outcome instanceof Outcome.Not<T> not && not.why() instanceof Publishing.Overtaken;
                if (!overtaken) {
                    break;
                }
            }
        } catch (IllegalArgumentException unusable) {
            outcome = new Outcome.Not<>(new Publishing.Refused(String.valueOf(unusable.getMessage())));
        } catch (UnfinishedChangeException unfinished) {
            outcome = new Outcome.Not<>(unfinished.why());
            record = unfinished.done();
        }
        if (audit.isPresent() && outcome instanceof Outcome.Not<T> not) {
            audit.get()
                    .notDone(action, not.why().problem().orElseThrow(), record)
                    .ifPresent(progress);
        }
        return outcome;
    }

    /** Finds out what there is, and changes nothing but the roots that the bucket lacks. */
    Groundwork.Result ground() throws IOException {
        List<Root> chain = new TrustFolder(fleet.trust().folder()).chain();
        if (chain.isEmpty()) {
            return new Groundwork.Result.Hindered(
                    new Publishing.Refused("the fleet has no release yet. Run flotilla publish"));
        }
        return groundwork.lay(chain, Optional::empty);
    }

    private Outcome<T> attempt(Ground ground, String action, List<String> lines, Change<T> change) throws IOException {
        Optional<TrustedMetadata> release = ground.before().metadata();
        if (release.isEmpty()) {
            return refused("the fleet has no release yet. Run flotilla publish");
        }
        Optional<Delegation> delegation = release.get().targets().delegation(role);
        if (delegation.isEmpty()) {
            return refused("release " + release.get().release().version() + " has no role for " + role
                    + ", which came with a later version of flotilla. Run flotilla publish, which adds it (with --keys where"
                    + " the targets key is kept offline)");
        }
        for (Optional<String> unable : List.of(
                ground.signer().unable(delegation.get()),
                ground.signer().unable(Role.SNAPSHOT),
                ground.signer().unable(Role.TIMESTAMP))) {
            if (unable.isPresent()) {
                return refused(unable.get());
            }
        }
        return switch (change.of(ground, release.get())) {
            case Next.Same<T> same ->
                new Outcome.Same<>(same.what(), release.get().release().version(), known(release.get()));
            case Next.Files<T> next -> write(ground, delegation.get(), release.get(), next, action, lines);
        };
    }

    private Outcome<T> refused(String reason) {
        return new Outcome.Not<>(new Publishing.Refused(reason));
    }

    /** The version of the metadata that the role has now; 0 where there are none. */
    private long known(TrustedMetadata release) {
        return release.snapshot().of(role).map(MetaFile::version).orElse(0L);
    }

    private Outcome<T> write(
            Ground ground,
            Delegation delegation,
            TrustedMetadata release,
            Next.Files<T> next,
            String action,
            List<String> lines)
            throws IOException {
        SortedMap<String, TargetFile> files = new TreeMap<>(ground.before().said(role));
        next.gone().forEach(path -> files.remove(path.value()));
        for (Map.Entry<TargetPath, byte[]> changed : next.changed().entrySet()) {
            TargetFile file = TargetFile.of(changed.getValue());
            var key = BucketLayout.target(changed.getKey(), file.sha256());
            if (bucket.put(key, changed.getValue(), Condition.none()) instanceof Writing.Failed failed) {
                return new Outcome.Not<>(new Publishing.Failed(failed.reason()));
            }
            files.put(changed.getKey().value(), file);
        }
        var leading = new Leading(ground);
        List<String> record =
                Stream.concat(lines.stream(), next.lines().stream()).toList();
        return switch (leading.objects()
                .numbered(role, known(release) + 1, number -> ground.signer().delegated(delegation, number, files))) {
            case MetadataObjects.Numbered.Not<TargetsMetadata> not -> new Outcome.Not<>(not.why());
            case MetadataObjects.Numbered.Written<TargetsMetadata> written ->
                switch (leading.lead(new Leading.To(
                        release.targets(),
                        release.snapshot().targets(),
                        Map.of(role, written.made()),
                        false,
                        action,
                        record))) {
                    case Publishing.Published published ->
                        new Outcome.Led<>(
                                next.what(), published.version(), written.made().metadata());
                    case Publishing.Unchanged ignored -> throw new IllegalStateException("something was to be led to");
                    case Publishing why -> new Outcome.Not<>(why);
                };
        };
    }
}
