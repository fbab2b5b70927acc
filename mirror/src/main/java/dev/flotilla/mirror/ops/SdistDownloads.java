package dev.flotilla.mirror.ops;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts which sdists, or wheels that were built of them for the fleet, were downloaded for which Python on which platform since the program began:
 * what jobs compile, or would. Nothing of who asked or when is
 * kept. For any thread.
 */
public final class SdistDownloads {
    private final Instant since;
    private final Cache<Kind, LongAdder> counts;

    /**
     * What was downloaded for what.
     *
     * @param filename of the sdist
     */
    public record Kind(String filename, PlatformSlug platform, Interpreter interpreter) {}

    /** How often. */
    public record Count(Kind kind, long downloads) {}

    /** @param remembered of how many kinds; beyond it those are forgotten that are seldom asked for */
    public SdistDownloads(int remembered, Instant since) {
        this.since = since;
        // Maintained by whoever counts: there is little to do, and no other thread has to be waited for.
        this.counts = Caffeine.newBuilder()
                .maximumSize(remembered)
                .executor(Runnable::run)
                .build();
    }

    /** When counting began. */
    public Instant since() {
        return since;
    }

    /** Counts a download. */
    public void downloaded(Kind kind) {
        counts.get(kind, ignored -> new LongAdder()).increment();
    }

    /** What was counted, the most first. */
    public List<Count> counts() {
        return counts.asMap().entrySet().stream()
                .map(entry -> new Count(entry.getKey(), entry.getValue().sum()))
                .sorted(Comparator.comparingLong(Count::downloads)
                        .reversed()
                        .thenComparing(count -> count.kind().toString()))
                .toList();
    }
}
