package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.files.Ahead;
import dev.flotilla.mirror.simple.FilePath;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has pinned wheels fetched into the store before anybody asks: once after a start and after each change of the indexes, a few at a time, at a
 * bounded rate. What has left the store since isn't fetched again until then, since clients wanted other files more; what couldn't be had
 * is tried again after a while, and as long as the place of the wheels is away, what is here is served. Its state belongs to one context;
 * {@link #look} is for any thread, one at a time.
 */
public final class Prefetch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Prefetch.class);

    /** Until clients' downloads are looked at again, and after a failure. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** What is known of the pinned wheels; gauges are read from any thread. */
    private enum State {
        WAITING,
        HERE,
        NO_ROOM,
        FAILED
    }

    private final Vertx vertx;
    private final PrefetchSettings settings;
    private final Wheelhouse wheels;
    private final Function<FilePath, Future<Ahead>> files;
    private final Context context;
    private final Map<State, AtomicLong> counts = new ConcurrentHashMap<>();
    private final Counter bytes;
    private Set<String> seen = Set.of();

    private final Deque<FilePath> waiting = new ArrayDeque<>();
    private final List<FilePath> failed = new ArrayList<>();
    private int round;
    private int running;
    private long timer = -1;
    private volatile boolean closed;

    /** @param files brings one file, on any context; never fails */
    public Prefetch(
            Vertx vertx,
            PrefetchSettings settings,
            Wheelhouse wheels,
            Function<FilePath, Future<Ahead>> files,
            MeterRegistry meters) {
        this.vertx = vertx;
        this.settings = settings;
        this.wheels = wheels;
        this.files = files;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        for (State state : State.values()) {
            var count = new AtomicLong();
            counts.put(state, count);
            Gauge.builder("flotilla.mirror.wheels.ahead", count, AtomicLong::get)
                    .description("Wheels that are to be here before anybody asks, by what is known of them")
                    .tag("state", state.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .register(meters);
        }
        bytes = Counter.builder("flotilla.mirror.wheels.ahead.bytes")
                .description("Bytes of wheels that were fetched before anybody asked")
                .register(meters);
    }

    /** Begins anew where the indexes are others than at the last look. */
    public void look() {
        var indexes = wheels.all();
        Set<String> now = indexes.stream()
                .map(index -> index.platform() + " " + index.digest())
                .collect(Collectors.toSet());
        if (!now.equals(seen)) {
            seen = now;
            List<FilePath> pinned = Pinned.of(indexes, settings);
            context.runOnContext(here -> begin(pinned));
        }
    }

    private void begin(List<FilePath> pinned) {
        round++;
        waiting.clear();
        waiting.addAll(pinned);
        failed.clear();
        counts.values().forEach(count -> count.set(0));
        count(State.WAITING).set(pinned.size());
        vertx.cancelTimer(timer);
        fill();
    }

    private AtomicLong count(State state) {
        return Objects.requireNonNull(counts.get(state));
    }

    private void fill() {
        while (!closed && running < settings.parallel() && !waiting.isEmpty()) {
            running++;
            bring(waiting.remove(), round, System.nanoTime());
        }
        if (running == 0 && !closed) {
            rest();
        }
    }

    private void bring(FilePath wheel, int ofRound, long beginNanos) {
        files.apply(wheel)
                .otherwise(fault -> new Ahead.Failed(String.valueOf(fault.getMessage())))
                .onSuccess(became -> context.runOnContext(here -> {
                    if (ofRound == round) {
                        note(wheel, became);
                    }
                    pause(wait(became, System.nanoTime() - beginNanos));
                }));
    }

    private void note(FilePath wheel, Ahead became) {
        switch (became) {
            case Ahead.Here ignored -> move(State.HERE);
            case Ahead.Come(long come) -> {
                move(State.HERE);
                bytes.increment((double) come);
            }
            case Ahead.Busy ignored -> waiting.addFirst(wheel);
            case Ahead.NoRoom ignored -> move(State.NO_ROOM);
            case Ahead.Failed(String reason) -> {
                move(State.FAILED);
                failed.add(wheel);
                LOG.debug("{} can't be fetched ahead of time: {}", wheel.path(), reason);
            }
        }
    }

    private void move(State state) {
        count(State.WAITING).decrementAndGet();
        count(state).incrementAndGet();
    }

    /** How long this one's place stays empty, in milliseconds. */
    private long wait(Ahead became, long tookNanos) {
        return switch (became) {
            case Ahead.Here ignored -> 0;
            case Ahead.NoRoom ignored -> 0;
            case Ahead.Busy ignored -> PAUSE.toMillis();
            case Ahead.Failed ignored -> PAUSE.toMillis();
            case Ahead.Come(long come) ->
                TimeUnit.SECONDS.toMillis(come)
                                * settings.parallel()
                                / settings.rate().bytes()
                        - TimeUnit.NANOSECONDS.toMillis(tookNanos);
        };
    }

    private void pause(long millis) {
        if (millis < 1) {
            free();
        } else {
            vertx.setTimer(millis, due -> context.runOnContext(here -> free()));
        }
    }

    private void free() {
        running--;
        fill();
    }

    /** All has been tried. */
    private void rest() {
        if (round > 0) {
            LOG.info(
                    "wheels ahead of time: {} are here, {} have no room, {} couldn't be had",
                    count(State.HERE),
                    count(State.NO_ROOM),
                    count(State.FAILED));
        }
        if (!failed.isEmpty()) {
            timer = vertx.setTimer(
                    settings.again().toMillis(),
                    due -> context.runOnContext(here -> {
                        waiting.addAll(failed);
                        count(State.WAITING).addAndGet(failed.size());
                        count(State.FAILED).addAndGet(-failed.size());
                        failed.clear();
                        fill();
                    }));
        }
    }

    /** Begins no more. */
    @Override
    public void close() {
        closed = true;
    }
}
