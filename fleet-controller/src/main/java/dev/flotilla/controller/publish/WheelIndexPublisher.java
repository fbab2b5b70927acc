package dev.flotilla.controller.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Changes which wheels there are: the indexes of platforms, signed by the role for wheels, as {@link IntentPublisher} changes what is wanted. For one thread. */
public final class WheelIndexPublisher {
    private final Bucket bucket;
    private final RolePublication<List<String>> publication;

    /**
     * Nothing is read yet.
     *
     * @param keys folders with private keys beside the fleet's trust folder
     * @param actor who publishes, for the audit trail
     * @param fence stands before the pointer
     * @param progress gets a line for each step
     */
    public WheelIndexPublisher(
            FleetConfiguration fleet,
            Bucket bucket,
            List<Path> keys,
            Clock clock,
            String actor,
            Fence fence,
            Consumer<String> progress) {
        this.bucket = bucket;
        this.publication = new RolePublication<>(Delegation.WHEELS, fleet, bucket, keys, clock, actor, fence, progress);
    }

    /**
     * The indexes in the bucket.
     *
     * @param readable byte for byte
     * @param damaged what is signed and isn't there as it was signed, each with the reason; it stays as it is signed
     */
    public record Indexes(SortedMap<PlatformSlug, byte[]> readable, SortedMap<PlatformSlug, String> damaged) {}

    /** A change of indexes. It may be asked several times, each time of what there is then. */
    public interface Change {
        /**
         * All indexes as they are to be, but for the damaged ones.
         *
         * @param before all that there are
         */
        SortedMap<PlatformSlug, byte[]> of(Indexes before) throws IOException;
    }

    /** What came of it. */
    public sealed interface Outcome {
        /**
         * Nodes bring it with their next look at the bucket.
         *
         * @param version of the metadata by which nodes know it
         * @param expires when nodes that don't know it yet stop to believe it
         * @param lines what is different
         */
        record Published(long version, Instant expires, List<String> lines) implements Outcome {}

        /** The bucket says the same already. */
        record Unchanged(long version) implements Outcome {}

        record Not(Publishing why) implements Outcome {}
    }

    /** What is signed now. */
    public record Signed(long version, Instant expires, Indexes indexes) {}

    /** Reads what is signed now, whether or not it has expired; empty where the role has said nothing yet that can be trusted. */
    public Optional<Signed> read() throws IOException {
        return switch (publication.ground()) {
            case Groundwork.Result.Hindered hindered ->
                throw new IOException(hindered.why().problem().orElseThrow());
            case Groundwork.Result.Laid laid -> {
                Optional<TargetsMetadata> said = laid.ground().before().wheels();
                yield said.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Signed(
                                said.get().version(),
                                said.get().expires(),
                                indexes(said.get().targets())));
            }
        };
    }

    /** Makes the change. */
    public Outcome change(String action, List<String> lines, Change change) throws IOException {
        RolePublication.Change<List<String>> next = (ground, release) -> {
            Indexes before = indexes(ground.before().said(Delegation.WHEELS));
            return next(before.readable(), change.of(before));
        };
        return switch (publication.change(action, lines, next)) {
            case RolePublication.Outcome.Led<List<String>> led ->
                new Outcome.Published(led.role().version(), led.role().expires(), led.what());
            case RolePublication.Outcome.Same<List<String>> same -> new Outcome.Unchanged(same.metadata());
            case RolePublication.Outcome.Not<List<String>> not -> new Outcome.Not(not.why());
        };
    }

    private static RolePublication.Next<List<String>> next(
            SortedMap<PlatformSlug, byte[]> before, SortedMap<PlatformSlug, byte[]> after) {
        Map<TargetPath, byte[]> changed = new HashMap<>();
        Set<TargetPath> gone = new HashSet<>();
        SortedMap<PlatformSlug, String> lines = new TreeMap<>();
        after.forEach((platform, index) -> {
            Optional<byte[]> old = Optional.ofNullable(before.get(platform));
            Sha256 digest = Sha256.of(index);
            if (old.map(Sha256::of).equals(Optional.of(digest))) {
                return;
            }
            changed.put(TargetPath.wheels(platform), index);
            lines.put(platform, (old.isPresent() ? "~ " : "+ ") + TargetPath.wheels(platform) + " sha256 " + digest);
        });
        before.keySet().stream()
                .filter(platform -> !after.containsKey(platform))
                .forEach(platform -> {
                    gone.add(TargetPath.wheels(platform));
                    lines.put(platform, "- " + TargetPath.wheels(platform));
                });
        List<String> all = List.copyOf(lines.values());
        return all.isEmpty()
                ? new RolePublication.Next.Same<>(all)
                : new RolePublication.Next.Files<>(all, changed, gone, all);
    }

    private Indexes indexes(SortedMap<String, TargetFile> files) throws IOException {
        SortedMap<PlatformSlug, byte[]> indexes = new TreeMap<>();
        SortedMap<PlatformSlug, String> damaged = new TreeMap<>();
        for (Map.Entry<String, TargetFile> entry : files.entrySet()) {
            Optional<PlatformSlug> platform = TargetPath.platformOf(entry.getKey());
            if (platform.isPresent()) {
                try {
                    indexes.put(platform.get(), index(platform.get(), entry.getValue()));
                } catch (DamagedIndexException bad) {
                    damaged.put(platform.get(), String.valueOf(bad.getMessage()));
                }
            }
        }
        return new Indexes(Collections.unmodifiableSortedMap(indexes), Collections.unmodifiableSortedMap(damaged));
    }

    /** An object of one platform isn't what was signed: no reason to do nothing for the others, as where the bucket doesn't answer. */
    private static final class DamagedIndexException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedIndexException(String reason) {
            super(reason + ": put back the bytes that it had (where the bucket keeps versions, an earlier one)");
        }
    }

    private byte[] index(PlatformSlug platform, TargetFile file) throws IOException, DamagedIndexException {
        var key = BucketLayout.target(TargetPath.wheels(platform), file.sha256());
        return switch (bucket.get(key, Optional.empty(), file.length())) {
            case Lookup.Found found -> {
                if (!Sha256.of(found.content()).equals(file.sha256())) {
                    throw new DamagedIndexException(key + " is damaged: its digest is another");
                }
                yield found.content();
            }
            case Lookup.Absent absent -> throw new DamagedIndexException(absent.reason());
            case Lookup.Failed failed -> throw new IOException(failed.reason());
            case Lookup.TooLarge tooLarge -> throw new DamagedIndexException(tooLarge.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }
}
