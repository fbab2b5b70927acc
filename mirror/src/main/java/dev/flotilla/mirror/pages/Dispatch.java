package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.upstream.ClientNetwork;
import dev.flotilla.mirror.upstream.Conditions;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.PageFetch;
import dev.flotilla.mirror.upstream.PageSource;
import dev.flotilla.mirror.upstream.Room;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.mirror.upstream.Turns;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fetches of pages under way: one per page at a time, each on a context of its own and not on that of whoever asked
 * first. For any thread.
 */
final class Dispatch {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final Keeping.Arrival.Unusable STOPPING =
            new Keeping.Arrival.Unusable(FetchOutcome.FAILED, "the mirror is stopping");
    private static final String CIRCLE =
            "the request has been here before: mirrors ask each other in a circle, or two have the same region and node";
    /** Vert.x numbers its own from 0. */
    private static final long NO_TIMER = -1;

    private static final String FAULT = "this mirror met a fault of its own; its log says which";

    private final Vertx vertx;
    private final PageSettings settings;
    private final InstantSource clock;
    private final Freshness freshness;
    private final Keeping keeping;
    private final Remainders remainders;
    private final KnownProjects projects;
    private final PurgeFence fence;
    private final PageSource source;
    private final WorkerExecutor workers;
    private final Turns turns;
    private final Misses misses;
    private final Duration deadline;
    private final AtomicInteger recalls = new AtomicInteger();
    private final ArrivingPages arriving;
    private final Setbacks setbacks;
    private final ConcurrentMap<Leg, Flight> flights = new ConcurrentHashMap<>();
    private final Map<FetchOutcome, LongAdder> counts = new EnumMap<>(FetchOutcome.class);
    private volatile boolean closing;

    /** What is fetched, and for whom: {@link Trail} says why requests of other mirrors don't share fetches. */
    private record Leg(PageKey key, Set<String> mirrors, boolean circular) {
        Leg(PageKey key, Trail trail) {
            this(key, trail.mirrors(), trail.circular());
        }
    }

