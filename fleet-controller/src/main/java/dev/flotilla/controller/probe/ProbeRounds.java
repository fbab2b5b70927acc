package dev.flotilla.controller.probe;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Looks at several targets at the same time, once or again and again. For one thread. */
public final class ProbeRounds {
    /** A large fleet is looked at without holding as many pages in memory. */
    private static final int AT_ONCE = 8;

    private final IndexProbe probe;
    private final List<ProbeTarget> targets;

    public ProbeRounds(IndexProbe probe, List<ProbeTarget> targets) {
        this.probe = probe;
        this.targets = List.copyOf(targets);
    }

    /** Hears of each look. */
    @FunctionalInterface
    public interface Listener {
        /** One more; {@code changed} is whether it went otherwise than the look before, or is the first. */
        void heard(ProbeResult result, boolean changed);
    }

    /** Looks at each once, and gives what was found in the order of the targets. */
    public List<ProbeResult> once() throws InterruptedException {
        var places = new Semaphore(AT_ONCE);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<ProbeResult>> looks = new ArrayList<>();
            for (ProbeTarget target : targets) {
                Callable<ProbeResult> look = () -> {
                    places.acquire();
                    try {
                        return probe.look(target);
                    } finally {
                        places.release();
                    }
                };
                looks.add(threads.submit(look));
            }
            List<ProbeResult> results = new ArrayList<>();
            for (Future<ProbeResult> look : looks) {
                results.add(look.get());
            }
            return results;
        } catch (ExecutionException bug) {
            throw new IllegalStateException("looking at an index", bug.getCause());
        } finally {
            // Not waited for: a look has its own deadline, and nothing that others need.
            threads.shutdownNow();
        }
    }

    /**
     * Looks again and again until the thread is interrupted. A round that takes longer than the interval delays the next one, so that looks never
     * pile up.
     */
    public void steadily(Duration every, MetricsOutput output, Listener listener) throws IOException {
        var metrics = new ProbeMetrics();
        Map<String, Boolean> before = new HashMap<>();
        try {
            while (true) {
                long begun = System.nanoTime();
                for (ProbeResult result : once()) {
                    metrics.record(result);
                    Optional<Boolean> last =
                            Optional.ofNullable(before.put(result.target().label(), result.isGood()));
                    listener.heard(
                            result, last.filter(good -> good == result.isGood()).isEmpty());
                }
                output.update(metrics);
                Thread.sleep(Duration.ofNanos(Math.max(0, begun + every.toNanos() - System.nanoTime())));
            }
        } catch (InterruptedException ended) {
            return;
        }
    }
}
