package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.store.PageKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages that are served already in the representation that was wanted, and of which the others are still to be prepared. For any
 * thread.
 */
final class Remainders {
    private static final Logger LOG = LoggerFactory.getLogger(Remainders.class);

    private final PageMemory memory;
    private final Preparation preparation;
    private final LargePages large;
    private final int most;
    private final ConcurrentMap<PageKey, Remainder> waiting = new ConcurrentHashMap<>();

    /** @param most how many may wait: each holds a page parsed */
    Remainders(PageMemory memory, Preparation preparation, LargePages large, int most) {
        this.memory = memory;
        this.preparation = preparation;
        this.large = large;
        this.most = most;
    }

    private record Remainder(PreparedPage page, Preparation.Model model) {}

    /** Whether a page that comes now is better prepared in all its representations at once. */
    boolean isFull() {
        return waiting.size() >= most;
    }

    boolean isWaiting(PageKey key) {
        return waiting.containsKey(key);
    }

    void add(PageKey key, PreparedPage page, Preparation.Model model) {
        waiting.put(key, new Remainder(page, model));
    }

    /**
     * Prepares what waits of {@code key}; who comes while somebody does waits until it is done. In vain for a page that memory has
     * let go of. Blocks.
     */
    void complete(PageKey key) {
        var remainder = waiting.get(key);
        if (remainder != null) {
            // Whoever is at a page that came before may want to note one here, so the turn is first.
            large.inTurn(remainder.page().bytes(), () -> waiting.computeIfPresent(key, this::completed));
        }
    }

    private @Nullable Remainder completed(PageKey key, Remainder remainder) {
        try {
            memory.get(key)
                    .filter(held -> held.page().equals(remainder.page()))
                    .filter(held -> held.page().lend())
                    .ifPresent(held -> complete(key, held, remainder.model()));
        } catch (RuntimeException fault) {
            LOG.error("The page {} can't be prepared in all its representations", KeptPages.shown(key), fault);
        }
        return null;
    }

    private void complete(PageKey key, Held partial, Preparation.Model model) {
        try {
            memory.replace(key, partial, partial.with(preparation.completed(partial.page(), model)));
        } finally {
            partial.page().release();
        }
    }
}