    Dispatch(
            Vertx vertx,
            PageSettings settings,
            InstantSource clock,
            Keeping keeping,
            Remainders remainders,
            KnownProjects projects,
            Setbacks setbacks,
            PurgeFence fence,
            PageSource source,
            WorkerExecutor workers,
            Misses misses,
            Duration deadline) {
        this.vertx = vertx;
        this.settings = settings;
        this.clock = clock;
        this.keeping = keeping;
        this.remainders = remainders;
        this.projects = projects;
        this.setbacks = setbacks;
        this.fence = fence;
        this.source = source;
        this.workers = workers;
        this.misses = misses;
        this.deadline = deadline;
        freshness = new Freshness(settings);
        turns = new Turns(settings.concurrentFetches(), settings.waitingFetches());
        arriving = new ArrivingPages(settings.arrivalMemory());
        for (var outcome : FetchOutcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    /** Whether to wait for a fetch of {@code key} would probably lead to nothing but having waited. */
    boolean isWaitingVain(PageKey key, Instant now) {
        var flight = flights.get(new Leg(key, Trail.current()));
        return (flight != null && flight.isImpatient())
                || setbacks.isUpstreamTroubled(now)
                || setbacks.now(key, now).isPresent();
    }

    /** Waits for the fetch of {@code key}, which begins unless it is under way; empty where it has just ended. */
    Optional<Future<PageAnswer>> join(PageKey key, Variant variant, ContextInternal context) {
        return join(key, variant, context, false, () -> true);
    }

    /**
     * The same, but a fetch that begins now asks upstream even if the page is fresh, and begins only if it is {@code granted}:
     * that is asked by one of a crowd, and the others wait for the same fetch. Empty also where it isn't granted.
     */
    Optional<Future<PageAnswer>> renew(PageKey key, Variant variant, ContextInternal context, BooleanSupplier granted) {
        return join(key, variant, context, true, granted);
    }

    private Optional<Future<PageAnswer>> join(
            PageKey key, Variant variant, ContextInternal context, boolean renewal, BooleanSupplier granted) {
        var trail = Trail.of(context);
        var leg = new Leg(key, trail);
        var fresh = new Flight(renewal, fence.now(), trail, ClientNetwork.of(context));
        var flight = flights.computeIfAbsent(leg, absent -> granted.getAsBoolean() ? fresh : null);
        if (flight == null) {
            return Optional.empty();
        }
        return switch (flight.join(context, variant, settings.waitersPerFetch())) {
            case Flight.Boarding.Joined(Flight.Waiter waiter) -> {
                if (flight == fresh) {
                    depart(key, flight);
                }
                yield Optional.of(waiter.promise().future());
            }
            case Flight.Boarding.Full ignored -> Optional.of(context.succeededFuture(new PageAnswer.Overloaded()));
            case Flight.Boarding.Over ignored -> {
                flights.remove(leg, flight);
                yield Optional.empty();
            }
        };
    }

    /** Begins to renew {@code key} in the background, unless that is under way. */
    void launch(PageKey key) {
        var trail = Trail.current();
        var leg = new Leg(key, trail);
        if (!trail.circular() && !flights.containsKey(leg)) {
            var flight = new Flight(false, fence.now(), trail, Optional.empty());
            if (flights.putIfAbsent(leg, flight) == null) {
                depart(key, flight);
            }
        }
    }

    /** What is kept is looked at first and needs no turn in the queue: an outage of upstream must not hold it up. */
    private void depart(PageKey key, Flight flight) {
        if (closing || recalls.incrementAndGet() > settings.waitingRecalls()) {
            recalls.decrementAndGet();
            refuse(key, flight);
            return;
        }
        ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
        flight.trail().in(context);
        context.runOnContext(begun -> guarded(key, flight, () -> recall(key, flight, context)));
    }

    private void recall(PageKey key, Flight flight, ContextInternal context) {
        workers.executeBlocking(() -> keeping.recall(key, flight.wanted(), flight.since()), false)
                .onComplete(recalled -> {
                    recalls.decrementAndGet();
                    if (recalled.failed()) {
                        bug(key, recalled.cause());
                    }
                    guarded(
                            key,
                            flight,
                            () -> onward(
                                    key, flight, recalled.succeeded() ? recalled.result() : Optional.empty(), context));
                    complete(key);
                });
    }

    /** Has the rest of a page prepared that was served as soon as it was there in the representation that was wanted. */
    private void complete(PageKey key) {
        if (remainders.isWaiting(key) && !closing) {
            workers.executeBlocking(
                            () -> {
                                remainders.complete(key);
                                return key;
                            },
                            false)
                    .onFailure(fault -> bug(key, fault));
        }
    }

    /** Whatever a step of a flight throws, nobody waits for it in vain, and the next one who asks begins another flight. */
    private void guarded(PageKey key, Flight flight, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            bug(key, fault);
            land(
                    key,
                    flight,
                    waiters ->
                            waiters.forEach(waiter -> waiter.promise().tryComplete(new PageAnswer.Unavailable(FAULT))));
        }
    }

    /** With what is kept in hand: enough for those who wait, or to be renewed, with them waiting or not. */
    private void onward(PageKey key, Flight flight, Optional<Held> held, ContextInternal context) {
        if (fence.isOutdated(key, flight.since())) {
            release(held);
            again(key, flight);
            return;
        }
        Instant now = clock.instant();
        var age = held.map(known -> freshness.stage(known, now)).orElse(Freshness.Stage.EXPIRED);
        if (flight.trail().circular()) {
            var servable = held.filter(known -> age != Freshness.Stage.EXPIRED);
            if (servable.isEmpty()) {
                release(held);
            }
            givenBack(key, flight, servable);
            return;
        }
        var stage = flight.isRenewal() && age != Freshness.Stage.EXPIRED ? Freshness.Stage.OVERDUE : age;
        boolean asked = setbacks.now(key, now).isPresent();
        switch (stage) {
            case FRESH -> {
                end(key, flight, held, PageOutcome.HIT);
                return;
            }
            case STALE -> held.ifPresent(known -> serve(key, flight.dismiss(), known, waiter -> PageOutcome.STALE));
            case OVERDUE ->
                held.ifPresent(known -> {
                    // After a purge only this page's own failure lets it be served: one of others says too little.
                    if (asked || (!known.purged() && setbacks.isUpstreamTroubled(now))) {
                        serve(key, flight.dismiss(), known, waiter -> kept(known));
                    } else if (!known.purged()) {
                        dismissAfterPatience(key, flight, known);
                    }
                });
            case EXPIRED -> {}
        }
        if (asked && stage != Freshness.Stage.EXPIRED) {
            end(key, flight, held, held.map(this::kept).orElse(PageOutcome.STALE));
        } else {
            boolean servable =
                    held.filter(known -> freshness.bearsABusyMirror(known, now)).isPresent();
            misses.begin(flight.network())
                    .ifPresentOrElse(
                            miss -> queue(key, flight, held, servable, context, miss),
                            () -> overLimit(key, flight, held, servable, context));
        }
    }

    /** In its turn it is fetched; whoever has waited too long for that goes without, so that nobody is answered when he has left. */
    private void queue(
            PageKey key,
            Flight flight,
            Optional<Held> held,
            boolean servable,
            ContextInternal context,
            Misses.Miss miss) {
        var waiting = new AtomicLong(NO_TIMER);
        long queuedNanos = System.nanoTime();
        long limitMillis = key instanceof PageKey.RootList ? Long.MAX_VALUE : deadline.toMillis();
        Runnable turn = () -> context.runOnContext(begun -> {
            if (vertx.cancelTimer(waiting.get()) && limitMillis < Long.MAX_VALUE) {
                long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - queuedNanos);
                vertx.setTimer(Math.max(1, limitMillis - waited), late -> sendAway(key, flight));
            }
            fetch(key, flight, held, miss);
        });
        switch (turns.place(turn)) {
            case TURN -> {}
            case QUEUE ->
                waiting.set(vertx.setTimer(
                        Math.min(limitMillis, misses.patience().toMillis()), due -> {
                            if (turns.withdraw(turn)) {
                                guarded(key, flight, () -> passOver(key, flight, held, servable, miss));
                            }
                        }));
            case NONE -> passOver(key, flight, held, servable, miss);
        }
    }

