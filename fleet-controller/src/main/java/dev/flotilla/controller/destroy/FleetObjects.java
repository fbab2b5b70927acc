package dev.flotilla.controller.destroy;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.agent.bucket.ErasableBucket.Erasing;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.controller.destroy.Destruction.Outcome;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.BucketOwner;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** A fleet's objects among all that are in a bucket, and how they go. For one thread. */
final class FleetObjects {
    /** More objects than a fleet makes in many years of a release a day. */
    private static final int MOST_OBJECTS = 1_000_000;

    private static final int AT_ONCE = 10;
    private static final int LOCK_RANK = 4;
    private static final ByteSize LARGEST_RECORD = ByteSize.ofMiB(16);

    private final FleetConfiguration fleet;
    private final ErasableBucket bucket;

    FleetObjects(FleetConfiguration fleet, ErasableBucket bucket) {
        this.fleet = fleet;
        this.bucket = bucket;
    }

    /** What came of looking. */
    sealed interface Looking {
        /** They can't be told apart. */
        record Refused(String reason) implements Looking {}
    }

    /**
     * What is there.
     *
     * @param owned whether the bucket says that it is the fleet's
     * @param left what isn't, one line each
     */
    record Found(boolean owned, List<ObjectKey> objects, List<String> left) implements Looking {
        Found {
            objects = List.copyOf(objects);
            left = List.copyOf(left);
        }
    }

    Looking look() {
        boolean ours;
        switch (BucketOwner.of(fleet, bucket)) {
            case BucketOwner.Others others -> {
                return new Looking.Refused(others.reason());
            }
            case BucketOwner.Unknown unknown -> {
                return new Looking.Refused(unknown.reason());
            }
            case BucketOwner.Ours ignored -> ours = true;
            case BucketOwner.Nobodys ignored -> ours = false;
        }
        return switch (bucket.list("", MOST_OBJECTS)) {
            case Bucket.Listing.TooMany tooMany -> new Looking.Refused(tooMany.reason());
            case Bucket.Listing.Failed failed -> new Looking.Refused(failed.reason());
            case Bucket.Listing.Keys found -> sorted(found, ours);
        };
    }

    private Found sorted(Bucket.Listing.Keys found, boolean ours) {
        List<ObjectKey> objects = new ArrayList<>();
        List<String> left = new ArrayList<>();
        ObjectKey lock = BucketLayout.lock(fleet.name().value());
        for (ObjectKey key : found.keys()) {
            // Without the root that says whose they are, only the lock is surely this fleet's.
            if (key.equals(lock)
                    || (ours && BucketLayout.isFleets(key, fleet.name().value()))) {
                objects.add(key);
            } else {
                left.add("object " + key);
            }
        }
        if (found.others() > 0) {
            left.add(found.others() + " objects with names that no fleet writes");
        }
        return new Found(ours, objects, left);
    }

    /** In this order: what leads to others goes before them, and what says whose all is, last. */
    private int rank(ObjectKey key) {
        String folder = key.value().substring(0, key.value().indexOf('/') + 1);
        if (key.equals(BucketLayout.timestamp())) {
            return 0;
        }
        if (key.equals(BucketLayout.lock(fleet.name().value()))) {
            return LOCK_RANK;
        }
        if (key.equals(BucketLayout.metadata(MetadataFile.of(Role.ROOT, 1)))) {
            return 3;
        }
        return folder.equals(BucketLayout.AUDIT) ? 2 : 1;
    }

    /** Takes them away, after the records among them are kept. */
    Outcome erase(Fence fence, Consumer<String> progress) throws IOException, InterruptedException {
        // What was written meanwhile goes, too: the record of this very run.
        List<ObjectKey> objects;
        switch (look()) {
            case Looking.Refused refused -> {
                return new Outcome.Incomplete(List.of(refused.reason()));
            }
            case Found found -> objects = found.objects();
        }
        Path records = fleet.file().resolveSibling("destroyed-" + fleet.name());
        for (ObjectKey key : objects) {
            if (key.value().startsWith(BucketLayout.AUDIT)) {
                Optional<String> problem = kept(key, records);
                if (problem.isPresent()) {
                    return new Outcome.Incomplete(
                            List.of("the record of what was done can't be kept: " + problem.get()));
                }
            }
        }
        progress.accept("the record of what was done is kept in " + records);
        for (int rank = 0; rank <= LOCK_RANK; rank++) {
            int now = rank;
            Optional<String> lost = fence.lost();
            if (lost.isPresent()) {
                return new Outcome.Fenced(lost.get());
            }
            List<String> problems =
                    erased(objects.stream().filter(key -> rank(key) == now).toList());
            if (!problems.isEmpty()) {
                return new Outcome.Incomplete(problems);
            }
        }
        progress.accept("the bucket has no object of the fleet any more");
        return new Outcome.Done();
    }

    private Optional<String> kept(ObjectKey key, Path records) throws IOException {
        return switch (bucket.get(key, Optional.empty(), LARGEST_RECORD)) {
            case Bucket.Lookup.Found found -> {
                Path file = records.resolve(key.value());
                Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(records));
                Disk.replace(file, found.content());
                yield Optional.empty();
            }
            case Bucket.Lookup.Absent absent -> Optional.of(absent.reason());
            case Bucket.Lookup.Failed failed -> Optional.of(failed.reason());
            case Bucket.Lookup.TooLarge tooLarge -> Optional.of(tooLarge.reason());
            case Bucket.Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        };
    }

    private List<String> erased(Collection<ObjectKey> keys) throws InterruptedException {
        var problems = new ConcurrentLinkedQueue<String>();
        var turns = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> erasing = new ArrayList<>();
            for (ObjectKey key : keys) {
                turns.acquire();
                erasing.add(threads.submit(() -> {
                    try {
                        if (bucket.erase(key) instanceof Erasing.Failed failed) {
                            problems.add(failed.reason());
                        }
                    } finally {
                        turns.release();
                    }
                }));
                if (!problems.isEmpty()) {
                    break;
                }
            }
            for (Future<?> one : erasing) {
                one.get();
            }
        } catch (ExecutionException bug) {
            throw new IllegalStateException("deleting objects", bug.getCause());
        }
        return List.copyOf(problems);
    }
}
