package dev.flotilla.mirror.store;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Everything that the mirror keeps on disk, below one folder: files and project pages. What was left unfinished by a
 * process that is gone is deleted when it is opened, and nothing unfinished is ever trusted.
 */
public final class Store implements AutoCloseable {
    private final Unfinished unfinished;
    private final BlobStore blobs;
    private final PageStore pages;

    private Store(Unfinished unfinished, BlobStore blobs, PageStore pages) {
        this.unfinished = unfinished;
        this.blobs = blobs;
        this.pages = pages;
    }

    /**
     * Opens the store in {@code root}, which is made where it is missing. Blocks: for the start of the program.
     *
     * @param meters where what the store holds can be read: {@code flotilla.store.*}, tagged {@code part=files|pages}
     * @throws IOException where the folder can't be used; its message is for people
     */
    public static Store open(Path root, StoreLimits limits, MeterRegistry meters) throws IOException {
        Layout layout = Layout.open(root);
        Unfinished unfinished = Unfinished.open(layout);
        boolean opened = false;
        try {
            var blobs = BlobStore.open(layout, unfinished, limits.files());
            var pages = PageStore.open(layout, unfinished, limits.pages());
            register(meters, "files", blobs::figures);
            register(meters, "pages", pages::figures);
            opened = true;
            return new Store(unfinished, blobs, pages);
        } finally {
            if (!opened) {
                unfinished.close();
            }
        }
    }

    private static void register(MeterRegistry meters, String part, Supplier<StoreFigures> figures) {
        Gauge.builder("flotilla.store.bytes", figures, f -> f.get().held().bytes())
                .tag("part", part)
                .description("Bytes on disk that are taken or promised")
                .register(meters);
        Gauge.builder(
                        "flotilla.store.budget.bytes",
                        figures,
                        f -> f.get().budget().bytes())
                .tag("part", part)
                .description("Bytes on disk that may be taken")
                .register(meters);
        Gauge.builder("flotilla.store.entries", figures, f -> f.get().entries())
                .tag("part", part)
                .description("Files or pages in the store")
                .register(meters);
        FunctionCounter.builder(
                        "flotilla.store.evictions", figures, f -> f.get().evicted())
                .tag("part", part)
                .description("Files or pages that had to leave")
                .register(meters);
    }

    /** Files by their digest. */
    public BlobStore blobs() {
        return blobs;
    }

    /** Project pages. */
    public PageStore pages() {
        return pages;
    }

    /** Ends the use of the folder; what is unfinished is deleted. To be called once nothing uses the store any more. */
    @Override
    public void close() throws IOException {
        unfinished.close();
    }
}
