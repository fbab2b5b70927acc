package dev.flotilla.mirror.store;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * A purge of pages in the store. It counts from the moment at which it begins: what is read from then on is purged or not
 * there; {@link #carryOut} makes that last. What is written meanwhile is spared. For any thread.
 */
public final class PagePurge {
    private final PageStore store;
    private final Predicate<PageKey> covered;
    private final Extent extent;
    private final Set<PageKey> spared = ConcurrentHashMap.newKeySet();

    /** What becomes of the pages. */
    public enum Extent {
        /** They are kept and marked: nothing of them may be confirmed, but they can be served while upstream fails. */
        MARK,
        /** They are deleted. */
        DELETE
    }

    /**
     * What was done on disk.
     *
     * @param pages how many pages are marked or deleted
     * @param failed how many the disk didn't let be marked or deleted: until the end of this process they count as purged
     */
    public record Done(int pages, int failed) {}

    PagePurge(PageStore store, Predicate<PageKey> covered, Extent extent) {
        this.store = store;
        this.covered = covered;
        this.extent = extent;
    }

    Extent extent() {
        return extent;
    }

    boolean covers(PageKey key) {
        return covered.test(key) && !spared.contains(key);
    }

    /** The page was written after the purge had begun. */
    void spare(PageKey key) {
        if (covered.test(key)) {
            spared.add(key);
        }
    }

    /** Marks or deletes the files, and returns when a power cut can't undo it any more. Blocks, for seconds where they are many. */
    public Done carryOut() throws IOException {
        return store.carryOut(this);
    }
}
