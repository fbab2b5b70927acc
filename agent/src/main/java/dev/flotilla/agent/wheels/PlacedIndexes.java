package dev.flotilla.agent.wheels;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.agent.configuration.Limits;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.agent.wheels.WheelIndexes.Event;
import dev.flotilla.agent.wheels.WheelIndexes.Progress;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder with a folder for each platform, and in that its index. For one thread. */
final class PlacedIndexes {
    private static final String INDEX = "index.json";

    private final Path folder;
    private final Bucket bucket;
    private final Limits limits;
    private final Progress progress;
    private final Map<PlatformSlug, Known> known = new HashMap<>();

    /** What a file was when its digest was taken: while it is the same, so is the digest. */
    private record Known(
            FileTime changed, long size, @Nullable Object key, Sha256 digest) {
        boolean is(BasicFileAttributes file) {
            return changed.equals(file.lastModifiedTime())
                    && size == file.size()
                    && Objects.equals(key, file.fileKey());
        }
    }

    PlacedIndexes(Path folder, Bucket bucket, Limits limits, Progress progress) {
        this.folder = folder;
        this.bucket = bucket;
        this.limits = limits;
        this.progress = progress;
    }

    /** The digest of the platform's index as it was last seen; empty where there is none. */
    Optional<Sha256> digest(PlatformSlug platform) {
        return Optional.ofNullable(known.get(platform)).map(Known::digest);
    }

    /** Has the platform's index be that file. Answers what keeps it from being so; {@link IOException} where the disk does. */
    Optional<String> bring(PlatformSlug platform, TargetFile file, long version) throws IOException {
        Path home = folder.resolve(platform.toString());
        look(platform);
        if (digest(platform).equals(Optional.of(file.sha256()))) {
            removeOthers(home, List.of(INDEX));
            return Optional.empty();
        }
        if (file.length().compareTo(limits.wheelIndex()) > 0) {
            return Optional.of("the index of " + file.length() + " is larger than limits.wheel-index allows ("
                    + limits.wheelIndex() + ")");
        }
        Files.createDirectories(home);
        var part = new PartialFile(home.resolve(Disk.PARTIAL + file.sha256()));
        removeOthers(
                home, Stream.concat(Stream.of(INDEX), part.names().stream()).toList());
        Optional<String> failure = tooFull(file, part);
        if (failure.isEmpty()) {
            failure = fetched(platform, file, part);
        }
        if (failure.isPresent()) {
            return failure;
        }
        Disk.sync(part.path());
        progress.reached(Event.FETCHED, version);
        Disk.move(part.path(), home.resolve(INDEX));
        Disk.sync(folder);
        look(platform);
        progress.reached(Event.PLACED, version);
        removeOthers(home, List.of(INDEX));
        return Optional.empty();
    }

    /** Only the whole is verified: where a part of an earlier try was in it, that may be to blame, and it begins anew with the next. */
    private Optional<String> fetched(PlatformSlug platform, TargetFile file, PartialFile part) throws IOException {
        var key = BucketLayout.target(TargetPath.wheels(platform), file.sha256());
        return switch (bucket.download(
                key, part, file.length(), () -> !Thread.currentThread().isInterrupted())) {
            case Bucket.Download.Absent absent -> Optional.of(absent.reason());
            case Bucket.Download.TooLarge tooLarge -> Optional.of(tooLarge.reason());
            case Bucket.Download.Failed failed -> Optional.of(failed.reason());
            case Bucket.Download.BrokenOff ignored -> Optional.of("the agent ends");
            case Bucket.Download.Done ignored -> {
                Sha256 digest = digest(part.path());
                if (digest.equals(file.sha256())) {
                    yield Optional.empty();
                }
                part.remove();
                yield Optional.of("wrong digest: " + key + " has " + digest);
            }
        };
    }

    /** A disk that is full in the middle would take the mirror's store with it. */
    private Optional<String> tooFull(TargetFile file, PartialFile part) throws IOException {
        long needed = file.length().bytes() + limits.freeSpace().bytes() - part.length();
        long free = Files.getFileStore(folder).getUsableSpace();
        return free < needed
                ? Optional.of("the disk with " + folder + " has " + new ByteSize(free) + " free, and "
                        + new ByteSize(needed) + " are needed to have room left (limits.free-space)")
                : Optional.empty();
    }

    /** Removes the indexes of all other platforms. */
    void keepOnly(Set<PlatformSlug> platforms, long version) throws IOException {
        known.keySet().retainAll(platforms);
        for (Path entry : entries(folder)) {
            boolean kept =
                    platforms.stream().anyMatch(platform -> platform.toString().equals(name(entry)));
            if (!kept) {
                Disk.remove(entry);
                progress.reached(Event.REMOVED, version);
            }
        }
    }

    private void look(PlatformSlug platform) throws IOException {
        Path index = folder.resolve(platform.toString()).resolve(INDEX);
        try {
            var file = Files.readAttributes(index, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Known before = known.get(platform);
            if (before == null || !before.is(file)) {
                known.put(platform, new Known(file.lastModifiedTime(), file.size(), file.fileKey(), digest(index)));
            }
        } catch (NoSuchFileException none) {
            known.remove(platform);
        }
    }

    private static Sha256 digest(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return Sha256.of(content);
        }
    }

    private static void removeOthers(Path folder, List<String> kept) throws IOException {
        for (Path entry : entries(folder)) {
            if (!kept.contains(name(entry))) {
                Disk.remove(entry);
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }
}
