package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.store.PageKey;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The pages that are prepared in memory: projects' by frequency of use within a budget of bytes, and the root list in a
 * place of its own, so that its tens of megabytes don't push every project out. For any thread.
 */
final class PageMemory {
    /** What an entry takes beside its bytes: objects, headers, the cache's own node. */
    private static final int OVERHEAD_BYTES = 1_500;

    private final Cache<PageKey, Held> projects;
    private final AtomicReference<@Nullable Held> rootList = new AtomicReference<>();

    PageMemory(PageSettings settings) {
        projects = Caffeine.newBuilder()
                .maximumWeight(settings.memory().bytes())
                .weigher((PageKey key, Held held) -> weight(held))
                // What was replaced or evicted is given back at once: it is direct memory.
                .executor(Runnable::run)
                .removalListener((@Nullable PageKey key, @Nullable Held held, RemovalCause cause) -> {
                    if (held != null) {
                        held.page().release();
                    }
                })
                .build();
    }

    Optional<Held> get(PageKey key) {
        return Optional.ofNullable(
                switch (key) {
                    case PageKey.RootList ignored -> rootList.get();
                    case PageKey.Project ignored -> projects.getIfPresent(key);
                    case PageKey.Provenance ignored -> projects.getIfPresent(key);
                });
    }

    /** Takes over the lease of {@code held} that its maker has. */
    void put(PageKey key, Held held) {
        switch (key) {
            case PageKey.RootList ignored -> release(rootList.getAndSet(held));
            case PageKey.Project ignored -> projects.put(key, held);
            case PageKey.Provenance ignored -> projects.put(key, held);
        }
    }

    /** Puts {@code after} in the place of {@code before}, or gives it back where that is no longer here. */
    void replace(PageKey key, Held before, Held after) {
        if (!projects.asMap().replace(key, before, after)) {
            after.page().release();
        }
    }

    void remove(PageKey key) {
        switch (key) {
            case PageKey.RootList ignored -> release(rootList.getAndSet(null));
            case PageKey.Project ignored -> projects.invalidate(key);
            case PageKey.Provenance ignored -> projects.invalidate(key);
        }
    }

    /** Marks or, where {@code deleting}, removes what {@code scope} covers, and says how many pages that were. */
    int purge(PurgeScope scope, boolean deleting) {
        int count = 0;
        for (var key : projects.asMap().keySet()) {
            if (scope.covers(key)) {
                projects.asMap().computeIfPresent(key, (same, held) -> purged(held, deleting));
                count++;
            }
        }
        var list = rootList.get();
        if (list != null && scope.covers(new PageKey.RootList())) {
            release(rootList.getAndSet(purged(list, deleting)));
            count++;
        }
        return count;
    }

    private static @Nullable Held purged(Held held, boolean deleting) {
        return !deleting && held.page().lend() ? held.afterPurge() : null;
    }

    void clear() {
        projects.invalidateAll();
        projects.cleanUp();
        release(rootList.getAndSet(null));
    }

    long count() {
        return projects.estimatedSize() + (rootList.get() == null ? 0 : 1);
    }

    long bytes() {
        var list = rootList.get();
        long weight = projects.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
        return weight + (list == null ? 0 : list.page().bytes());
    }

    private static void release(@Nullable Held held) {
        if (held != null) {
            held.page().release();
        }
    }

    private static int weight(Held held) {
        return (int) Math.min(Integer.MAX_VALUE, held.page().bytes() + OVERHEAD_BYTES);
    }
}
