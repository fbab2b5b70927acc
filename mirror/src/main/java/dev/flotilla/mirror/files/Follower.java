package dev.flotilla.mirror.files;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
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
    private final Arrival arrival;
    private final OptionalLong size;
    private final boolean coalesced;
    private final Workshop workshop;
    private final Patience patience;
    private final Promise<Void> done = Promise.promise();
    private boolean started;
    private @Nullable Runnable wake;
    private volatile boolean left;

    private long position;

    /** What goes past the store of a file that the store couldn't take to its end. */
    private @Nullable GrowingFile rest;

    /** The arrival counts it as a follower already. */
    Follower(Arrival arrival, boolean coalesced, Workshop workshop, Patience patience) {
        this.arrival = arrival;
        this.size = arrival.progress().size();
        this.coalesced = coalesced;
        this.workshop = workshop;
        this.patience = patience;
        workshop.meters().followerCame();
        workshop.portions().came();
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
                    if (!(answer instanceof FileAnswer.Growing(GrowingFile file) && file.equals(this))) {
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
            int length = (int) Math.min(workshop.portions().size(), progress.available() - position);
            workshop.portions()
                    .pass(own, arrival.intake()::read, position, length, client, () -> left)
                    .onComplete(passed -> {
                        if (passed.succeeded()) {
                            position += length;
                            step(own, client);
                        } else {
                            fail(passed.cause());
                        }
                    });
            return;
        }
        switch (progress.end()) {
            case null -> waitForMore();
            case Arrival.End.Whole whole -> finish();
            case Arrival.End.Failed(String reason, var deferral) -> fail(new IOException(reason));
            case Arrival.End.Absent absent -> fail(new IOException("the file is gone"));
            case Arrival.End.Passing(Bypass.Passage passage) -> goOn(own, client, passage);
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

    /** What it has stays readable until it leaves. */
    private void goOn(Context own, WriteStream<Buffer> client, Bypass.Passage passage) {
        var sent = new Bypass.Sent(position, arrival.intake()::read);
        new Bypass(workshop)
                .open(
                        passage,
                        sent,
                        Patience.of(workshop.vertx(), workshop.limits().openDeadline()))
                .onComplete(result -> Workshop.on(own, () -> {
                    if (result.succeeded() && result.result() instanceof FileAnswer.Growing(GrowingFile file)) {
                        goOn(own, client, file);
                    } else {
                        fail(new IOException("the store failed while the file came, and upstream doesn't have it now"));
                    }
                }));
    }

    private void goOn(Context own, WriteStream<Buffer> client, GrowingFile file) {
        synchronized (this) {
            rest = left ? null : file;
        }
        if (left) {
            file.release();
        } else if (size.isPresent() && !size.equals(file.size())) {
            fail(new IOException("upstream has another size than before: " + file.size()));
        } else {
            file.streamTo(client)
                    .onComplete(streamed -> Workshop.on(own, () -> {
                        if (streamed.succeeded()) {
                            finish();
                        } else {
                            fail(streamed.cause());
                        }
                    }));
        }
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
        GrowingFile passing;
        synchronized (this) {
            if (left) {
                return;
            }
            left = true;
            asleep = wake;
            passing = rest;
        }
        if (passing != null) {
            passing.release();
        }
        workshop.meters().followerLeft();
        workshop.portions().left();
        if (asleep != null) {
            arrival.forget(asleep);
        }
        arrival.leave();
    }
}
