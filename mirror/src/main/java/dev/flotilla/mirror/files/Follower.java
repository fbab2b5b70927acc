package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Intake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows an arrival: reads a chunk from the growing file on a worker, writes it, waits until the client has
 * taken it, and then reads the next. So a client costs one chunk of pooled memory while it takes one, and nothing while it
 * waits.
 */
final class Follower implements GrowingFile {
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

    private final Arrival arrival;
    private final OptionalLong size;
    private final boolean coalesced;
    private final Workshop workshop;
    private final Patience patience;
    private final int chunk;
    private final Promise<Void> done = Promise.promise();
    private boolean started;
    private @Nullable Runnable wake;
    private volatile boolean left;

    private long position;

    /** The arrival counts it as a follower already. */
    Follower(Arrival arrival, boolean coalesced, Workshop workshop, Patience patience) {
        this.arrival = arrival;
        this.size = arrival.progress().size();
        this.coalesced = coalesced;
        this.workshop = workshop;
        this.patience = patience;
        this.chunk = Math.toIntExact(workshop.limits().chunk().bytes());
        workshop.meters().followerCame();
    }

    @Override
    public OptionalLong size() {
        return size;
    }

    @Override
    public String attemptTag() {
        return arrival.tag();
    }

    @Override
    public boolean isCoalesced() {
        return coalesced;
    }

    @Override
    public Future<FileAnswer> settled() {
        return new Waiter(workshop, arrival, coalesced, patience)
                .ended(new FileAnswer.Growing(this))
                .onSuccess(answer -> {
                    if (!(answer instanceof FileAnswer.Growing)) {
                        release();
                    }
                });
    }

    @Override
    public Future<Void> streamTo(WriteStream<Buffer> client) {
        Context own = workshop.vertx().getOrCreateContext();
        synchronized (this) {
            if (started || left) {
                return Future.failedFuture(new IllegalStateException("a growing file is for one stream only"));
            }
            started = true;
            wake = () -> own.runOnContext(woken -> step(own, client));
        }
        Workshop.on(own, () -> step(own, client));
        return done.future();
    }

    private void step(Context own, WriteStream<Buffer> client) {
        if (left) {
            return;
        }
        Arrival.Progress progress = arrival.progress();
        if (position < progress.available()) {
            int length = (int) Math.min(portion(), progress.available() - position);
            read(length)
                    .onComplete(read -> Workshop.on(own, () -> {
                        if (read.succeeded()) {
                            write(own, client, read.result(), length);
                        } else {
                            fail(read.cause());
                        }
                    }));
            return;
        }
        switch (progress.end()) {
            case null -> waitForMore();
            case Arrival.End.Whole whole -> finish();
            case Arrival.End.Failed(String reason, var deferral) -> fail(new IOException(reason));
            case Arrival.End.Absent absent -> fail(new IOException("the file is gone"));
            case Arrival.End.Passing passing -> fail(new IOException("the store failed while the file came"));
        }
    }

    private void waitForMore() {
        Runnable awake;
        synchronized (this) {
            awake = wake;
            if (left || awake == null) {
                return;
            }
        }
        arrival.await(position, awake);
        if (left) {
            arrival.forget(awake); // The client has left between the two.
        }
    }

    /**
     * How much is read at once: a chunk, or a half or quarter of it the more clients follow, so that a thousand of them
     * take no more memory than some hundred do. Smaller parts cost more turns of worker and event loop.
     */
    private int portion() {
        long followers = workshop.meters().figures().followers();
        int portion = chunk;
        while (portion / 2 >= LEAST_PORTION && portion * followers > ON_THE_WAY_BYTES) {
            portion /= 2;
        }
        return portion;
    }

    private Future<ByteBuf> read(int length) {
        Intake intake = arrival.intake();
        long from = position;
        return workshop.shortWork()
                .executeBlocking(
                        () -> {
                            ByteBuf buffer = MEMORY.directBuffer(length, length);
                            try {
                                var target = buffer.nioBuffer(0, length);
                                intake.read(target, from);
                                if (target.hasRemaining()) {
                                    throw new IOException("the temporary file is shorter than what was written to it");
                                }
                                return buffer.writerIndex(length);
                            } catch (IOException | RuntimeException failed) {
                                buffer.release();
                                throw failed;
                            }
                        },
                        false)
                .map(buffer -> buffer);
    }

    private void write(Context own, WriteStream<Buffer> client, ByteBuf bytes, int length) {
        if (left) {
            bytes.release();
            return;
        }
        Future<Void> written;
        try {
            written = client.write(BufferInternal.buffer(bytes));
        } catch (RuntimeException gone) {
            bytes.release();
            fail(gone);
            return;
        }
        written.onComplete(result -> Workshop.on(own, () -> {
            bytes.release();
            if (result.succeeded()) {
                position += length;
                step(own, client);
            } else {
                fail(result.cause());
            }
        }));
    }

    private void finish() {
        leave();
        done.tryComplete();
    }

    private void fail(Throwable cause) {
        leave();
        done.tryFail(cause);
    }

    @Override
    public void release() {
        fail(new IOException("the client has left"));
    }

    private void leave() {
        Runnable asleep;
        synchronized (this) {
            if (left) {
                return;
            }
            left = true;
            asleep = wake;
        }
        workshop.meters().followerLeft();
        if (asleep != null) {
            arrival.forget(asleep);
        }
        arrival.leave();
    }
}