    private void passOver(PageKey key, Flight flight, Optional<Held> held, boolean servable, Misses.Miss miss) {
        miss.end();
        if (servable) {
            end(key, flight, held, held.map(this::kept).orElse(PageOutcome.STALE));
        } else {
            release(held);
            refuse(key, flight);
        }
    }

    /** Whoever waited for his turn has less time left for the fetch, which goes on for those who come again. */
    private void sendAway(PageKey key, Flight flight) {
        LOG.debug("Nobody waits any longer for the page {}, whose turn came late", KeptPages.shown(key));
        flight.dismiss().forEach(waiter -> waiter.promise().complete(new PageAnswer.Overloaded()));
    }

    /**
     * The network of whoever began it has as many under way as it may. Of those who have joined, the first one whose network may have one
     * more is who it goes on for, and the others with him; where there is none, all of those networks are refused at once.
     */
    private void overLimit(PageKey key, Flight flight, Optional<Held> held, boolean servable, ContextInternal context) {
        if (servable) {
            end(key, flight, held, held.map(this::kept).orElse(PageOutcome.STALE));
            return;
        }
        var refusal = new PageAnswer.Unavailable(misses.refusal(), Optional.of(Deferral.networkLimit()));
        flight.dismissFirst().ifPresent(first -> first.promise().complete(refusal));
        var full = new HashSet<Optional<ClientNetwork>>();
        full.add(flight.network());
        for (var network : flight.networks()) {
            Optional<Misses.Miss> miss = full.add(network) ? misses.begin(network) : Optional.empty();
            if (miss.isPresent()) {
                queue(key, flight, held, servable, context, miss.get());
                return;
            }
        }
        release(held);
        land(key, flight, waiters -> {
            var later = new ArrayList<Flight.Waiter>();
            for (var waiter : waiters) {
                if (full.contains(waiter.network())) {
                    waiter.promise().complete(refusal);
                } else {
                    later.add(waiter);
                }
            }
            reroute(key, later);
        });
    }

    /** To whoever comes in a circle: what is here, and nobody is asked. */
    private void givenBack(PageKey key, Flight flight, Optional<Held> held) {
        if (held.isPresent()) {
            end(key, flight, held, kept(held.get()));
        } else {
            var circle = new PageAnswer.Unavailable(CIRCLE, Optional.of(Deferral.circle()));
            land(
                    key,
                    flight,
                    waiters -> waiters.forEach(waiter -> waiter.promise().complete(circle)));
        }
    }

    /** What it is to be called that a page is served as it was kept. */
    private PageOutcome kept(Held held) {
        return freshness.stage(held, clock.instant()) == Freshness.Stage.FRESH ? PageOutcome.HIT : PageOutcome.STALE;
    }

    private void refuse(PageKey key, Flight flight) {
        land(key, flight, waiters -> waiters.forEach(waiter -> waiter.promise().complete(new PageAnswer.Overloaded())));
    }

    private void dismissAfterPatience(PageKey key, Flight flight, Held known) {
        if (known.page().lend()) {
            vertx.setTimer(Math.max(1, settings.patience().toMillis()), fired -> {
                serve(key, flight.dismiss(), known, waiter -> kept(known));
                known.page().release();
            });
        }
    }

