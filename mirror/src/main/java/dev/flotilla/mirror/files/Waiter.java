package dev.flotilla.mirror.files;

import dev.flotilla.mirror.files.Arrival.End;
import dev.flotilla.mirror.files.Arrival.Progress;
import dev.flotilla.mirror.files.FileAnswer.Delivery;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.StoredFile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * One client that waits until enough of a file is here to be answered, for a bounded time, on its own context. It counts as
 * a follower meanwhile, so that what it waits for can't leave before it has its answer.
 */
final class Waiter {
    private final Workshop workshop;
    private final Arrival arrival;
    private final Predicate<Progress> enough;
    private final boolean coalesced;
    private final BiFunction<URI, Expected, Future<FileAnswer>> past;
    private final Expected expected;
    private final Promise<FileAnswer> promise = Promise.promise();
    private final Context context;
    private boolean answered;
    private long timer;

    /** @param past gets the file past the store, where that can't take it */
    Waiter(
            Workshop workshop,
            Arrival arrival,
            Predicate<Progress> enough,
            boolean coalesced,
            BiFunction<URI, Expected, Future<FileAnswer>> past,
            Expected expected) {
        this.workshop = workshop;
        this.arrival = arrival;
        this.enough = enough;
        this.coalesced = coalesced;
        this.past = past;
        this.expected = expected;
        this.context = workshop.vertx().getOrCreateContext();
    }

    Future<FileAnswer> run() {
        if (!arrival.follow()) {
            return late();
        }
        long millis = workshop.limits().openDeadline().toMillis();
        timer = workshop.vertx()
                .setTimer(
                        millis,
                        fired -> context.runOnContext(back -> {
                            if (!answered) {
                                answered = true;
                                arrival.leave();
                                promise.tryComplete(new FileAnswer.Unavailable(
                                        "it did not begin to come within " + millis + " ms"));
                            }
                        }));
        context.runOnContext(start -> look());
        return promise.future();
    }

    /** It is over and nothing is held for those who waited, or there are too many of them. */
    private Future<FileAnswer> late() {
        return switch (arrival.progress().end()) {
            case null -> Future.succeededFuture(new FileAnswer.Unavailable("too many clients follow this download"));
            case End.Whole(StoredFile file) -> Future.succeededFuture(stored(file));
            case End.Absent absent -> Future.succeededFuture(new FileAnswer.Unknown());
            case End.Failed(String reason) -> Future.succeededFuture(new FileAnswer.Unavailable(reason));
            case End.Passing(URI location) -> past.apply(location, expected);
        };
    }

    private void look() {
        if (answered) {
            return;
        }
        Progress progress = arrival.progress();
        if (!enough.test(progress)) {
            arrival.await(progress.available(), () -> context.runOnContext(woken -> look()));
            return;
        }
        answered = true;
        workshop.vertx().cancelTimer(timer);
        if (progress.end() == null) {
            promise.tryComplete(new FileAnswer.Growing(new Follower(
                    arrival,
                    coalesced,
                    workshop.vertx(),
                    workshop.shortWork(),
                    Math.toIntExact(workshop.limits().chunk().bytes()),
                    workshop.meters())));
            return;
        }
        late().onComplete(promise);
        arrival.leave();
    }

    private FileAnswer stored(StoredFile file) {
        return workshop.store()
                .find(file.digest())
                .<FileAnswer>map(held -> new FileAnswer.Stored(held, coalesced ? Delivery.COALESCED : Delivery.MISS))
                .orElse(new FileAnswer.Unavailable("it came and had to leave at once"));
    }
}
