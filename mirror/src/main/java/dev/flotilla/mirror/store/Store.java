package dev.flotilla.mirror.store;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Everything that the mirror keeps on disk, below one folder: files and project pages. What was left unfinished by a
 * process that is gone is deleted, and nothing unfinished is ever trusted. Several processes may have one store open, as
 * during an upgrade: all of them read and commit, one of them evicts.
 */
public final class Store implements AutoCloseable {
    /** Long enough for some ten thousand files; what is larger is read while the store already serves. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private final Housekeeping housekeeping;
    private final BlobStore blobs;
    private final PageStore pages;

    private Store(Ledger ledger, Keeper keeper, Unfinished unfinished, Layout layout, StoreLimits limits)
            throws IOException {
        this.ledger = ledger;
        this.keeper = keeper;
        this.unfinished = unfinished;
        var stock = new Stock(
                layout, keeper, unfinished, new Budget(ledger, Ledger.Part.FILES, limits.files()), !ledger.isFresh());
        blobs = new BlobStore(layout, unfinished, stock);
        pages = new PageStore(layout, keeper, unfinished, new Budget(ledger, Ledger.Part.PAGES, limits.pages()));
        housekeeping = new Housekeeping(ledger, keeper, unfinished, stock, pages);
    }

    /**
     * Opens the store in {@code root}, which is made where it is missing. Blocks for a moment, however much is there: for the
     * start of the program.
     *
     * @param meters where what the store holds can be read: {@code flotilla.store.*}, tagged {@code part=files|pages}
     * @throws IOException where the folder can't be used; its message is for people
     */
    public static Store open(Path root, StoreLimits limits, MeterRegistry meters) throws IOException {
        return open(
                root,
                limits,
                meters,
                work -> Thread.ofPlatform().name("store").daemon().start(work));
    }

    /** @param background runs the housekeeping, which goes on until the store is closed */
    static Store open(Path root, StoreLimits limits, MeterRegistry meters, Executor background) throws IOException {
        Layout layout = Layout.open(root);
        var parts = new ArrayDeque<Closeable>();
        boolean opened = false;
        try {
            Ledger ledger = Ledger.open(layout);
            parts.push(ledger);
            Keeper keeper = Keeper.open(layout);
            parts.push(keeper);
            Unfinished unfinished = Unfinished.open(layout, ledger);
            parts.push(unfinished);
            var store = new Store(ledger, keeper, unfinished, layout, limits);
            keeper.tryToBecome();
            background.execute(store.housekeeping::run);
            store.housekeeping.awaitReading(PATIENCE);
            register(meters, "files", store.blobs::figures);
            register(meters, "pages", store.pages::figures);
            opened = true;
            return store;
        } finally {
            while (!opened && !parts.isEmpty()) {
                parts.pop().close();
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
        housekeeping.end();
        try {
            unfinished.close();
        } finally {
            keeper.close();
            ledger.close();
        }
    }
}