    private void fetch(PageKey key, Flight flight, Optional<Held> held, Misses.Miss miss) {
        var room = arriving.open();
        asked(key, held.flatMap(Held::conditions), room)
                .compose(fetch -> closing
                        ? Future.succeededFuture(STOPPING)
                        : workers.executeBlocking(
                                () -> keeping.absorb(key, held, fetch, flight.wanted(), flight.since()), false))
                .onComplete(absorbed -> {
                    room.close();
                    if (absorbed.failed()) {
                        bug(key, absorbed.cause());
                    }
                    var arrival = absorbed.succeeded()
                            ? absorbed.result()
                            : new Keeping.Arrival.Unusable(FetchOutcome.FAILED, FAULT);
                    guarded(key, flight, () -> conclude(key, flight, held, arrival));
                    release(held);
                    complete(key);
                    miss.end();
                    turns.done();
                });
    }

    /** What the source says; what it throws is a failure like any other, or the turn would never end. */
    private Future<PageFetch> asked(PageKey key, Optional<Conditions> conditions, Room room) {
        if (closing) {
            return Future.succeededFuture(new PageFetch.Failed(STOPPING.reason()));
        }
        try {
            return switch (key) {
                case PageKey.Project(ProjectName name) -> source.page(name, conditions, room);
                case PageKey.Provenance(ProvenancePath path) -> provenance(path, conditions, room);
                case PageKey.RootList ignored -> source.rootList(conditions, room);
            };
        } catch (RuntimeException fault) {
            return Future.failedFuture(fault);
        }
    }

    /** Where it is, only the page of its project knows. */
    private Future<PageFetch> provenance(ProvenancePath path, Optional<Conditions> conditions, Room room) {
        return workers.executeBlocking(() -> projects.origin(path), false)
                .compose(origin -> Objects.requireNonNull(origin)
                        .map(known -> source.provenance(known, conditions, room))
                        .orElseGet(() -> Future.succeededFuture(new PageFetch.Failed(
                                "the page of " + path.project() + " that named it has left the store; try again"))));
    }

    private void conclude(PageKey key, Flight flight, Optional<Held> before, Keeping.Arrival arrival) {
        Instant now = clock.instant();
        switch (arrival) {
            case Keeping.Arrival.Renewed(Held held)
            when fence.isOutdated(key, flight.since()) -> {
                held.page().release();
                again(key, flight);
            }
            case Keeping.Arrival.Confirmed(Held held)
            when fence.isOutdated(key, flight.since()) -> {
                held.page().release();
                again(key, flight);
            }
            case Keeping.Arrival.Outdated ignored -> again(key, flight);
            case Keeping.Arrival.Gone ignored when fence.isOutdated(key, flight.since()) -> again(key, flight);
            case Keeping.Arrival.Unusable ignored when fence.isOutdated(key, flight.since()) -> again(key, flight);
            case Keeping.Arrival.Renewed(Held held) ->
                succeeded(key, flight, held, FetchOutcome.FETCHED, PageOutcome.MISS);
            case Keeping.Arrival.Confirmed(Held held) ->
                succeeded(key, flight, held, FetchOutcome.NOT_MODIFIED, PageOutcome.REVALIDATED);
            case Keeping.Arrival.Gone ignored -> {
                count(FetchOutcome.ABSENT);
                setbacks.gone(key, flight.since(), now);
                land(
                        key,
                        flight,
                        waiters -> waiters.forEach(
                                waiter -> waiter.promise().complete(new PageAnswer.Absent(settings.absentLifetime()))));
            }
            case Keeping.Arrival.Unusable unusable -> failed(key, flight, before, unusable, now);
        }
    }

    /** With a page, which was lent: {@code first} is what it is called to the one for whom it was fetched. */
    private void succeeded(PageKey key, Flight flight, Held held, FetchOutcome outcome, PageOutcome first) {
        count(outcome);
        setbacks.clear(key);
        Instant now = clock.instant();
        boolean fresh = freshness.stage(held, now) == Freshness.Stage.FRESH;
        if (!fresh) {
            // Only another mirror's stale page: that is better than none, and no reason to ask again at once.
            setbacks.onlyStale(key, flight.since(), now, Keeping.onlyStale(held.upstream()));
        }
        land(
                key,
                flight,
                waiters -> serve(
                        key,
                        waiters,
                        held,
                        waiter -> !fresh ? PageOutcome.STALE : waiter.first() ? first : PageOutcome.COALESCED));
        held.page().release();
    }

