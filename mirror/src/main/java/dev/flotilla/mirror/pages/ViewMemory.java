package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.flotilla.vocabulary.ByteSize;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pages that are prepared in views, by frequency of use within a budget of bytes. Clients choose views freely, so they have
 * a place of their own: a thousand of them push out no page of the index as it is. For any thread.
 */
final class ViewMemory {
    /** What an entry takes beside its bytes: objects, the cache's own node. */
    private static final int OVERHEAD_BYTES = 1_000;

    private final Cache<ViewPage.Key, ViewPage> pages;

    ViewMemory(ByteSize budget) {
        pages = Caffeine.newBuilder()
                .maximumWeight(budget.bytes())
                .weigher((ViewPage.Key key, ViewPage page) ->
                        (int) Math.min(Integer.MAX_VALUE, (long) page.body().length() + OVERHEAD_BYTES))
                // What was replaced or evicted is given back at once: it is direct memory.
                .executor(Runnable::run)
                .removalListener((ViewPage.@Nullable Key key, @Nullable ViewPage page, RemovalCause cause) -> {
                    if (page != null) {
                        page.body().release();
                    }
                })
                .build();
    }

    Optional<ViewPage> get(ViewPage.Key key) {
        return Optional.ofNullable(pages.getIfPresent(key));
    }

    /** Takes over the lease of the body that its maker has. */
    void put(ViewPage.Key key, ViewPage page) {
        pages.put(key, page);
    }

    void clear() {
        pages.invalidateAll();
        pages.cleanUp();
    }

    long count() {
        return pages.estimatedSize();
    }
}
