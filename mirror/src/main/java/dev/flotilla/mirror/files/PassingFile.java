package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.Verification;
import dev.flotilla.mirror.upstream.FileFetch;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A file that goes from upstream to one client past the store, which can't take it. Upstream goes as fast as the client; the
 * last block waits here until all of the file is verified. What the client has of it already is only compared.
 */
final class PassingFile implements GrowingFile {
    private final String tag = Arrival.TAG + UUID.randomUUID();
    private final FileFetch.Opened upstream;
    private final Context context;
    private final Bypass.Sent sent;
    private final Verification verification;
    private final OptionalLong size;
    private final long most;
    private final Workshop workshop;
    private final Runnable onLeave;
    private final Promise<Void> done = Promise.promise();
    private final Deque<Buffer> held = new ArrayDeque<>();
    private final long deadline;
    private long heldBytes;
    private long received;
    private boolean started;
    private boolean over;

    /** @param context the one on which {@code upstream} was opened, and the caller's */
    PassingFile(
            FileFetch.Opened upstream,
            Context context,
            Bypass.Passage passage,
            Bypass.Sent sent,
            Workshop workshop,
            Runnable onLeave) {
        this.upstream = upstream;
        this.context = context;
        this.sent = sent;
        Expected expected = passage.expected();
        this.size = expected.size().isPresent() ? expected.size() : upstream.size();
        this.most = size.orElse(passage.largest());
        this.verification = new Verification(new Expected(size, expected.sha256(), expected.blake2b()));
        this.workshop = workshop;
        this.onLeave = onLeave;
        var limit = workshop.limits().downloadDeadline();
        this.deadline = workshop.vertx()
                .setTimer(
                        limit.toMillis(),
                        fired -> context.runOnContext(
                                back -> fail(new IOException("the download took longer than " + limit))));
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
    public Future<FileAnswer> settled() {
        return Future.succeededFuture(new FileAnswer.Growing(this));
    }

    @Override
    public Future<Void> streamTo(WriteStream<Buffer> client) {
        Context caller = workshop.vertx().getOrCreateContext();
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
        if (over) {
            return;
        }
        upstream.body().exceptionHandler(this::fail);
        upstream.body().endHandler(end -> end(client));
        upstream.body().handler(bytes -> take(client, bytes));
        upstream.body().resume();
    }

    /** Upstream waits until this part is digested and the client has taken what is due. */
    private void take(WriteStream<Buffer> client, Buffer bytes) {
        if (over) {
            return;
        }
        long at = received;
        received += bytes.length();
        if (received > most) {
            if (size.isPresent()) {
                upstream.accuse();
            }
            fail(new IOException("it has more bytes than the " + most + " that it can have"));
            return;
        }
        upstream.body().pause();
        byte[] raw = bytes.getBytes();
        digest(raw, at)
                .onComplete(digested -> context.runOnContext(back -> {
                    if (digested.failed()) {
                        fail(digested.cause());
                    } else if (!over) {
                        hold(bytes, at);
                        send(client, due());
                    }
                }));
    }

    private Future<Void> digest(byte[] bytes, long at) {
        return workshop.shortWork()
                .executeBlocking(
                        () -> {
                            compare(bytes, at);
                            verification.update(bytes, 0, bytes.length);
                            return true;
                        },
                        false)
                .mapEmpty();
    }

    /** The client's part isn't verified, and what is joined to it has to be of the same file. */
    private void compare(byte[] bytes, long at) throws IOException {
        int length = among(bytes.length, at);
        if (length == 0) {
            return;
        }
        var before = new byte[length];
        sent.source().read(ByteBuffer.wrap(before), at);
        if (!Arrays.equals(before, 0, length, bytes, 0, length)) {
            throw new IOException("upstream has another file than the one that began to come");
        }
    }

    /** How many of the bytes from {@code at} on the client has already. */
    private int among(int length, long at) {
        return Math.clamp(sent.length() - at, 0, length);
    }

    private void hold(Buffer bytes, long at) {
        Buffer fresh = bytes.slice(among(bytes.length(), at), bytes.length());
        if (fresh.length() > 0) {
            held.add(fresh);
            heldBytes += fresh.length();
        }
    }

    private List<Buffer> due() {
        var due = new ArrayList<Buffer>();
        long holdBack = workshop.limits().holdBack().bytes();
        while (!held.isEmpty() && heldBytes - held.element().length() >= holdBack) {
            Buffer next = held.remove();
            heldBytes -= next.length();
            due.add(next);
        }
        return due;
    }

    private void send(WriteStream<Buffer> client, List<Buffer> parts) {
        Future<Void> written = Future.succeededFuture();
        for (Buffer part : parts) {
            written = written.compose(before -> client.write(part));
        }
        written.onComplete(result -> context.runOnContext(back -> {
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
            upstream.accuse();
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
            workshop.vertx().cancelTimer(deadline);
            upstream.cancel();
            onLeave.run();
        }
    }
}
