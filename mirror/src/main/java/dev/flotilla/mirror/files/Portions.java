package dev.flotilla.mirror.files;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Parts of files on their way to clients: each is read by a worker into pooled memory, which is given back once the client has taken
 * it. So a client costs one part of memory while it takes one, and nothing while it waits. Safe for use from any thread.
 */
final class Portions {
    /**
     * What all clients together may have on the way to them before each gets smaller parts: 256 whole chunks as usual. No
     * setting, nor is the least part: what an operator may want to bound are {@link FileLimits#chunk()} and
     * {@link FileLimits#followers()}, and these two only say how a chunk is divided between those two bounds.
     */
    private static final long ON_THE_WAY_BYTES = 16L << 20;

    private static final int LEAST_PORTION = 8 << 10;

    /**
     * Pooled memory of which threads keep nothing for themselves: in caches of their own, a dozen threads would hold some
     * hundred MiB for a thousand clients. Pages and chunks (8 KiB and 1 MiB) for whole parts, two arenas against waiting.
     */
    private static final PooledByteBufAllocator MEMORY =
            new PooledByteBufAllocator(true, 0, 2, 8 << 10, 7, 0, 0, false);

    private final WorkerExecutor worker;
    private final int chunk;
    private final AtomicInteger clients = new AtomicInteger();

    /** @param chunk how many bytes one client gets at once where there are few of them */
    Portions(WorkerExecutor worker, int chunk) {
        this.worker = worker;
        this.chunk = chunk;
    }

    /** What portions are read from. For workers only. */
    @FunctionalInterface
    interface Source {
        /** Fills {@code target} with the bytes from {@code position} on; fewer where there are no more. */
        void read(ByteBuffer target, long position) throws IOException;
    }

    void came() {
        clients.incrementAndGet();
    }

    void left() {
        clients.decrementAndGet();
    }

    /**
     * How much is read at once: a chunk, or a half or quarter of it the more clients there are, so that a thousand of them
     * take no more memory than some hundred do. Smaller parts cost more turns of worker and event loop.
     */
    int size() {
        long taking = clients.get();
        int portion = chunk;
        while (portion / 2 >= LEAST_PORTION && portion * taking > ON_THE_WAY_BYTES) {
            portion /= 2;
        }
        return portion;
    }

    /**
     * Brings one part to {@code client}. The future completes on {@code own} once the client has taken it; it fails with an
     * {@link UnreadableException} where it isn't to be had from {@code source}, and with anything else where the client is gone.
     *
     * @param left whether it isn't wanted any more, asked between reading and writing
     */
    Future<Void> pass(
            Context own, Source source, long position, int length, WriteStream<Buffer> client, BooleanSupplier left) {
        Promise<Void> passed = Promise.promise();
        worker.<ByteBuf>executeBlocking(() -> read(source, position, length), false)
                .onComplete(read -> Workshop.on(own, () -> {
                    if (read.succeeded()) {
                        write(own, read.result(), client, left, passed);
                    } else {
                        passed.fail(read.cause());
                    }
                }));
        return passed.future();
    }

    /** The same for what is in memory: copied here and now, since what is encrypted must not vanish while machine code reads it. */
    Future<Void> pass(Context own, HotFile mapped, long position, int length, WriteStream<Buffer> client) {
        ByteBuf copy = MEMORY.directBuffer(length, length);
        try {
            mapped.copy(position, length, copy);
        } catch (InternalError cut) {
            copy.release();
            return Future.failedFuture(new UnreadableException(new IOException("the file was cut", cut)));
        }
        Promise<Void> passed = Promise.promise();
        write(own, copy, client, () -> false, passed);
        return passed.future();
    }

    private static ByteBuf read(Source source, long position, int length) throws IOException {
        ByteBuf buffer = MEMORY.directBuffer(length, length);
        try {
            var target = buffer.nioBuffer(0, length);
            source.read(target, position);
            if (target.hasRemaining()) {
                throw new IOException("the file is shorter than it was");
            }
            return buffer.writerIndex(length);
        } catch (IOException unreadable) {
            buffer.release();
            throw new UnreadableException(unreadable);
        } catch (RuntimeException fault) {
            buffer.release();
            throw fault;
        }
    }

    private static void write(
            Context own, ByteBuf bytes, WriteStream<Buffer> client, BooleanSupplier left, Promise<Void> passed) {
        if (left.getAsBoolean()) {
            bytes.release();
            passed.fail(new IOException("the client has left"));
            return;
        }
        Future<Void> written;
        try {
            written = client.write(BufferInternal.buffer(bytes));
        } catch (RuntimeException gone) {
            bytes.release();
            passed.fail(gone);
            return;
        }
        written.onComplete(result -> Workshop.on(own, () -> {
            bytes.release();
            passed.handle(result);
        }));
    }
}
