package dev.flotilla.mirror.files;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.RandomAccessFile;
import java.util.Optional;

/**
 * All bytes of a file in direct memory, its own or the system's, lent to one answer. For any thread. The memory is freed once nobody holds them any more
 * and all to whom they were lent have released them.
 */
public final class HotFile {
    /** What is shorter costs less together with its head, in one call, than a call of its own. */
    private static final int LEAST_SENT_BY_SYSTEM = 32 << 10;

    private final ByteBuf content;
    private final Buffer buffer;
    private final int length;
    private final Residence residence;
    private final Optional<RandomAccessFile> open;
    private final Runnable onFreed;

    /** Whether so many bytes from there on are in memory now, so that nobody waits for a disk who reads them. */
    @FunctionalInterface
    interface Residence {
        boolean isHere(long offset, long count);
    }

    /** What has the system send so many bytes of a file from {@code offset} on. */
    @FunctionalInterface
    public interface Sender {
        Future<Void> send(RandomAccessFile file, long offset, long count);
    }

    /** Bytes in memory of our own. */
    HotFile(ByteBuf content, Runnable onFreed) {
        this(content, (offset, count) -> true, Optional.empty(), onFreed);
    }

    /**
     * Bytes of the system's.
     *
     * @param content what is held from now on, and freed in the end
     * @param open the file, where it stays open until then
     */
    HotFile(ByteBuf content, Residence residence, Optional<RandomAccessFile> open, Runnable onFreed) {
        this.content = content;
        // Vert.x writes an unreleasable slice of it, so the one buffer serves every response.
        this.buffer = BufferInternal.buffer(content);
        this.length = content.readableBytes();
        this.residence = residence;
        this.open = open;
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

    /** Whether the system can send so many of its bytes to a connection without encryption, at less cost than to write them. */
    public boolean isSentBySystem(long count) {
        return count >= LEAST_SENT_BY_SYSTEM && open.isPresent();
    }

    /**
     * Has {@code sender} send so many of its bytes from {@code offset} on; fewer where somebody has cut the file meanwhile.
     * It is lent until the future completes.
     */
    public Future<Void> send(Sender sender, long offset, long count) {
        return sender.send(open.orElseThrow(), offset, count);
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
