package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.store.Verification;
import dev.flotilla.mirror.upstream.ClientNetwork;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What is on its way at this moment, by path and, where it is known beforehand, by digest: whoever asks for it while it is on
 * its way gets the same arrival, by whatever path. Every client waits with a promise of its own, on its own context. Safe for
 * use from any thread.
 */
final class Arrivals {
    private final Workshop workshop;
    private final Trail trail;
    private final ConcurrentMap<FilePath, Arrival> byPath = new ConcurrentHashMap<>();
    private final ConcurrentMap<Sha256, Fetch> byDigest = new ConcurrentHashMap<>();

    /** @param trail of all who ask here: {@link Trail} says why others don't share their downloads */
    Arrivals(Workshop workshop, Trail trail) {
        this.workshop = workshop;
        this.trail = trail;
    }

    /** The answer for one more client, if the file is on its way. */
    Optional<Future<FileAnswer>> join(FilePath path, Patience patience) {
        return Optional.ofNullable(byPath.get(path)).map(found -> answer(found, true, patience));
    }

    /** The answer for the client that asks for this order, which is given unless the file is on its way or here. */
    Future<FileAnswer> fetch(Fetch.Order order, Patience patience) {
        Optional<Future<FileAnswer>> shared = sameElsewhere(order).map(same -> answer(same, true, patience));
        if (shared.isPresent()) {
            return shared.get();
        }
        Optional<Misses.Miss> miss = workshop.misses().begin(ClientNetwork.current());
        if (miss.isEmpty()) {
            return join(order.path(), patience)
                    .orElseGet(() -> Future.succeededFuture(new FileAnswer.Unavailable(
                            workshop.misses().refusal(), Optional.of(Deferral.networkLimit()))));
        }
        Arrival fresh = arrival(order.path(), order.expected().sha256(), miss.get());
        Arrival found = byPath.putIfAbsent(order.path(), fresh);
        if (found != null) {
            miss.get().end();
            return answer(found, true, patience);
        }
        Future<FileAnswer> answer = answer(fresh, false, patience);
        begin(order, fresh);
        return answer;
    }

    /** How a file comes, or has come, that nobody has asked for; completes on any thread. Whoever asks meanwhile gets the same arrival. */
    Future<Arrival.End> ahead(Fetch.Order order) {
        Arrival arrival = sameElsewhere(order).orElseGet(() -> begun(order));
        Promise<Arrival.End> promise = Promise.promise();
        new Successor(
                        arrival,
                        () -> promise.complete(
                                Objects.requireNonNull(arrival.progress().end())))
                .run();
        return promise.future();
    }

    private Arrival begun(Fetch.Order order) {
        Misses.Miss miss = workshop.misses().begin(Optional.empty()).orElseThrow();
        Arrival fresh = arrival(order.path(), order.expected().sha256(), miss);
        Arrival found = byPath.putIfAbsent(order.path(), fresh);
        if (found != null) {
            miss.end();
            return found;
        }
        begin(order, fresh);
        return fresh;
    }

    /** The same file on its way by another path, if it is verified for all that this order expects, too. */
    private Optional<Arrival> sameElsewhere(Fetch.Order order) {
        Optional<Arrival> same = order.expected()
                .sha256()
                .map(byDigest::get)
                .filter(fetch -> fetch.proves(order.expected()))
                .map(Fetch::arrival);
        if (same.isEmpty()) {
            return same;
        }
        Arrival found = byPath.putIfAbsent(order.path(), same.get());
        if (found != null) {
            return Optional.of(found);
        }
        if (!same.get().alsoAt(order.path())) {
            byPath.remove(order.path(), same.get()); // It has just ended and didn't know of this path.
            return Optional.empty();
        }
        return same;
    }

    private void begin(Fetch.Order order, Arrival arrival) {
        // It may have come since the caller looked, or be here under another path.
        Optional<StoredFile> stored = workshop.store().find(order.path());
        if (stored.isPresent()) {
            arrival.end(new Arrival.End.Whole(stored.get()));
            return;
        }
        Optional<Sha256> digest = order.expected().sha256();
        if (digest.isEmpty()) {
            download(order, arrival);
            return;
        }
        workshop.seek(digest.get()).onSuccess(known -> {
            if (known.isPresent()) {
                adopt(order, known.get(), arrival);
            } else {
                download(order, arrival);
            }
        });
    }

