package dev.flotilla.controller.wheels.publish;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Presence;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.PrivateNames;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.publish.WheelIndexPublisher;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.PlatformIndex;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.controller.wheels.WheelPlace;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Publishes what was built: first the wheels, each under its digest, where whoever else publishes or was killed can't be in the way; then, by
 * one change of what the role for wheels signs, the indexes, which name only what is there. For one thread.
 */
public final class WheelPublisher {
    private final WheelsSettings settings;
    private final Bucket bucket;
    private final WheelChecks checks;
    private final AskedFiles upstream;
    private final Clock clock;
    private final Consumer<String> progress;

    /**
     * Nothing is read yet.
     *
     * @param progress gets a line for each step
     */
    public WheelPublisher(
            WheelsSettings settings,
            PrivateNames hidden,
            Bucket bucket,
            UpstreamFiles upstream,
            Clock clock,
            Consumer<String> progress) {
        this.settings = settings;
        this.bucket = bucket;
        this.upstream = new AskedFiles(upstream);
        this.checks = new WheelChecks(settings.platforms(), hidden, this.upstream);
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * What is in the bucket and may stand in indexes.
     *
     * @param refused what isn't, each with its reason
     */
    public record Uploaded(
            SortedMap<PlatformSlug, List<PublishedWheel>> wheels, List<String> refused, BuildFolder.Contents contents) {
        public Uploaded {
            refused = List.copyOf(refused);
        }

        /** How many wheels may. */
        public int count() {
            return wheels.values().stream().mapToInt(List::size).sum();
        }
    }

    /**
     * Checks and uploads what is in the folder, of one platform or of all, and asks upstream about all that is published: that takes its
     * time, and needs no lock. {@link IOException} where the bucket fails.
     *
     * @param published what is signed now, where there is something
     */
    public Uploaded upload(
            BuildFolder.Contents contents, Optional<PlatformSlug> only, Optional<WheelIndexPublisher.Signed> published)
            throws IOException {
        SortedMap<PlatformSlug, PlatformIndex> before = new TreeMap<>();
        published.ifPresent(signed -> signed.indexes().readable().forEach((platform, index) -> {
            if (isMeant(only, platform)) {
                before.put(platform, PlatformIndex.parse(index));
            }
        }));
        before.values().forEach(index -> index.wheels().values().forEach(wheel -> upstream.of(wheel.project())));
        var wanted = new BuildFolder.Contents(
                contents.built().stream()
                        .filter(wheel -> isMeant(only, wheel.platform()))
                        .toList(),
                contents.failed().stream()
                        .filter(build -> isMeant(only, build.wanted().platform()))
                        .toList());
        SortedMap<PlatformSlug, List<PublishedWheel>> wheels = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        for (BuiltWheel built : wanted.built()) {
            Optional<String> why = checks.objection(built);
            if (why.isPresent()) {
                refused.add(built.platform() + " " + built.filename() + ": " + why.get());
                continue;
            }
            upload(built, Optional.ofNullable(before.get(built.platform())));
            wheels.computeIfAbsent(built.platform(), platform -> new ArrayList<>())
                    .add(PublishedWheel.of(built));
        }
        return new Uploaded(wheels, refused, wanted);
    }

    private static boolean isMeant(Optional<PlatformSlug> only, PlatformSlug platform) {
        return only.isEmpty() || only.get().equals(platform);
    }

    /** What belongs to it goes first, so that no wheel is without. What is published with these bytes was found right when it was. */
    private void upload(BuiltWheel built, Optional<PlatformIndex> before) throws IOException {
        PublishedWheel wheel = PublishedWheel.of(built);
        ObjectKey key = WheelPlace.wheel(built.platform(), wheel);
        if (bucket.look(key) instanceof Presence.There there && there.size().bytes() == built.size()) {
            boolean isPublished = before.map(index -> index.wheels().get(built.filename()))
                    .filter(one -> one.digest().equals(built.digest()))
                    .isPresent();
            if (!isPublished) {
                verify(key, built);
            }
            return;
        }
        progress.accept("uploading " + key + " (" + new ByteSize(built.size()) + ")");
        byte[] provenance = JsonWriter.bytes(WheelDocuments.json(built));
        written(bucket.put(WheelPlace.provenance(built.platform(), wheel), provenance, Condition.ifAbsent()));
        byte[] log = Files.exists(built.log())
                ? Files.readAllBytes(built.log())
                : "nothing is known of what the build said\n".getBytes(StandardCharsets.UTF_8);
        written(bucket.put(WheelPlace.log(built.platform(), wheel), log, Condition.ifAbsent()));
        if (!written(bucket.upload(key, built.file(), Condition.ifAbsent()))) {
            verify(key, built);
        }
    }

    /** Whether it was written now; what is there already stays. */
    private static boolean written(Writing writing) throws IOException {
        return switch (writing) {
            case Writing.Written ignored -> true;
            case Writing.Conflict ignored -> false;
            case Writing.Failed failed -> throw new IOException(failed.reason());
        };
    }

    /** Somebody has uploaded it before. Nobody is led to what isn't what its name says. */
    private void verify(ObjectKey key, BuiltWheel built) throws IOException {
        Path copy = Files.createTempFile("flotilla-wheel", "");
        try {
            var file = new PartialFile(copy);
            switch (bucket.download(key, file, new ByteSize(built.size()), () -> true)) {
                case Bucket.Download.Done ignored -> {
                    try (InputStream content = Files.newInputStream(copy)) {
                        if (!Sha256.of(content).equals(built.digest())) {
                            throw new IOException(key + " is damaged in the bucket: delete it, and publish again");
                        }
                    }
                }
                case Bucket.Download.Absent absent -> throw new IOException(absent.reason());
                case Bucket.Download.TooLarge ignored ->
                    throw new IOException(key + " is damaged in the bucket: delete it, and publish again");
                case Bucket.Download.Failed failed -> throw new IOException(failed.reason());
                case Bucket.Download.BrokenOff ignored -> throw new IllegalStateException("it was wanted");
            }
        } finally {
            new PartialFile(copy).remove();
        }
    }

    /**
     * What came of a publication.
     *
     * @param damaged the platforms that were meant and stay as they are signed, since their indexes can't be read; each with the reason
     */
    public record Publication(WheelIndexPublisher.Outcome outcome, SortedMap<PlatformSlug, String> damaged) {
        public Publication {
            damaged = Collections.unmodifiableSortedMap(new TreeMap<>(damaged));
        }
    }

    /**
     * Has indexes name what was uploaded, and let go what is no longer to be had. Platforms that aren't meant stay as they are.
     *
     * @param plan what branches need, and what mirrors have seen where they were asked; without it nothing is unused, nor is anything of a platform that it doesn't tell all of
     * @param index stands behind the fleet's lock
     */
    public Publication publish(
            Uploaded uploaded, Optional<PlatformSlug> only, Optional<WantedWheels> plan, WheelIndexPublisher index)
            throws IOException {
        List<String> lines = new ArrayList<>(
                uploaded.refused().stream().map(line -> "refused: " + line).toList());
        List<String> merged = new ArrayList<>();
        SortedMap<PlatformSlug, String> damaged = new TreeMap<>();
        WheelIndexPublisher.Outcome outcome = index.change("wheels publish", lines, before -> {
            merged.clear();
            damaged.clear();
            before.damaged().forEach((platform, why) -> {
                if (isMeant(only, platform)) {
                    damaged.put(platform, why);
                }
            });
            return merged(before, uploaded, only, plan, merged);
        });
        if (outcome instanceof WheelIndexPublisher.Outcome.Published) {
            merged.forEach(progress);
        }
        return new Publication(outcome, damaged);
    }

    private SortedMap<PlatformSlug, byte[]> merged(
            WheelIndexPublisher.Indexes indexes,
            Uploaded uploaded,
            Optional<PlatformSlug> only,
            Optional<WantedWheels> plan,
            List<String> lines)
            throws IOException {
        SortedMap<PlatformSlug, byte[]> before = indexes.readable();
        var platforms = new TreeSet<>(before.keySet());
        platforms.addAll(settings.platforms().keySet());
        platforms.removeAll(indexes.damaged().keySet());
        SortedMap<PlatformSlug, byte[]> after = new TreeMap<>(before);
        for (PlatformSlug platform : platforms) {
            if (!isMeant(only, platform)) {
                continue;
            }
            Optional<WheelPlatform> known =
                    Optional.ofNullable(settings.platforms().get(platform));
            Optional<PlatformIndex> old =
                    Optional.ofNullable(before.get(platform)).map(PlatformIndex::parse);
            PlatformIndex index = merged(platform, old, known, uploaded, plan, lines);
            requireThere(index, old);
            if (index.wheels().isEmpty()
                    && index.failed().isEmpty()
                    && index.retired().isEmpty()
                    && (known.isEmpty() || old.isEmpty())) {
                after.remove(platform);
            } else if (old.filter(index::equals).isEmpty()) {
                after.put(platform, bounded(index));
            }
        }
        return after;
    }

    private PlatformIndex merged(
            PlatformSlug platform,
            Optional<PlatformIndex> old,
            Optional<WheelPlatform> known,
            Uploaded uploaded,
            Optional<WantedWheels> plan,
            List<String> lines) {
        PlatformIndex begin = old.orElseGet(
                () -> PlatformIndex.empty(platform, known.orElseThrow().machine(), clock.instant()));
        var merging = new Merging(begin.on(known.map(WheelPlatform::machine).orElse(begin.machine())), clock.instant());
        uploaded.wheels().getOrDefault(platform, List.of()).forEach(merging::add);
        uploaded.contents().failed().stream()
                .filter(build -> build.wanted().platform().equals(platform))
                .forEach(merging::add);
        // What fleet.conf has no platform for is needed by nobody.
        plan.flatMap(all -> known.isEmpty() ? Optional.of(List.<WantedWheel>of()) : all.needed(platform))
                .ifPresent(all -> merging.retire(all, plan.orElseThrow().made(), settings.retireAfter()));
        merging.compare(upstream::known);
        lines.addAll(merging.lines());
        return merging.merged();
    }

    /** What was in the bucket when it was looked for may have been deleted since, as retired; now, behind the lock, nobody deletes. */
    private void requireThere(PlatformIndex index, Optional<PlatformIndex> old) throws IOException {
        for (PublishedWheel wheel : index.wheels().values()) {
            boolean known = old.map(before -> before.wheels().get(wheel.filename()))
                    .filter(before -> before.digest().equals(wheel.digest()))
                    .isPresent();
            if (!known) {
                switch (bucket.look(WheelPlace.wheel(index.platform(), wheel))) {
                    case Presence.There ignored -> {}
                    case Presence.Absent absent ->
                        throw new IOException(absent.reason() + ": it was deleted meanwhile; publish again");
                    case Presence.Failed failed -> throw new IOException(failed.reason());
                }
            }
        }
    }

    private static byte[] bounded(PlatformIndex index) {
        byte[] document = index.toBytes();
        if (document.length > PlatformIndex.LARGEST.bytes()) {
            throw new IllegalArgumentException("the index of " + index.platform() + " would be larger than "
                    + PlatformIndex.LARGEST + ", and no node would take it");
        }
        return document;
    }
}
