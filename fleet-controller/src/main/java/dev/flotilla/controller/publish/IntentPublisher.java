package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.trust.Delegation;
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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Changes what is wanted of all nodes, beside their release, which stays as it is: signed by the role for intents, under a
 * new snapshot and timestamp, written by condition. What another controller wrote meanwhile is read and changed, never
 * overwritten. For one thread.
 */
public final class IntentPublisher {
    /** More controllers at once than there are operators. */
    private static final int TRIES = 5;

    private final FleetConfiguration fleet;
    private final Bucket bucket;
    private final Groundwork groundwork;
    private final Consumer<String> progress;

    /**
     * Nothing is read yet.
     *
     * @param keys folders with private keys beside the fleet's trust folder
     * @param actor who wants it, for the audit trail
     * @param fence stands before the pointer
     * @param progress gets a line for each step
     */
    public IntentPublisher(
            FleetConfiguration fleet,
            Bucket bucket,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence fence,
            Consumer<String> progress) {
        this.fleet = fleet;
        this.bucket = bucket;
        this.progress = progress;
        this.groundwork = new Groundwork(fleet, bucket, keys, clock, actor, fence, progress);
    }

    /** A change of what is wanted. Pure: it may be asked several times. */
    public interface Change {
        /** What is wanted from now on; an {@link IllegalArgumentException} says why that can't be. */
        Intents of(Intents before, Current current);
    }

    /**
     * What a change is made upon.
     *
     * @param release the version of the release that the bucket leads to
     */
    public record Current(long release, Instant now) {}

    /** What came of it. */
    public sealed interface Outcome {
        /**
         * Nodes see it with their next look at the bucket.
         *
         * @param metadata the version of the metadata by which nodes know it
         * @param expires when nodes that don't know it yet stop to believe it
         */
        record Intended(Intents intents, long release, long metadata, Instant expires) implements Outcome {}

        /** It was wanted already, and nothing is written. */
        record Unchanged(Intents intents, long release, long metadata) implements Outcome {}

        /** Nothing is changed; the reason says why and what to do. */
        record Not(String reason) implements Outcome {}

        /** Nothing is changed: the fleet's lock isn't this controller's any more. */
        record Fenced(String reason) implements Outcome {}

        /** Why nothing is changed; empty where it is as it was wanted. */
        default Optional<String> problem() {
            return switch (this) {
                case Intended ignored -> Optional.empty();
                case Unchanged ignored -> Optional.empty();
                case Not not -> Optional.of(not.reason());
                case Fenced fenced -> Optional.of(fenced.reason());
            };
        }

        /** The version of the metadata that what is wanted stands in, where that is known. */
        default Optional<Long> version() {
            return switch (this) {
                case Intended intended -> Optional.of(intended.metadata());
                case Unchanged unchanged -> Optional.of(unchanged.metadata());
                case Not ignored -> Optional.empty();
                case Fenced ignored -> Optional.empty();
            };
        }

        /** All that is wanted now, where that is known. */
        default Optional<Intents> wanted() {
            return switch (this) {
                case Intended intended -> Optional.of(intended.intents());
                case Unchanged unchanged -> Optional.of(unchanged.intents());
                case Not ignored -> Optional.empty();
                case Fenced ignored -> Optional.empty();
            };
        }
    }

    /**
     * Makes the change.
     *
     * @param action for the audit trail, such as {@code drain}
     * @param line likewise: what exactly
     */
    public Outcome change(String action, String line, Change change) throws IOException {
        Optional<AuditLog> audit = Optional.empty();
        Outcome outcome = new Outcome.Not("");
        try {
            for (int tries = 0; tries < TRIES; tries++) {
                Groundwork.Result result = ground();
                if (result instanceof Groundwork.Result.Hindered hindered) {
                    return new Outcome.Not(reason(hindered.why()));
                }
                Ground ground = ((Groundwork.Result.Laid) result).ground();
                audit = Optional.of(ground.audit());
                Attempt attempt = attempt(ground, action, line, change);
                outcome = attempt.outcome();
                if (!attempt.again()) {
                    break;
                }
            }
        } catch (IllegalArgumentException unusable) {
            outcome = new Outcome.Not(String.valueOf(unusable.getMessage()));
        }
        Optional<String> problem = outcome.problem();
        if (audit.isPresent() && problem.isPresent()) {
            audit.get().notDone(action, problem.get(), List.of(line)).ifPresent(progress);
        }
        return outcome;
    }

