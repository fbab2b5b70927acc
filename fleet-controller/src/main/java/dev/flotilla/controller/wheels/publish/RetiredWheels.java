package dev.flotilla.controller.wheels.publish;

import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.agent.bucket.ErasableBucket.Erasing;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.publish.Publishing;
import dev.flotilla.controller.publish.UnfinishedChangeException;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.wheels.PlatformIndex;
import dev.flotilla.controller.wheels.RetiredWheel;
import dev.flotilla.controller.wheels.WheelPlace;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Deletes the bytes of wheels that left their index long ago. Nothing goes that an index remembers as retired and any index names again, nor what no index
 * remembers: somebody may be about to name it. First the objects go, then the index forgets them, so that whoever comes after a controller that was
 * killed between does both again. For one thread, which holds the fleet's lock.
 */
public final class RetiredWheels {
    private final ErasableBucket bucket;
    private final Duration grace;
    private final Clock clock;

    /** @param grace how long nodes may go by an earlier index */
    public RetiredWheels(ErasableBucket bucket, Duration grace, Clock clock) {
        this.bucket = bucket;
        this.grace = grace;
        this.clock = clock;
    }

    /** The wheels whose time has come, by what is signed; whose index can't be read, of those none. */
    public List<ObjectKey> due(WheelIndexPublisher.Indexes indexes, Optional<PlatformSlug> only) {
        List<PlatformIndex> all = parsed(indexes);
        Set<ObjectKey> named = named(all);
        List<ObjectKey> keys = new ArrayList<>();
        for (PlatformIndex index : all) {
            if (only.isEmpty() || only.get().equals(index.platform())) {
                index.retired().stream()
                        .filter(this::isDue)
                        .map(wheel -> wheel.key(index.platform()))
                        .filter(key -> !named.contains(key))
                        .forEach(keys::add);
            }
        }
        return keys;
    }

    private boolean isDue(RetiredWheel wheel) {
        return !clock.instant().isBefore(wheel.since().plus(grace));
    }

    private static List<PlatformIndex> parsed(WheelIndexPublisher.Indexes indexes) {
        return indexes.readable().values().stream().map(PlatformIndex::parse).toList();
    }

    private static Set<ObjectKey> named(List<PlatformIndex> indexes) {
        Set<ObjectKey> named = new HashSet<>();
        indexes.forEach(index ->
                index.wheels().values().forEach(wheel -> named.add(WheelPlace.wheel(index.platform(), wheel))));
        return named;
    }

    /**
     * Deletes them, and has indexes forget them. Where the lock is lost midway, or the bucket deletes no more, the audit trail has what is deleted by
     * then, which is deleted again the next time; {@link IOException} where the bucket can't be read.
     *
     * @param shown what {@link #due} gave: nothing else goes
     */
    public WheelIndexPublisher.Outcome delete(List<ObjectKey> shown, WheelIndexPublisher index, Fence fence)
            throws IOException {
        List<String> lines = shown.stream().map(RetiredWheels::line).toList();
        return index.change("wheels clean", lines, before -> {
            Set<ObjectKey> going = new HashSet<>(due(before, Optional.empty()));
            going.retainAll(Set.copyOf(shown));
            erase(going, fence);
            return without(before, going);
        });
    }

    private static String line(ObjectKey wheel) {
        return "deleted " + wheel + ", its log and its provenance";
    }

    private void erase(Set<ObjectKey> wheels, Fence fence) throws UnfinishedChangeException {
        List<String> done = new ArrayList<>();
        for (ObjectKey wheel : wheels.stream().sorted().toList()) {
            Optional<String> lost = fence.lost();
            if (lost.isPresent()) {
                throw new UnfinishedChangeException(new Publishing.Fenced(lost.get()), done);
            }
            for (ObjectKey key : WheelPlace.all(wheel)) {
                if (bucket.erase(key) instanceof Erasing.Failed failed) {
                    done.add("began to delete " + wheel + ": its log comes first, then its provenance");
                    throw new UnfinishedChangeException(new Publishing.Failed(failed.reason()), done);
                }
            }
            done.add(line(wheel));
        }
    }

    private SortedMap<PlatformSlug, byte[]> without(WheelIndexPublisher.Indexes indexes, Set<ObjectKey> gone) {
        SortedMap<PlatformSlug, byte[]> after = new TreeMap<>(indexes.readable());
        for (PlatformIndex index : parsed(indexes)) {
            List<RetiredWheel> still = index.retired().stream()
                    .filter(wheel -> !gone.contains(wheel.key(index.platform())))
                    .toList();
            if (still.size() < index.retired().size()) {
                after.put(
                        index.platform(),
                        index.remembering(still, clock.instant()).toBytes());
            }
        }
        return after;
    }
}
