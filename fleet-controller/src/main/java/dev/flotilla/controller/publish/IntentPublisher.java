package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Changes what is wanted of all nodes, beside their release, which stays as it is: signed by the role for intents, under a
 * new snapshot and timestamp, written by condition. What another controller wrote meanwhile is read and changed, never
 * overwritten. For one thread.
 */
public final class IntentPublisher {
    private final FleetConfiguration fleet;
    private final RolePublication<Intents> publication;

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
        this.publication =
                new RolePublication<>(Delegation.INTENTS, fleet, bucket, keys, clock, actor, fence, progress);
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
        return switch (publication.change(action, List.of(line), (ground, release) -> next(ground, release, change))) {
            case RolePublication.Outcome.Led<Intents> led ->
                new Outcome.Intended(
                        led.what(),
                        led.release(),
                        led.role().version(),
                        led.role().expires());
            case RolePublication.Outcome.Same<Intents> same ->
                new Outcome.Unchanged(same.what(), same.release(), same.metadata());
            case RolePublication.Outcome.Not<Intents> not ->
                switch (not.why()) {
                    case Publishing.Fenced fenced -> new Outcome.Fenced(fenced.reason());
                    case Publishing why -> new Outcome.Not(reason(why));
                };
        };
    }

    private RolePublication.Next<Intents> next(Ground ground, TrustedMetadata release, Change change) {
        Optional<Intents> before = ground.before().intended().map(Ground.Intended::intents);
        Intents next = change.of(
                        before.orElseGet(() -> Intents.begin(ground.now(), fleet.minimumServing())),
                        new Current(release.release().version(), ground.now()))
                .withMinimumServing(fleet.minimumServing())
                .withFailback(failback())
                .tidied(ground.now());
        return before.equals(Optional.of(next))
                ? new RolePublication.Next.Same<>(next)
                : new RolePublication.Next.Files<>(
                        next, Map.of(TargetPath.intents(), next.toBytes()), Set.of(), List.of());
    }

    /**
     * Brings to all nodes what {@code fleet.conf} says of them and they don't know.
     *
     * @return what came of it; absent where there is nothing to bring
     */
    public Optional<Outcome> tell() throws IOException {
        List<String> untold = untold(true);
        return untold.isEmpty()
                ? Optional.empty()
                : Optional.of(change("tell", String.join("; ", untold), (before, current) -> before));
    }

    /**
     * What {@code fleet.conf} says of all nodes and they don't know: their way back, and how many go on serving whatever is drained. A
     * line each.
     *
     * @param published whether there is a release yet: without one nodes know nothing
     */
    public List<String> untold(boolean published) throws IOException {
        Optional<Intents> known = published ? read() : Optional.empty();
        List<String> untold = new ArrayList<>();
        if (!failback().equals(known.map(Intents::failback).orElse(Failback.AT_ONCE))) {
            untold.add("nodes whose mirrors end by themselves come back " + failback());
        }
        // While nothing was ever wanted there is no drain that it could hold up.
        known.map(Intents::minimumServing)
                .filter(minimum -> minimum != fleet.minimumServing())
                .ifPresent(
                        before -> untold.add("minimum-serving is " + fleet.minimumServing() + ", and was " + before));
        return untold;
    }

    private Failback failback() {
        return fleet.dns().map(DnsSettings::failback).orElse(Failback.AT_ONCE);
    }

    /** What is wanted now, without changing anything; absent while nothing ever was. */
    public Optional<Intents> read() throws IOException {
        return switch (publication.ground()) {
            case Groundwork.Result.Laid laid ->
                laid.ground().before().intended().map(Ground.Intended::intents);
            case Groundwork.Result.Hindered hindered -> throw new IOException(reason(hindered.why()));
        };
    }

    private static String reason(Publishing why) {
        return why.problem().orElseThrow();
    }
}
