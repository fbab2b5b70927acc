package dev.flotilla.mirror.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process keeps the store: of all that have it open at once, one alone evicts, scrubs and tidies up. A lock of
 * the system says which; when that process ends, however it ends, another one takes over. Safe for use from any thread.
 */
final class Keeper implements Closeable {
    private final Path file;
    private @Nullable FileChannel channel;
    private volatile @Nullable FileLock lock;

    Keeper(Layout layout) {
        this.file = layout.keeper();
    }

    /** Opens the file of the lock, and makes it where it is missing. Harmless when it is open. */
    synchronized void open() throws IOException {
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        }
    }

    boolean isHere() {
        return lock != null;
    }

    /** Becomes the keeper if there is none; says whether this call made it so. */
    synchronized boolean tryToBecome() throws IOException {
        if (lock != null || channel == null) {
            return false;
        }
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException twin) {
            return false;
        }
        return lock != null;
    }

    @Override
    public synchronized void close() throws IOException {
        lock = null;
        if (channel != null) {
            channel.close();
        }
    }
}