    private void download(Fetch.Order order, Arrival arrival) {
        Optional<Sha256> digest = order.expected().sha256();
        var fetch = new Fetch(order, arrival, workshop, workshop.newContext(trail));
        Fetch other = digest.isPresent() ? byDigest.putIfAbsent(digest.get(), fetch) : null;
        if (other == null) {
            fetch.run();
        } else {
            new Successor(other.arrival(), () -> begin(order, arrival)).run();
        }
    }

    /** Waits until an arrival is over: the same bytes aren't fetched twice, though more has to be right of them here. */
    private record Successor(Arrival before, Runnable next) implements Runnable {
        @Override
        public void run() {
            Arrival.Progress progress = before.progress();
            if (progress.end() == null) {
                before.await(progress.available(), this);
            } else {
                next.run();
            }
        }
    }

    /** A file that is here already: before its path is believed, everything that is expected of it has to be right. */
    private void adopt(Fetch.Order order, StoredFile file, Arrival arrival) {
        workshop.longWork()
                .executeBlocking(
                        () -> {
                            var finding = workshop.store().verify(file, order.expected());
                            if (finding.problem().isEmpty()) {
                                workshop.learn(order.path(), file);
                            } else if (!finding.digest().equals(file.digest())) {
                                file.reportUnreadable();
                            }
                            return finding;
                        },
                        false)
                .onComplete(result -> {
                    if (result.failed()) {
                        workshop.drop(file).onComplete(dropped -> download(order, arrival));
                    } else {
                        adopted(order, file, arrival, result.result());
                    }
                });
    }

    private void adopted(Fetch.Order order, StoredFile file, Arrival arrival, Verification.Finding finding) {
        if (finding.problem().isEmpty()) {
            arrival.end(new Arrival.End.Whole(file));
            return;
        }
        file.release();
        if (finding.digest().equals(file.digest())) {
            arrival.end(new Arrival.End.Failed("the file with that digest is another one: "
                    + finding.problem().get()));
        } else {
            download(order, arrival); // The disk has spoilt it.
        }
    }

    /** The answer once the file is whole, if it is on its way or here. */
    Future<FileAnswer> whole(FilePath path, Patience patience) {
        Arrival found = byPath.get(path);
        if (found == null) {
            return Future.succeededFuture(workshop.store()
                    .find(path)
                    .<FileAnswer>map(FileAnswer.Stored::new)
                    .orElse(new FileAnswer.Unavailable("it was on its way and didn't come")));
        }
        return new Waiter(workshop, found, true, patience).ended(patience.late());
    }

    /** The metadata from within {@code wheel}, which is released. */
    Future<FileAnswer> extract(FilePath path, StoredFile wheel, Optional<Sha256> digest, Patience patience) {
        Arrival fresh = arrival(path, Optional.empty(), () -> {});
        Arrival found = byPath.putIfAbsent(path, fresh);
        if (found != null) {
            wheel.release();
            return answer(found, true, patience);
        }
        Future<FileAnswer> answer = answer(fresh, false, patience);
        long largest = workshop.limits().largestMetadata().bytes();
        workshop.longWork()
                .executeBlocking(
                        () -> {
                            try {
                                return new WheelMetadata(workshop.store(), largest).extract(path, wheel, digest);
                            } catch (FileNotFoundException | NoSuchFileException gone) {
                                wheel.reportUnreadable();
                                throw gone;
                            }
                        },
                        false)
                .onComplete(result -> {
                    wheel.release();
                    fresh.end(
                            result.succeeded()
                                    ? result.result()
                                    : new Arrival.End.Failed("the wheel can't be read: "
                                            + result.cause().getMessage()));
                });
        return answer;
    }

    private Arrival arrival(FilePath path, Optional<Sha256> digest, Misses.Miss miss) {
        return new Arrival(path, workshop.limits().followers(), workshop::close, ended -> {
            miss.end();
            ended.paths().forEach(known -> byPath.remove(known, ended));
            digest.ifPresent(known ->
                    byDigest.computeIfPresent(known, (same, fetch) -> fetch.arrival() == ended ? null : fetch));
        });
    }

    private Future<FileAnswer> answer(Arrival found, boolean coalesced, Patience patience) {
        return new Waiter(workshop, found, coalesced, patience).begun();
    }
}
