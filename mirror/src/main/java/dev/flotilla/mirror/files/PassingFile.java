package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Verification;
import dev.flotilla.mirror.upstream.FileFetch;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A file that goes from upstream to one client past the store, which can't take it. Upstream goes as fast as the client; the
 * last block waits here until all of the file is verified.
 */
final class PassingFile implements GrowingFile {
    private final String tag = "attempt-" + UUID.randomUUID();
    private final FileFetch.Opened upstream;
    private final Context context;
    private final Verification verification;
    private final OptionalLong size;
    private final long holdBack;
    private final Vertx vertx;
    private final Runnable onLeave;
    private final Promise<Void> done = Promise.promise();
    private final Deque<Buffer> held = new ArrayDeque<>();
    private long heldBytes;
    private long received;
    private boolean started;
    private boolean over;

    /** @param context the one on which {@code upstream} was opened */
    PassingFile(
            FileFetch.Opened upstream,
            Context context,
            Expected expected,
            long holdBack,
            Vertx vertx,
            Runnable onLeave) {
        this.upstream = upstream;
        this.context = context;
        this.size = expected.size().isPresent() ? expected.size() : upstream.size();
        this.verification = new Verification(new Expected(size, expected.sha256(), expected.blake2b()));
        this.holdBack = holdBack;
        this.vertx = vertx;
        this.onLeave = onLeave;
    }

    @Override
    public OptionalLong size() {
        return size;
    }

    @Override
    public String attemptTag() {
        return tag;
    }

    @Override
    public boolean isCoalesced() {
        return false;
    }

    @Override
    public Future<Void> streamTo(WriteStream<Buffer> client) {
        Context caller = vertx.getOrCreateContext();
        Promise<Void> told = Promise.promise();
        done.future().onComplete(result -> caller.runOnContext(back -> told.handle(result)));
        context.runOnContext(start -> begin(client));
        return told.future();
    }

    private void begin(WriteStream<Buffer> client) {
        if (started) {
            done.tryFail(new IllegalStateException("a growing file is for one stream only"));
            return;
        }
        started = true;
        upstream.body().exceptionHandler(this::fail);
        upstream.body().endHandler(end -> end(client));
        upstream.body().handler(bytes -> take(client, bytes));
        upstream.body().resume();
    }

    private void take(WriteStream<Buffer> client, Buffer bytes) {
        if (over) {
            return;
        }
        received += bytes.length();
        if (received > size.orElse(Long.MAX_VALUE)) {
            fail(new IOException("it has more bytes than it should"));
            return;
        }
        byte[] raw = bytes.getBytes();
        verification.update(raw, 0, raw.length);
        held.add(bytes);
        heldBytes += bytes.length();
        while (!held.isEmpty() && heldBytes - held.element().length() >= holdBack) {
            Buffer due = held.remove();
            heldBytes -= due.length();
            send(client, due);
        }
    }

    /** Upstream waits until the client has taken this part. */
    private void send(WriteStream<Buffer> client, Buffer part) {
        upstream.body().pause();
        client.write(part)
                .onComplete(result -> context.runOnContext(back -> {
                    if (result.failed()) {
                        fail(result.cause());
                    } else if (!over) {
                        upstream.body().resume();
                    }
                }));
    }

    private void end(WriteStream<Buffer> client) {
        if (over) {
            return;
        }
        var problem = verification.finish().problem();
        if (problem.isPresent()) {
            fail(new IOException(problem.get()));
            return;
        }
        Buffer rest = Buffer.buffer();
        held.forEach(rest::appendBuffer);
        client.write(rest)
                .onComplete(result -> context.runOnContext(back -> {
                    if (result.failed()) {
                        fail(result.cause());
                    } else {
                        leave();
                        done.tryComplete();
                    }
                }));
    }

    private void fail(Throwable cause) {
        leave();
        done.tryFail(cause);
    }

    @Override
    public void release() {
        context.runOnContext(back -> fail(new IOException("released")));
    }

    private void leave() {
        if (!over) {
            over = true;
            upstream.cancel();
            onLeave.run();
        }
    }
}