    private void failed(
            PageKey key, Flight flight, Optional<Held> before, Keeping.Arrival.Unusable unusable, Instant now) {
        count(unusable.outcome());
        Optional<Held> servable = before.filter(held -> freshness.stage(held, now) != Freshness.Stage.EXPIRED);
        setbacks.failed(key, flight.since(), now, unusable, servable.isEmpty());
        if (!closing) {
            LOG.warn(
                    "The page {} was not had: {}; {}",
                    KeptPages.shown(key),
                    unusable.reason(),
                    servable.isPresent() ? "the one that is kept is served" : "nothing is kept");
        }
        land(key, flight, waiters -> {
            if (servable.isPresent()) {
                serve(key, waiters, servable.get(), waiter -> kept(servable.get()));
            } else {
                var answer = new PageAnswer.Unavailable(unusable.reason(), unusable.deferral());
                waiters.forEach(waiter -> waiter.promise().complete(answer));
            }
        });
    }

    private void end(PageKey key, Flight flight, Optional<Held> held, PageOutcome outcome) {
        land(key, flight, waiters -> held.ifPresent(known -> serve(key, waiters, known, waiter -> outcome)));
        release(held);
    }

    /** What the flight brought is in its place before it leaves the map, so that nobody fetches the same again. */
    private void land(PageKey key, Flight flight, Consumer<List<Flight.Waiter>> answer) {
        var waiters = flight.land();
        flights.remove(new Leg(key, flight.trail()), flight);
        answer.accept(waiters);
    }

    /** Lends the page to each; who wants a representation that wasn't prepared asks once more, and it will be. */
    private void serve(
            PageKey key, List<Flight.Waiter> waiters, Held held, Function<Flight.Waiter, PageOutcome> outcome) {
        Instant now = clock.instant();
        for (var waiter : waiters) {
            var outcomeForThis = outcome.apply(waiter);
            Optional<PageAnswer> answer = PageAnswers.served(held, waiter.variant(), outcomeForThis, now);
            if (answer.isPresent()) {
                waiter.promise().complete(answer.get());
            } else {
                waiter.context().runOnContext(again -> later(key, waiter));
            }
        }
    }

    private void later(PageKey key, Flight.Waiter waiter) {
        Optional<Future<PageAnswer>> next = join(key, waiter.variant(), waiter.context());
        if (next.isPresent()) {
            next.get().onSuccess(waiter.promise()::complete);
        } else {
            waiter.context().runOnContext(again -> later(key, waiter));
        }
    }

    /** The page was purged since the flight began: whoever waits for it waits for another one. */
    private void again(PageKey key, Flight flight) {
        land(key, flight, waiters -> reroute(key, waiters));
    }

    private void reroute(PageKey key, List<Flight.Waiter> waiters) {
        waiters.forEach(waiter -> waiter.context().runOnContext(again -> later(key, waiter)));
    }

    /** What a purge has done away with here. */
    record Purged(int remembered, int interrupted) {}

    /** Forgets what was remembered, and has fetches under way bring nothing: their clients wait for others, which begin now. */
    Purged purge(PurgeScope scope) {
        int remembered = setbacks.purge(scope);
        int interrupted = 0;
        for (var flight : flights.entrySet()) {
            var key = flight.getKey().key();
            if (scope.covers(key)
                    && fence.isOutdated(key, flight.getValue().since())
                    && flights.remove(flight.getKey(), flight.getValue())) {
                interrupted++;
                reroute(key, flight.getValue().dismiss());
            }
        }
        return new Purged(remembered, interrupted);
    }

    private static void release(Optional<Held> held) {
        held.ifPresent(known -> known.page().release());
    }

    private void bug(PageKey key, Throwable cause) {
        if (!closing) {
            LOG.error("The page {} met a fault of this program", KeptPages.shown(key), cause);
        }
    }

    private void count(FetchOutcome outcome) {
        var counter = counts.get(outcome);
        if (counter != null) {
            counter.increment();
        }
    }

    /** How fetches ended since the start. */
    Map<FetchOutcome, Long> counts() {
        var now = new EnumMap<FetchOutcome, Long>(FetchOutcome.class);
        counts.forEach((outcome, counter) -> now.put(outcome, counter.sum()));
        return now;
    }

    /** Begins nothing more; what is under way ends without a word when its connection is closed. */
    void close() {
        closing = true;
    }

    int underWay() {
        return flights.size();
    }
}
