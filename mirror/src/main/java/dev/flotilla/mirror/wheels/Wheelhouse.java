package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes of wheels as they lie on disk, read again when they change. A bad one is refused, and the one before it goes on. For any thread;
 * {@link #look} for one at a time.
 */
public final class Wheelhouse {
    private static final Logger LOG = LoggerFactory.getLogger(Wheelhouse.class);
    private static final String INDEX = "index.json";

    /** Far above the platforms of any fleet. */
    private static final int MOST_PLATFORMS = 256;

    private final Optional<WheelSettings> settings;
    private final Optional<Path> folder;
    private final WheelIndexParser parser = new WheelIndexParser();
    private final Map<PlatformSlug, Seen> seen = new HashMap<>();
    private volatile Map<String, WheelIndex> indexes = Map.of();
    private @Nullable String trouble;

    /** How a file lay there when it was read, good or bad. */
    private record Seen(
            FileTime changed, long size, @Nullable Object key) {
        static Seen of(BasicFileAttributes file) {
            return new Seen(file.lastModifiedTime(), file.size(), file.fileKey());
        }
    }

    /**
     * The indexes below a folder; none anywhere where there are no settings.
     *
     * @param kept the folder that this mirror's keeper fills; absent where it has none. The settings' own goes before it
     */
    public Wheelhouse(Optional<WheelSettings> settings, Optional<Path> kept) {
        this.settings = settings;
        this.folder = settings.flatMap(known -> known.path().or(() -> kept));
        if (settings.isPresent() && folder.isEmpty()) {
            LOG.warn("there are no indexes of wheels: no agent keeps this mirror, and wheels.path says no folder");
        }
    }

    /** The index of the platform with this slug; empty where there is none. */
    public Optional<WheelIndex> index(String platform) {
        return Optional.ofNullable(indexes.get(platform));
    }

    /** The indexes of all platforms. */
    Collection<WheelIndex> all() {
        return indexes.values();
    }

    /** How long clients may keep what is said of them. */
    public Duration lifetime() {
        return settings.map(WheelSettings::lifetime).orElse(WheelSettings.LIFETIME);
    }

    /** Whether there is no index with wheels at all. */
    public boolean isEmpty() {
        return indexes.isEmpty();
    }

    /** The wheel at {@code path}, by its name and its digest; empty where no index has it. */
    public Optional<ProjectFile> find(FilePath path) {
        if (indexes.isEmpty() || path.sha256().isEmpty()) {
            return Optional.empty();
        }
        for (ProjectName project : path.projects()) {
            for (WheelIndex index : indexes.values()) {
                Optional<ProjectFile> found =
                        index.entry(project).flatMap(entry -> entry.page().named(path));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** Reads what has changed since the last look. Blocks. */
    public void look() {
        if (settings.isEmpty() || folder.isEmpty()) {
            return;
        }
        Map<String, WheelIndex> now = new HashMap<>();
        Set<PlatformSlug> there = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder.get())) {
            for (Path home : folders) {
                String name = Objects.requireNonNull(home.getFileName()).toString();
                Optional<PlatformSlug> platform =
                        PlatformSlug.parse(name).filter(slug -> slug.toString().equals(name));
                if (platform.isPresent() && there.size() < MOST_PLATFORMS) {
                    there.add(platform.get());
                    look(platform.get(), home.resolve(INDEX), settings.get()).ifPresent(index -> now.put(name, index));
                }
            }
            say(null);
        } catch (NoSuchFileException | NotDirectoryException none) {
            // An agent makes it with the first index.
        } catch (IOException unreadable) {
            say("the folder of wheels can't be read: " + unreadable);
            return;
        }
        seen.keySet().retainAll(there);
        if (!now.equals(indexes)) {
            indexes = Map.copyOf(now);
        }
    }

    private Optional<WheelIndex> look(PlatformSlug platform, Path file, WheelSettings known) {
        Optional<WheelIndex> before = index(platform.toString());
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            var lies = Seen.of(attributes);
            if (lies.equals(seen.get(platform))) {
                return before;
            }
            seen.put(platform, lies);
            if (attributes.size() > known.largestIndex().bytes()) {
                return refused(platform, "it is larger than " + known.largestIndex(), before);
            }
            var base = known.source().index().resolve(platform + "/");
            return switch (parser.parse(Files.readAllBytes(file), platform, base)) {
                case WheelIndexParsing.Parsed(WheelIndex index) -> {
                    LOG.info(
                            "wheels of {}: {} projects, made {}",
                            platform,
                            index.projects().size(),
                            index.made());
                    yield Optional.of(index);
                }
                case WheelIndexParsing.Refused(String reason) -> refused(platform, reason, before);
            };
        } catch (NoSuchFileException gone) {
            seen.remove(platform);
            return Optional.empty();
        } catch (IOException unreadable) {
            return refused(platform, unreadable.toString(), before);
        }
    }

    private static Optional<WheelIndex> refused(PlatformSlug platform, String reason, Optional<WheelIndex> before) {
        LOG.warn(
                "The index of wheels of {} is refused{}: {}",
                platform,
                before.isPresent() ? ", and the one before goes on" : "",
                reason);
        return before;
    }

    /** Says what is wrong with the folder once, until it is something else. */
    private void say(@Nullable String text) {
        if (text != null && !text.equals(trouble)) {
            LOG.warn(text);
        }
        trouble = text;
    }
}
