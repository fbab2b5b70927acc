package dev.flotilla.mirror.files;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/**
 * All bytes of a file in direct memory, its own or the system's, lent to one answer. For any thread. The memory is freed once nobody holds them any more
 * and all to whom they were lent have released them.
 */
public final class HotFile {
    private final ByteBuf content;
    private final Buffer buffer;
    private final int length;
    private final Residence residence;
    private final Runnable onFreed;

    /** Whether so many bytes from there on are in memory now, so that nobody waits for a disk who reads them. */
    @FunctionalInterface
    interface Residence {
        boolean isHere(long offset, long count);
    }

    /** Bytes in memory of our own. */
    HotFile(ByteBuf content, Runnable onFreed) {
        this(content, (offset, count) -> true, onFreed);
    }

    /** @param content what is held from now on, and freed in the end */
    HotFile(ByteBuf content, Residence residence, Runnable onFreed) {
        this.content = content;
        // Vert.x writes an unreleasable slice of it, so the one buffer serves every response.
        this.buffer = BufferInternal.buffer(content);
        this.length = content.readableBytes();
        this.residence = residence;
        this.onFreed = onFreed;
    }

    boolean isHere(long offset, long count) {
        return residence.isHere(offset, count);
    }

    /** Copies so many bytes from {@code offset} on; {@link InternalError} where somebody has cut the file meanwhile. */
    void copy(long offset, int count, ByteBuf target) {
        target.writeBytes(content, Math.toIntExact(offset), count);
    }

    /** So many of its bytes, from {@code offset} on, to be written and nothing else. */
    public Buffer part(long offset, long count) {
        return offset == 0 && count == length
                ? buffer
                : buffer.slice(Math.toIntExact(offset), Math.toIntExact(offset + count));
    }

    int length() {
        return length;
    }

    /** Lends it once more, unless its memory is gone already. */
    boolean lend() {
        try {
            content.retain();
            return true;
        } catch (IllegalReferenceCountException gone) {
            return false;
        }
    }

    /** Gives it back. To be called exactly once for every time it was lent, when the last byte was written. */
    public void release() {
        if (content.release()) {
            onFreed.run();
        }
    }
}
