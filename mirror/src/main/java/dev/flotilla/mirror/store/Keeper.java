package dev.flotilla.mirror.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process keeps the store: of all that have it open at once, one alone evicts, scrubs and tidies up. A lock of
 * the system says which; when that process ends, however it ends, another one takes over. Safe for use from any thread.
 */
final class Keeper implements Closeable {
    private final FileChannel channel;
    private volatile @Nullable FileLock lock;

    private Keeper(FileChannel channel) {
        this.channel = channel;
    }

    static Keeper open(Layout layout) throws IOException {
        return new Keeper(FileChannel.open(layout.keeper(), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    }

    boolean isHere() {
        return lock != null;
    }

    /** Becomes the keeper if there is none; says whether this call made it so. */
    synchronized boolean tryToBecome() throws IOException {
        if (lock != null) {
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
        channel.close();
    }
}
