package dev.flotilla.mirror.files;

import dev.flotilla.mirror.files.Arrival.End;
import dev.flotilla.mirror.files.Arrival.Progress;
import dev.flotilla.mirror.files.FileAnswer.Delivery;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.Deferral;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One client that waits until enough of a file is here to be answered, within its patience, on its own context. It counts as
 * a follower meanwhile, so that what it waits for can't leave before it has its answer.
 */
final class Waiter {
    /** The download keeps its place: whoever comes again finds it further on. */
    private static final FileAnswer QUEUED =
            new FileAnswer.Unavailable("too many downloads are waiting before it", Optional.of(Deferral.busy()));

    private final Workshop workshop;
    private final Arrival arrival;
    private final boolean coalesced;
    private final Patience patience;
    private final Promise<FileAnswer> promise = Promise.promise();
    private final Context context;
    private final Runnable wake;
    private Predicate<Progress> enough = Progress::hasBegun;
    private boolean answered;
    private long timer;

    Waiter(Workshop workshop, Arrival arrival, boolean coalesced, Patience patience) {
        this.workshop = workshop;
        this.arrival = arrival;
        this.coalesced = coalesced;
        this.patience = patience;
        this.context = workshop.vertx().getOrCreateContext();
        this.wake = () -> context.runOnContext(woken -> look());
    }

    /** The answer once the file begins to come, or can't. */
    Future<FileAnswer> begun() {
        return run(
                patience.late(),
                new FileAnswer.Unavailable("too many clients follow this download", Optional.of(Deferral.busy())));
    }

    /** The answer once the file has ended, one way or the other; {@code late} if that takes too long. */
    Future<FileAnswer> ended(FileAnswer late) {
        enough = progress -> progress.end() != null;
        return run(late, late);
    }

    private Future<FileAnswer> run(FileAnswer late, FileAnswer tooMany) {
        if (!arrival.follow()) {
            End end = arrival.progress().end();
            return end == null ? Future.succeededFuture(tooMany) : answer(end);
        }
        await(Math.min(patience.leftMillis(), workshop.misses().patience().toMillis()), () -> {
            if (arrival.isQueued()) {
                leave(QUEUED);
            } else {
                await(patience.leftMillis(), () -> leave(late));
            }
        });
        context.runOnContext(start -> look());
        return promise.future();
    }

    private void await(long millis, Runnable then) {
        timer = workshop.vertx()
                .setTimer(
                        millis,
                        fired -> context.runOnContext(back -> {
                            if (!answered) {
                                then.run();
                            }
                        }));
    }

    private void leave(FileAnswer answer) {
        answered = true;
        arrival.forget(wake);
        arrival.leave();
        promise.tryComplete(answer);
    }

    private Future<FileAnswer> answer(End end) {
        return switch (end) {
            case End.Whole(StoredFile file) -> Future.succeededFuture(stored(file));
            case End.Absent absent -> Future.succeededFuture(new FileAnswer.Unknown());
            case End.Failed(String reason, Optional<Deferral> deferral) ->
                Future.succeededFuture(new FileAnswer.Unavailable(reason, deferral));
            case End.Passing(Bypass.Passage passage) -> new Bypass(workshop).open(passage, patience);
        };
    }

    private void look() {
        if (answered) {
            return;
        }
        Progress progress = arrival.progress();
        if (!enough.test(progress)) {
            arrival.await(progress.available(), wake);
            return;
        }
        answered = true;
        workshop.vertx().cancelTimer(timer);
        End end = progress.end();
        if (end == null) {
            promise.tryComplete(new FileAnswer.Growing(new Follower(arrival, coalesced, workshop, patience)));
            return;
        }
        answer(end).onComplete(promise);
        arrival.leave();
    }

    private FileAnswer stored(StoredFile file) {
        return workshop.store()
                .find(file.digest())
                .<FileAnswer>map(held -> new FileAnswer.Stored(held, coalesced ? Delivery.COALESCED : Delivery.MISS))
                .orElse(new FileAnswer.Unavailable("it came and had to leave at once"));
    }
}
