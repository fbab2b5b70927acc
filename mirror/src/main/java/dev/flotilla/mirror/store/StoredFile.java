package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.Sha256;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A whole, verified file on disk, held for one reader: it isn't evicted until {@link #release} is called. Its bytes
 * never change. Safe for use from any thread.
 */
public final class StoredFile implements AutoCloseable {
    private final Supplier<Path> path;
    private final long size;
    private final Sha256 digest;
    private final Runnable onRelease;
    private final Runnable onUnreadable;
    private final AtomicBoolean released = new AtomicBoolean();

    /** @param path worked out where it is asked for: most answers come from memory */
    StoredFile(Supplier<Path> path, long size, Sha256 digest, Runnable onRelease, Runnable onUnreadable) {
        this.path = path;
        this.size = size;
        this.digest = digest;
        this.onRelease = onRelease;
        this.onUnreadable = onUnreadable;
    }

    /** Where the bytes are. */
    public Path path() {
        return path.get();
    }

    /** How many bytes it has. */
    public long size() {
        return size;
    }

    /** The digest of its bytes, from which its entity tag is made. */
    public Sha256 digest() {
        return digest;
    }

    /** Ends the hold; to be called once the file was sent or sending it failed. Calling it again does nothing. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            onRelease.run();
        }
    }

    /**
     * Says that the bytes can't be read, or aren't what they should be: the store drops the file, so that it is fetched
     * again. Blocks: for workers only.
     */
    public void reportUnreadable() {
        onUnreadable.run();
    }

    /** The same as {@link #release}. */
    @Override
    public void close() {
        release();
    }
}
