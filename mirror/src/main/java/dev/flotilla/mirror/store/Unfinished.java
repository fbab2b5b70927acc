package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The temporary files of this process, in a folder of its own that a lock keeps from other processes. What processes
 * before it left unfinished is deleted at the start; what belongs to one that still runs is left alone.
 */
final class Unfinished implements AutoCloseable {
    private static final String LOCK = "lock";

    private final Path folder;
    private final FileChannel lock;
    private final AtomicLong counter = new AtomicLong();

    private Unfinished(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Deletes what nobody owns any more and makes a folder for this process. */
    static Unfinished open(Layout layout) throws IOException {
        for (Path left : Inventory.entries(layout.temporary())) {
            if (!isOwned(left)) {
                delete(left);
            }
        }
        Path folder = Files.createDirectory(
                layout.temporary().resolve(UUID.randomUUID().toString()));
        var lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            lock.close();
            throw new IOException("can't lock " + folder.resolve(LOCK));
        }
        return new Unfinished(folder, lock);
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

    /** The name of a temporary file that doesn't exist yet. */
    Path next() {
        return folder.resolve(counter.incrementAndGet() + ".part");
    }

    /** Deletes the folder and what is in it. */
    @Override
    public void close() throws IOException {
        delete(folder);
        lock.close();
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
