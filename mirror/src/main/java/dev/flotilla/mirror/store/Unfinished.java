package dev.flotilla.mirror.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The temporary files of this process, in a folder of its own that a lock keeps from other processes. What processes that
 * have ended left unfinished is deleted; what belongs to one that still runs is left alone. Folders come and go only while
 * the ledger is locked, so that nobody takes one that is just being made for one that was left.
 */
final class Unfinished implements Closeable {
    private static final String LOCK = "lock";

    /** A socket at which the process hands over its listeners; in the folder, so that it goes with it. */
    private static final String DOOR = "listeners";

    /** Nobody else has any business in there. */
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final int TRIAL_BYTES = 4096;

    private final Path all;
    private final AtomicLong counter = new AtomicLong();
    private volatile @Nullable Own own;

    /** What this process has: absent until {@link #open}. */
    private record Own(Path folder, FileChannel lock) {}

    Unfinished(Layout layout) {
        this.all = layout.temporary();
    }

    /** Deletes what nobody owns any more and makes a folder for this process. Harmless when there is one. */
    void open(Ledger ledger) throws IOException {
        if (own != null) {
            return;
        }
        own = ledger.exclusively(cells -> {
            tidy(Inventory.entries(all));
            cells.countOpening();
            Path folder = Files.createDirectory(all.resolve(UUID.randomUUID().toString()), PRIVATE);
            return new Own(folder, locked(folder.resolve(LOCK)));
        });
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = lock.tryLock() != null;
            if (!locked) {
                throw new IOException("can't lock " + file);
            }
            return lock;
        } finally {
            if (!locked) {
                lock.close();
            }
        }
    }

    private static boolean tidy(List<Path> folders) throws IOException {
        boolean found = false;
        for (Path left : folders) {
            if (!isOwned(left)) {
                delete(left);
                found = true;
            }
        }
        return found;
    }

    /**
     * Deletes what processes that have ended meanwhile left unfinished; says whether there was such a process. To be called while the
     * ledger is locked.
     */
    boolean tidy() throws IOException {
        return tidy(others());
    }

    /** Whether no other process has the store open at this moment. */
    boolean isAlone() throws IOException {
        return neighbours().isEmpty();
    }

    /** The folders of other processes that run. */
    List<Path> neighbours() throws IOException {
        var running = new ArrayList<Path>();
        for (Path other : others()) {
            if (isOwned(other)) {
                running.add(other);
            }
        }
        return running;
    }

    /** All folders but the own: a process that opens and closes its own lock's file again has lost the lock (fcntl(2)). */
    private List<Path> others() throws IOException {
        var others = new ArrayList<>(Inventory.entries(all));
        folder().ifPresent(others::remove);
        return others;
    }

    /**
     * Says whether this process had the store for itself: true at two moments with the same number of openings means that
     * nobody else was there between them.
     */
    OptionalLong soleOpening(Ledger.Cells cells) throws IOException {
        return isAlone() ? OptionalLong.of(cells.openings()) : OptionalLong.empty();
    }

    private static boolean isOwned(Path left) throws IOException {
        Path file = left.resolve(LOCK);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            @Nullable FileLock taken = channel.tryLock();
            return taken == null;
        } catch (OverlappingFileLockException ownedHere) {
            return true;
        }
    }

    /** The folder of this process, if the disk has let it have one. */
    Optional<Path> folder() {
        return Optional.ofNullable(own).map(Own::folder);
    }

    private Path requireFolder() throws IOException {
        return folder().orElseThrow(() -> new IOException("this process has no folder in " + all));
    }

    /** Where this process hands over its listeners to the one after it. */
    Optional<Path> door() {
        return folder().map(own -> own.resolve(DOOR));
    }

    /** Where others do so or did, who may have ended. */
    List<Path> doorsOfOthers() throws IOException {
        return others().stream()
                .map(other -> other.resolve(DOOR))
                .filter(Files::exists)
                .toList();
    }

    /** The name of a temporary file that doesn't exist yet. */
    Path next() throws IOException {
        return requireFolder().resolve(counter.incrementAndGet() + ".part");
    }

    /** Writes something, makes it last, and takes it away again; {@link IOException} where the disk fails at it. */
    void tryDisk() throws IOException {
        Path trial = next();
        try (var channel = FileChannel.open(trial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(TRIAL_BYTES));
            channel.force(true);
        } finally {
            Files.deleteIfExists(trial);
        }
        Layout.synchronise(requireFolder());
    }

    /** Deletes the folder and what is in it. */
    @Override
    public void close() throws IOException {
        Own closing = own;
        if (closing != null) {
            delete(closing.folder());
            closing.lock().close();
        }
    }

    private static void delete(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