    /** What is wanted now, without changing anything; absent while nothing ever was. */
    public Optional<Intents> read() throws IOException {
        return switch (ground()) {
            case Groundwork.Result.Laid laid ->
                laid.ground().before().intended().map(Ground.Intended::intents);
            case Groundwork.Result.Hindered hindered -> throw new IOException(reason(hindered.why()));
        };
    }

    private Groundwork.Result ground() throws IOException {
        List<Root> chain = new TrustFolder(fleet.trust().folder()).chain();
        if (chain.isEmpty()) {
            return new Groundwork.Result.Hindered(
                    new Publishing.Refused("the fleet has no release yet. Run flotilla publish"));
        }
        return groundwork.lay(chain, Optional::empty);
    }

    /** One try; again where another controller was faster. */
    private record Attempt(Outcome outcome, boolean again) {
        static Attempt last(Outcome outcome) {
            return new Attempt(outcome, false);
        }
    }

    private Attempt attempt(Ground ground, String action, String line, Change change) throws IOException {
        Optional<TrustedMetadata> release = ground.before().metadata();
        Optional<Delegation> role = ground.before().role();
        if (release.isEmpty() || role.isEmpty()) {
            return Attempt.last(new Outcome.Not(
                    release.isEmpty()
                            ? "the fleet has no release yet. Run flotilla publish"
                            : "release " + release.get().release().version()
                                    + " has no role for intents, which came with a later version of flotilla. Run flotilla"
                                    + " publish, which adds it (with --keys where the targets key is kept offline)"));
        }
        for (Optional<String> unable : List.of(
                ground.signer().unable(role.get()),
                ground.signer().unable(Role.SNAPSHOT),
                ground.signer().unable(Role.TIMESTAMP))) {
            if (unable.isPresent()) {
                return Attempt.last(new Outcome.Not(unable.get()));
            }
        }
        long version = release.get().release().version();
        Optional<Intents> before = ground.before().intended().map(Ground.Intended::intents);
        Intents next = change.of(
                        before.orElseGet(() -> Intents.begin(ground.now(), fleet.minimumServing())),
                        new Current(version, ground.now()))
                .withMinimumServing(fleet.minimumServing())
                .tidied(ground.now());
        if (before.equals(Optional.of(next))) {
            return Attempt.last(new Outcome.Unchanged(next, version, known(release.get())));
        }
        return write(ground, role.get(), release.get(), next, action, line);
    }

    /** The version of the metadata that intents stand in now; 0 where there are none. */
    private static long known(TrustedMetadata release) {
        return release.snapshot()
                .of(Delegation.INTENTS)
                .map(meta -> meta.version())
                .orElse(0L);
    }

    private Attempt write(
            Ground ground, Delegation role, TrustedMetadata release, Intents next, String action, String line)
            throws IOException {
        byte[] document = next.toBytes();
        TargetFile file = TargetFile.of(document);
        ObjectKey key = BucketLayout.target(TargetPath.intents(), file.sha256());
        if (bucket.put(key, document, Condition.none()) instanceof Writing.Failed failed) {
            return Attempt.last(new Outcome.Not(failed.reason()));
        }
        var leading = new Leading(ground);
        long first = known(release) + 1;
        SortedMap<String, TargetFile> files = new TreeMap<>();
        files.put(TargetPath.intents().value(), file);
        return switch (leading.objects()
                .numbered(Delegation.INTENTS, first, number -> ground.signer().delegated(role, number, files))) {
            case MetadataObjects.Numbered.Not<TargetsMetadata> not -> Attempt.last(new Outcome.Not(reason(not.why())));
            case MetadataObjects.Numbered.Written<TargetsMetadata> written ->
                switch (leading.lead(new Leading.To(
                        release.targets(),
                        release.snapshot().targets(),
                        Optional.of(written.made()),
                        false,
                        action,
                        List.of(line)))) {
                    case Publishing.Published published ->
                        Attempt.last(new Outcome.Intended(
                                next,
                                published.version(),
                                written.made().metadata().version(),
                                written.made().metadata().expires()));
                    case Publishing.Overtaken overtaken -> new Attempt(new Outcome.Not(overtaken.reason()), true);
                    case Publishing.Fenced fenced -> Attempt.last(new Outcome.Fenced(fenced.reason()));
                    case Publishing.Unchanged ignored -> throw new IllegalStateException("something was to be led to");
                    case Publishing.Unsigned unsigned -> Attempt.last(new Outcome.Not(reason(unsigned)));
                    case Publishing.Refused refused -> Attempt.last(new Outcome.Not(refused.reason()));
                    case Publishing.Failed failed -> Attempt.last(new Outcome.Not(failed.reason()));
                };
        };
    }

    private static String reason(Publishing why) {
        return why.problem().orElseThrow();
    }
}
