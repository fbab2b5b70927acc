package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.FileFetch;
import dev.flotilla.mirror.upstream.Turns;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;

/**
 * What is on its way at this moment, by path: whoever asks for it while it is on its way gets the same arrival. Every client
 * waits with a promise of its own, on its own context. Safe for use from any thread.
 */
final class Arrivals {
    private final Workshop workshop;
    private final ConcurrentMap<FilePath, Coming> coming = new ConcurrentHashMap<>();

    /** An arrival and what is needed to get the same file past the store. */
    private record Coming(Arrival arrival, Expected expected) {}

    Arrivals(Workshop workshop) {
        this.workshop = workshop;
    }

    /** The answer for one more client, if the file is on its way. */
    Optional<Future<FileAnswer>> join(FilePath path) {
        return Optional.ofNullable(coming.get(path)).map(found -> answer(found, true));
    }

    /** The answer for the client that asks for this order, which is given unless the file is on its way or here. */
    Future<FileAnswer> fetch(Fetch.Order order) {
        Coming fresh = coming(order.path(), order.expected());
        Coming found = coming.putIfAbsent(order.path(), fresh);
        if (found != null) {
            return answer(found, true);
        }
        Future<FileAnswer> answer = answer(fresh, false);
        begin(order, fresh.arrival());
        return answer;
    }

    private void begin(Fetch.Order order, Arrival arrival) {
        // It may have come since the caller looked, or be here under another path.
        Optional<StoredFile> stored = workshop.store().find(order.path());
        if (stored.isPresent()) {
            arrival.end(new Arrival.End.Whole(stored.get()));
            return;
        }
        Optional<StoredFile> known = order.expected().sha256().flatMap(workshop.store()::find);
        if (known.isPresent()) {
            adopt(order, known.get(), arrival);
            return;
        }
        new Fetch(order, arrival, workshop, workshop.newContext()).run();
    }

    /** A file that is here already: before its path is believed, everything that is expected of it has to be right. */
    private void adopt(Fetch.Order order, StoredFile file, Arrival arrival) {
        workshop.longWork()
                .executeBlocking(
                        () -> {
                            var finding = workshop.store().verify(file, order.expected());
                            if (finding.problem().isEmpty()) {
                                workshop.learn(order.path(), file);
                            }
                            return finding;
                        },
                        false)
                .onComplete(result -> {
                    if (result.failed()) {
                        file.release();
                        arrival.end(new Arrival.End.Failed("the stored file can't be read: "
                                + result.cause().getMessage()));
                    } else if (result.result().problem().isPresent()) {
                        file.release();
                        arrival.end(new Arrival.End.Failed("the file with that digest is another one: "
                                + result.result().problem().get()));
                    } else {
                        arrival.end(new Arrival.End.Whole(file));
                    }
                });
    }

    /** The answer once the file is whole, if it is on its way or here. */
    Future<FileAnswer> whole(FilePath path) {
        Coming found = coming.get(path);
        if (found == null) {
            return Future.succeededFuture(workshop.store()
                    .find(path)
                    .<FileAnswer>map(FileAnswer.Stored::new)
                    .orElse(new FileAnswer.Unavailable("it was on its way and didn't come")));
        }
        return when(found, progress -> progress.end() != null, true);
    }

    /** The metadata from within {@code wheel}, which is released. */
    Future<FileAnswer> extract(FilePath path, StoredFile wheel, Optional<Sha256> digest) {
        var expected = new Expected(OptionalLong.empty(), Optional.of(wheel.digest()), Optional.empty());
        Coming fresh = coming(path, expected);
        Coming found = coming.putIfAbsent(path, fresh);
        if (found != null) {
            wheel.release();
            return answer(found, true);
        }
        Future<FileAnswer> answer = answer(fresh, false);
        long largest = workshop.limits().largestMetadata().bytes();
        workshop.longWork()
                .executeBlocking(() -> new WheelMetadata(workshop.store(), largest).extract(path, wheel, digest), false)
                .onComplete(result -> {
                    wheel.release();
                    fresh.arrival()
                            .end(
                                    result.succeeded()
                                            ? result.result()
                                            : new Arrival.End.Failed("the wheel can't be read: "
                                                    + result.cause().getMessage()));
                });
        return answer;
    }

    private Coming coming(FilePath path, Expected expected) {
        var arrival = new Arrival(workshop.limits().followers(), workshop::close, ended -> {
            Coming ours = coming.get(path);
            if (ours != null && ours.arrival() == ended) {
                coming.remove(path, ours);
            }
        });
        return new Coming(arrival, expected);
    }

    private Future<FileAnswer> answer(Coming found, boolean coalesced) {
        return when(found, Arrival.Progress::hasBegun, coalesced);
    }

    private Future<FileAnswer> when(Coming found, Predicate<Arrival.Progress> enough, boolean coalesced) {
        return new Waiter(workshop, found.arrival(), enough, coalesced, this::pass, found.expected()).run();
    }

    /** Each client that goes past the store has a download of its own, which counts as one. */
    private Future<FileAnswer> pass(URI location, Expected expected) {
        Context context = workshop.vertx().getOrCreateContext();
        Promise<FileAnswer> promise = Promise.promise();
        boolean queued = workshop.turns()
                .request(() -> context.runOnContext(turn -> workshop.source()
                        .open(location, 0, Optional.empty())
                        .onComplete(result -> context.runOnContext(back -> {
                            FileFetch fetch = result.succeeded()
                                    ? result.result()
                                    : new FileFetch.Failed(
                                            String.valueOf(result.cause().getMessage()), false);
                            promise.tryComplete(passed(fetch, expected, context));
                        }))));
        if (!queued) {
            promise.tryComplete(new FileAnswer.Unavailable("too many downloads are waiting"));
        }
        return promise.future();
    }

    private FileAnswer passed(FileFetch fetch, Expected expected, Context context) {
        Turns turns = workshop.turns();
        return switch (fetch) {
            case FileFetch.Opened opened ->
                new FileAnswer.Growing(new PassingFile(
                        opened,
                        context,
                        expected,
                        workshop.limits().holdBack().bytes(),
                        workshop.vertx(),
                        turns::done));
            case FileFetch.Absent absent -> {
                turns.done();
                yield new FileAnswer.Unknown();
            }
            case FileFetch.Failed(String reason, boolean worthRetrying) -> {
                turns.done();
                yield new FileAnswer.Unavailable(reason);
            }
        };
    }
}
