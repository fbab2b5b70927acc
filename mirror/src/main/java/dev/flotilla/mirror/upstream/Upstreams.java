package dev.flotilla.mirror.upstream;

import static java.util.Objects.requireNonNull;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All upstreams in their order of preference. The first one is responsible for what exists: its "there is no such page" is
 * final, and the next one is asked only when it fails. Safe for use from any thread; a future completes on the caller's
 * context where it has one.
 */
public final class Upstreams implements PageSource, FileSource {
    private static final long TRIAL_LOOK_MILLIS = 20;

    private final Vertx vertx;
    private final List<UpstreamIndex> indexes;
    private final List<Warehouse> warehouses;
    private final List<UpstreamIndex> ofFiles;
    private final UpstreamLimits limits;
    private final Map<String, Trust> trusts;
    private final Outbound pages;
    private final Outbound files;

    /**
     * What it works with.
     *
     * @param worker for what takes time: decompressing pages
     * @param registry where what was done about upstreams in trouble is counted
     */
    public record Means(
            Vertx vertx, HostResolver resolver, WorkerExecutor worker, InstantSource clock, MeterRegistry registry) {}

    /**
     * @param indexes at least one
     * @param warehouses where files come from, too, and no pages
     * @param version of the program, as upstreams see it
     * @param self the pseudonym of this node: see {@link Trail#pseudonym}
     */
    public Upstreams(
            Means means,
            List<UpstreamIndex> indexes,
            List<Warehouse> warehouses,
            UpstreamLimits limits,
            String version,
            String self) {
        if (indexes.isEmpty()) {
            throw new IllegalArgumentException("no upstream");
        }
        this.vertx = means.vertx();
        this.indexes = List.copyOf(indexes);
        this.warehouses = List.copyOf(warehouses);
        this.ofFiles = Stream.concat(indexes.stream(), warehouses.stream().map(Warehouse::place))
                .toList();
        this.limits = limits;
        MultiMap identity = HttpHeaders.headers().set(HttpHeaders.USER_AGENT, "flotilla-mirror/" + version);
        var meters = new CareMeters(means.registry());
        var health = new AddressHealth(limits.care(), means.clock(), meters);
        this.trusts = ofFiles.stream()
                .collect(Collectors.toUnmodifiableMap(
                        UpstreamIndex::name, index -> new Trust(index, limits.care(), means.clock(), meters)));
        this.pages = outbound(means, health, identity, self);
        this.files = outbound(means, health, identity, self);
    }

    private Outbound outbound(Means means, AddressHealth health, MultiMap identity, String self) {
        var connections = new Connections(means.vertx(), limits, means.resolver(), health);
        return new Outbound(means.vertx(), connections, limits, means.worker(), means.clock(), identity, self);
    }

    private Trust trust(UpstreamIndex index) {
        return requireNonNull(trusts.get(index.name()));
    }

    @Override
    public Future<PageFetch> page(ProjectName project, Optional<Conditions> conditions, Room room) {
        return fetch(
                index -> index.page(project), conditions, limits.largestPage().bytes(), limits.pageDeadline(), room);
    }

    @Override
    public Future<PageFetch> rootList(Optional<Conditions> conditions, Room room) {
        return fetch(
                UpstreamIndex::index, conditions, limits.largestRootList().bytes(), limits.rootListDeadline(), room);
    }

    @Override
    public Future<PageFetch> provenance(ProvenanceOrigin origin, Optional<Conditions> conditions, Room room) {
        return indexes.stream()
                .filter(index -> index.name().equals(origin.upstream()))
                .findFirst()
                .map(index -> onContext(() -> provenance(index, origin.location(), conditions, room)))
                .orElseGet(() -> Future.succeededFuture(new PageFetch.Failed(
                        "the upstream " + origin.upstream() + ", whose page names it, isn't configured any more")));
    }

    private Future<PageFetch> provenance(
            UpstreamIndex index, URI location, Optional<Conditions> conditions, Room room) {
        if (!index.allows(location)) {
            return Future.succeededFuture(new PageFetch.Failed(
                    "refused to ask " + location + ": its host is none of the configured ones (see file-hosts)"));
        }
        var passage = new Passage(trust(index));
        Optional<Deferral> refusal = passage.enter(HostAndPort.of(location));
        if (refusal.isPresent()) {
            return Future.succeededFuture(refused(index, location, refusal.get()));
        }
        var request = new PageRequest(
                index,
                location,
                validators(conditions, index),
                limits.largestProvenance().bytes(),
                pages,
                trust(index),
                passage,
                Trail.current(),
                room,
                Subject.PROVENANCE);
        return within(limits.pageDeadline(), request, index);
    }

    private static PageFetch.Failed refused(UpstreamIndex index, URI location, Deferral deferral) {
        String reason = Exchange.refusal(location, deferral).reason();
        return new PageFetch.Failed("upstream " + index.name() + ": " + reason, Optional.of(deferral));
    }

    /** What this upstream can be asked with: its own validators alone. */
    private static Optional<Validators> validators(Optional<Conditions> conditions, UpstreamIndex index) {
        return conditions
                .filter(given -> given.upstream().equals(index.name()))
                .map(Conditions::validators)
                .filter(given -> !given.isEmpty());
    }

