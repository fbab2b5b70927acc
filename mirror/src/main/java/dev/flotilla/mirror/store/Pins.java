package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of certain projects, which are never evicted as long as they fit into their share of the budget; those that come
 * when it is taken are files like any other. What is pinned is on disk, too: a link whose text is the project's name. Which
 * project a file belongs to says its name: the likeliest. Safe for use from any thread.
 */
final class Pins {
    private static final Logger LOG = LoggerFactory.getLogger(Pins.class);

    private final Layout layout;
    private final Predicate<ProjectName> wanted;
    private final boolean any;
    private final long most;
    private final ConcurrentMap<DigestKey, Blob> pinned = new ConcurrentHashMap<>();
    private long bytes;
    private boolean overflowing;

    /** @param most how many bytes pinned files may take */
    Pins(Layout layout, Optional<Predicate<ProjectName>> wanted, ByteSize most) {
        this.layout = layout;
        this.wanted = wanted.orElse(name -> false);
        this.any = wanted.isPresent();
        this.most = most.bytes();
    }

    /** The project for which a file at {@code path} would be pinned. */
    Optional<ProjectName> projectOf(FilePath path) {
        if (!any) {
            return Optional.empty();
        }
        List<ProjectName> projects = path.projects();
        return projects.isEmpty()
                ? Optional.empty()
                : Optional.of(projects.getFirst()).filter(wanted);
    }

    Optional<Blob> find(DigestKey digest) {
        return Optional.ofNullable(pinned.get(digest));
    }

    Iterable<Blob> all() {
        return pinned.values();
    }

    long count() {
        return pinned.size();
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Takes the blob in if it fits; it then leaves the order of those that may be evicted. */
    synchronized boolean add(Blob blob) {
        long size = Budget.onDisk(blob.size());
        if (bytes + size > most) {
            if (!overflowing) {
                LOG.warn(
                        "pinned files would take more than {} (store.pins-percent of the budget): further ones may be evicted",
                        new ByteSize(most));
            }
            overflowing = true;
            return false;
        }
        if (pinned.putIfAbsent(blob, blob) == null) {
            bytes += size;
        }
        return true;
    }

    /** Writes down that the blob is pinned, so that it is after a restart. */
    void write(DigestKey digest, ProjectName project) throws IOException {
        Path link = layout.pin(digest);
        Files.createDirectories(Layout.parent(link));
        try {
            Files.createSymbolicLink(link, Path.of(project.normal()));
        } catch (FileAlreadyExistsException there) {
            LOG.debug("{} was pinned before", digest);
        }
    }

    synchronized void remove(Blob blob) {
        if (pinned.remove(blob, blob)) {
            bytes -= Budget.onDisk(blob.size());
            overflowing = false;
            unlink(blob);
        }
    }

    private void unlink(DigestKey digest) {
        try {
            Files.deleteIfExists(layout.pin(digest));
        } catch (IOException stays) {
            LOG.warn("can't delete {}: {}", layout.pin(digest), stays.toString());
        }
    }

    /** What is to be done with a pin that was read from the disk. */
    interface Reader {
        /** Whether it is of use; it is deleted otherwise. */
        boolean read(DigestKey digest);
    }

    /** Reads every pin; those that the settings don't want any more are deleted. */
    void forEach(Reader reader) throws IOException {
        for (Path folder : Inventory.entries(layout.pins())) {
            for (Path link : Inventory.entries(folder)) {
                Optional<DigestKey> digest = DigestKey.ofName("" + folder.getFileName() + link.getFileName());
                if (digest.isPresent() && !(isWanted(link) && reader.read(digest.get()))) {
                    unlink(digest.get());
                }
            }
        }
    }

    private boolean isWanted(Path link) throws IOException {
        try {
            return wanted.test(new ProjectName(Files.readSymbolicLink(link).toString()));
        } catch (NoSuchFileException | NotLinkException | IllegalArgumentException noPin) {
            return false;
        }
    }
}
