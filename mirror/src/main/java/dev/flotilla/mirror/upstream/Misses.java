package dev.flotilla.mirror.upstream;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The misses in flight: fetches and downloads of what isn't here, or isn't fresh, those included that wait for their turn. Whoever joins
 * one of them is none. For any thread.
 */
public final class Misses {
    private final MissLimits limits;
    private final ConcurrentMap<ClientNetwork, Integer> byNetwork = new ConcurrentHashMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();

    /** One miss, until it is over. */
    @FunctionalInterface
    public interface Miss {
        /** Says that it is over. Only the first time counts. */
        void end();
    }

    /** @param registry tells how many there are */
    public Misses(MissLimits limits, MeterRegistry registry) {
        this.limits = limits;
        Gauge.builder("flotilla.mirror.misses", inFlight, AtomicInteger::get)
                .description("Fetches and downloads that are under way or wait for their turn")
                .register(registry);
    }

    /** How long one may wait for its turn. */
    public Duration patience() {
        return limits.patience();
    }

    /** Begins one that a client of {@code network} has caused, if one did; empty where that network has as many as it may. */
    public Optional<Miss> begin(Optional<ClientNetwork> network) {
        if (network.isPresent() && limits.countNetworks()) {
            return counted(network.get());
        }
        return Optional.of(new Counted(() -> {}));
    }

    private Optional<Miss> counted(ClientNetwork network) {
        var taken = new AtomicBoolean();
        byNetwork.compute(network, (same, count) -> {
            int now = count == null ? 0 : count;
            taken.set(now < limits.perNetwork());
            return taken.get() ? Integer.valueOf(now + 1) : count;
        });
        return taken.get()
                ? Optional.of(new Counted(() -> byNetwork.computeIfPresent(
                        network, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1))))
                : Optional.empty();
    }

    /** Why one more of a network isn't begun. */
    public String refusal() {
        return "your network has " + limits.perNetwork()
                + " requests under way for what isn't here yet, as many as it may";
    }

    private final class Counted implements Miss {
        private final Runnable ending;
        private final AtomicBoolean over = new AtomicBoolean();

        Counted(Runnable ending) {
            this.ending = ending;
            inFlight.incrementAndGet();
        }

        @Override
        public void end() {
            if (over.compareAndSet(false, true)) {
                inFlight.decrementAndGet();
                ending.run();
            }
        }
    }
}
