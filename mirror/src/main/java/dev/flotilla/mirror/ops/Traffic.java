package dev.flotilla.mirror.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts requests for metrics and remembers the last ones for people. For any thread. */
public final class Traffic {
    private static final Logger ACCESS = LoggerFactory.getLogger("access");

    private final MeterRegistry meters;
    private final RequestLog log;
    private final boolean accessLog;
    private final ConcurrentMap<Series, Timer> timers = new ConcurrentHashMap<>();
    private final LongAdder requests = new LongAdder();
    private final LongAdder fromCache = new LongAdder();
    private final LongAdder fromUpstream = new LongAdder();

    public Traffic(MeterRegistry meters, RequestLog log, boolean accessLog) {
        this.meters = meters;
        this.log = log;
        this.accessLog = accessLog;
    }

    /** One time series of requests; each of its parts has few values. */
    private record Series(String route, int status, String cache) {}

    /**
     * Counts a request that was answered.
     *
     * @param cache as in {@code X-Cache}, empty where nothing was looked for
     * @param record what people see of it; made only where it is shown
     */
    public void answered(String route, int status, String cache, Duration duration, Supplier<RequestRecord> record) {
        timers.computeIfAbsent(new Series(route, status, cache), this::timer).record(duration);
        requests.increment();
        switch (cache) {
            case "" -> {}
            case "miss" -> fromUpstream.increment();
            default -> fromCache.increment();
        }
        if (isShown(route)) {
            var shown = record.get();
            log.add(shown);
            if (accessLog) {
                ACCESS.info(
                        "{} {} {} {} {} ms",
                        shown.route(),
                        shown.target(),
                        shown.status(),
                        shown.cache().isEmpty() ? "-" : shown.cache(),
                        shown.duration().toMillis());
            }
        }
    }

    /** Counts a request that was answered with 503 and a time to come again, by why. */
    public void deferred(String cause) {
        Counter.builder("flotilla.mirror.deferred")
                .description("Requests that were told to come again, by why nobody was asked for them")
                .tag("cause", cause)
                .register(meters)
                .increment();
    }

    /** Probes and scrapes come every few seconds and would push out everything else. */
    private static boolean isShown(String route) {
        return switch (route) {
            case "readyz", "livez", "metrics", "people", "served", "sdists" -> false;
            default -> true;
        };
    }

    private Timer timer(Series series) {
        return Timer.builder("flotilla.mirror.requests")
                .description("Answered requests by what was asked for, status and what the cache had to do with it")
                .tag("route", series.route())
                .tag("status", Integer.toString(series.status()))
                .tag("cache", series.cache().isEmpty() ? "none" : series.cache())
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(25),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10))
                .register(meters);
    }

    RequestLog log() {
        return log;
    }

    long requests() {
        return requests.sum();
    }

    long fromCache() {
        return fromCache.sum();
    }

    long fromUpstream() {
        return fromUpstream.sum();
    }
}