    private Future<PageFetch> fetch(
            Function<UpstreamIndex, URI> location,
            Optional<Conditions> conditions,
            long largest,
            Duration deadline,
            Room room) {
        long begun = System.nanoTime();
        var search = new Search(
                location,
                conditions,
                largest,
                begun,
                begun + deadline.toNanos(),
                Trail.current(),
                room,
                new ArrayList<>());
        return onContext(() -> fetchFrom(0, search));
    }

    /**
     * One page that is looked for.
     *
     * @param failures of the upstreams that were tried so far
     */
    private record Search(
            Function<UpstreamIndex, URI> location,
            Optional<Conditions> conditions,
            long largest,
            long begunNanos,
            long endNanos,
            Trail trail,
            Room room,
            List<PageFetch.Failed> failures) {
        /** Nobody had it: where nobody was asked, the first who will be is what counts. */
        PageFetch.Failed failed() {
            String reason = failures.stream().map(PageFetch.Failed::reason).collect(Collectors.joining("; "));
            boolean asked =
                    failures.stream().anyMatch(failure -> failure.deferral().isEmpty());
            return new PageFetch.Failed(
                    reason,
                    failures.stream()
                            .flatMap(failure -> failure.deferral().stream())
                            .filter(deferral -> !asked)
                            .min(Comparator.comparing(Deferral::again)));
        }
    }

    /** What comes from a connection is lost where the asking thread is still at attaching who listens. */
    private <T> Future<T> onContext(Supplier<Future<T>> asking) {
        if (Context.isOnEventLoopThread()) {
            return asking.get();
        }
        Promise<T> outcome = Promise.promise();
        vertx.getOrCreateContext().runOnContext(turn -> asking.get().onComplete(outcome));
        return outcome.future();
    }

    private Future<PageFetch> fetchFrom(int at, Search search) {
        UpstreamIndex index = indexes.get(at);
        URI location = search.location().apply(index);
        HostAndPort host = HostAndPort.of(location);
        var passage = new Passage(trust(index));
        Optional<Deferral> refusal = passage.enter(host);
        if (refusal.isPresent()) {
            if (at + 1 == indexes.size()
                    && trust(index).circuit(host).isSoonDecided()
                    && System.nanoTime() - search.begunNanos()
                            < limits.care().trialPatience().toNanos()) {
                Promise<PageFetch> later = Promise.promise();
                vertx.setTimer(TRIAL_LOOK_MILLIS, fired -> fetchFrom(at, search).onComplete(later));
                return later.future();
            }
            return next(at, search, refused(index, location, refusal.get()));
        }
        var request = new PageRequest(
                index,
                location,
                validators(search.conditions(), index),
                search.largest(),
                pages,
                trust(index),
                passage,
                search.trail(),
                search.room(),
                Subject.PAGE);
        // What is left of the time is shared by those that are left, so that one that hangs leaves some for the next.
        long share = (search.endNanos() - System.nanoTime()) / (indexes.size() - at);
        return within(Duration.ofNanos(Math.max(1_000_000, share)), request, index)
                .compose(outcome -> outcome instanceof PageFetch.Failed failed
                        ? next(at, search, failed)
                        : Future.succeededFuture(outcome));
    }

    private Future<PageFetch> next(int at, Search search, PageFetch.Failed failed) {
        search.failures().add(failed);
        return at + 1 < indexes.size() ? fetchFrom(at + 1, search) : Future.succeededFuture(search.failed());
    }

    private Future<PageFetch> within(Duration time, PageRequest request, UpstreamIndex index) {
        Promise<PageFetch> outcome = Promise.promise();
        long timer = vertx.setTimer(Math.max(1, time.toMillis()), fired -> {
            outcome.tryComplete(
                    new PageFetch.Failed("upstream " + index.name() + ": " + request.reasonOfGivingUp(time)));
            request.giveUp();
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
    public Future<FileFetch> open(URI location, Attempt attempt) {
        return warehouse(location)
                .map(warehouse -> open(location, attempt, warehouse.place(), warehouse.signatures()))
                .or(() -> index(location).map(index -> open(location, attempt, index, Signatures.NONE)))
                .orElseGet(() -> Future.succeededFuture(new FileFetch.Failed(
                        "refused to ask " + location + ": its host is none of the configured ones (see file-hosts)",
                        false)));
    }

    private Optional<Warehouse> warehouse(URI location) {
        return warehouses.stream().filter(place -> place.has(location)).findFirst();
    }

    private Optional<UpstreamIndex> index(URI location) {
        return ofFiles.stream().filter(index -> index.allows(location)).findFirst();
    }

    @Override
    public String upstreamOf(URI location) {
        return warehouse(location)
                .map(Warehouse::place)
                .or(() -> index(location))
                .map(UpstreamIndex::name)
                .orElse("");
    }

    private Future<FileFetch> open(URI location, Attempt attempt, UpstreamIndex index, Signatures signing) {
        return onContext(() -> new FileRequest(files, trust(index), index, attempt, signing).open(location));
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
        return Future.join(pages.connections().close(), files.connections().close())
                .mapEmpty();
    }
}
