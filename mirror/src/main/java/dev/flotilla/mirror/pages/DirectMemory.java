package dev.flotilla.mirror.pages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/** The direct memory of prepared pages, counted, that of evicted ones which are still being sent included. For any thread. */
final class DirectMemory {
    private static final int FIRST_CAPACITY_BYTES = 16 * 1024;

    private final AtomicLong bytes = new AtomicLong();

    /** Writes the content of a buffer. */
    interface Writer {
        void write(OutputStream out) throws IOException;
    }

    /** A buffer of exactly what {@code writer} writes; it is counted until {@link #freed}. */
    ByteBuf hold(Writer writer) throws IOException {
        ByteBuf draft = Unpooled.directBuffer(FIRST_CAPACITY_BYTES);
        try (var out = new ByteBufOutputStream(draft)) {
            writer.write(out);
            int length = draft.readableBytes();
            ByteBuf exact = Unpooled.directBuffer(Math.max(1, length), Math.max(1, length));
            exact.writeBytes(draft);
            bytes.addAndGet(length);
            return exact;
        } finally {
            draft.release();
        }
    }

    void freed(int length) {
        bytes.addAndGet(-length);
    }

    long bytes() {
        return bytes.get();
    }
}
