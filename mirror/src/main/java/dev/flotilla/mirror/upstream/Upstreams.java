package dev.flotilla.mirror.upstream;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * All upstreams in their order of preference. The first one is responsible for what exists: its "there is no such page" is
 * final, and the next one is asked only when it fails. Safe for use from any thread; a future completes on the caller's
 * context where it has one.
 */
public final class Upstreams implements PageSource, FileSource {
    private final Vertx vertx;
    private final List<UpstreamIndex> indexes;
    private final UpstreamLimits limits;
    private final WorkerExecutor worker;
    private final MultiMap identity;
    private final Connections pages;
    private final Connections files;

    /**
     * @param indexes at least one
     * @param worker for what takes time: decompressing pages
     * @param version of the program, as upstreams see it
     */
    public Upstreams(
            Vertx vertx,
            List<UpstreamIndex> indexes,
            UpstreamLimits limits,
            HostResolver resolver,
            WorkerExecutor worker,
            String version) {
        if (indexes.isEmpty()) {
            throw new IllegalArgumentException("no upstream");
        }
        this.vertx = vertx;
        this.indexes = List.copyOf(indexes);
        this.limits = limits;
        this.worker = worker;
        this.identity = HttpHeaders.headers()
                .set(HttpHeaders.USER_AGENT, "flotilla-mirror/" + version)
                .set("CDN-Loop", "flotilla"); // RFC 8586: whoever sees it knows that a mirror asked, and ends a circle.
        this.pages = new Connections(vertx, limits, resolver);
        this.files = new Connections(vertx, limits, resolver);
    }

    @Override
    public Future<PageFetch> page(ProjectName project, Optional<Conditions> conditions) {
        return fetch(
                index -> index.page(project), conditions, limits.largestPage().bytes(), limits.pageDeadline());
    }

    @Override
    public Future<PageFetch> rootList(Optional<Conditions> conditions) {
        return fetch(UpstreamIndex::index, conditions, limits.largestRootList().bytes(), limits.rootListDeadline());
    }

    private Future<PageFetch> fetch(
            Function<UpstreamIndex, URI> location, Optional<Conditions> conditions, long largest, Duration deadline) {
        long endNanos = System.nanoTime() + deadline.toNanos();
        return fetchFrom(0, location, conditions, largest, endNanos, new ArrayList<>());
    }

    private Future<PageFetch> fetchFrom(
            int at,
            Function<UpstreamIndex, URI> location,
            Optional<Conditions> conditions,
            long largest,
            long endNanos,
            List<String> reasons) {
        UpstreamIndex index = indexes.get(at);
        Optional<Validators> validators = conditions
                .filter(given -> given.upstream().equals(index.name()))
                .map(Conditions::validators)
                .filter(given -> !given.isEmpty());
        var request = new PageRequest(
                index, location.apply(index), validators, largest, pages, limits, vertx, worker, identity);
        // What is left of the time is shared by those that are left, so that one that hangs leaves some for the next.
        long share = (endNanos - System.nanoTime()) / (indexes.size() - at);
        return within(Duration.ofNanos(Math.max(1_000_000, share)), request, index)
                .compose(outcome -> {
                    if (!(outcome instanceof PageFetch.Failed failed)) {
                        return Future.succeededFuture(outcome);
                    }
                    reasons.add(failed.reason());
                    return at + 1 < indexes.size()
                            ? fetchFrom(at + 1, location, conditions, largest, endNanos, reasons)
                            : Future.succeededFuture(new PageFetch.Failed(String.join("; ", reasons)));
                });
    }

    private Future<PageFetch> within(Duration time, PageRequest request, UpstreamIndex index) {
        Promise<PageFetch> outcome = Promise.promise();
        long timer = vertx.setTimer(Math.max(1, time.toMillis()), fired -> {
            outcome.tryComplete(new PageFetch.Failed(
                    "upstream " + index.name() + ": no whole answer within " + time.toMillis() + " ms"));
            request.cancel();
        });
        request.run().onComplete(result -> {
            vertx.cancelTimer(timer);
            if (result.succeeded()) {
                outcome.tryComplete(result.result());
            } else {
                outcome.tryFail(result.cause());
            }
        });
        return outcome.future();
    }

    @Override
    public Future<FileFetch> open(URI location, int attempt, Optional<Resumption> resumption) {
        for (UpstreamIndex index : indexes) {
            if (index.allows(location)) {
                return new FileRequest(vertx, files, limits, identity).open(index, location, attempt, resumption);
            }
        }
        return Future.succeededFuture(new FileFetch.Failed(
                "refused to ask " + location + ": its host is none of the configured ones (see file-hosts)", false));
    }

    @Override
    public List<URI> locationsOf(FilePath path) {
        return path instanceof FilePath.ByBlake2b
                ? indexes.stream()
                        .flatMap(index -> index.files().stream())
                        .map(base -> base.resolve("packages/" + path.path()))
                        .toList()
                : List.of();
    }

    /** Closes every connection. */
    public Future<Void> close() {
        return Future.join(pages.close(), files.close()).mapEmpty();
    }
}
