package dev.flotilla.mirror.store;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
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
    private final Scrubber scrubber;
    private final boolean scrubs;
    private final DiskHealth health;
    private final Stock stock;
    private final BlobStore blobs;
    private final PageStore pages;

    private Store(
            Ledger ledger,
            Keeper keeper,
            Unfinished unfinished,
            Layout layout,
            StoreLimits limits,
            DiskHealth.Disk disk,
            MeterRegistry meters)
            throws IOException {
        this.ledger = ledger;
        this.keeper = keeper;
        this.unfinished = unfinished;
        health = new DiskHealth(disk, limits.freeFloor());
        stock = new Stock(
                layout,
                keeper,
                unfinished,
                new Budget(ledger, Ledger.Part.FILES, limits.files()),
                health,
                new Pins(layout, limits.pinned(), limits.pinnedMost()),
                !ledger.isFresh());
        blobs = new BlobStore(layout, unfinished, stock, health);
        pages = new PageStore(
                layout, keeper, unfinished, new Budget(ledger, Ledger.Part.PAGES, limits.pages()), health);
        housekeeping = new Housekeeping(ledger, keeper, unfinished, stock, pages, health);
        scrubs = limits.scrubPerSecond().bytes() > 0;
        var pace = new Scrubber.Pace(limits.scrubPerSecond().bytes());
        scrubber = new Scrubber(layout, keeper, unfinished, stock, pages, pace, meters);
    }

    /**
     * Opens the store in {@code root}, which is made where it is missing. Blocks for a moment, however much is there: for the
     * start of the program.
     *
     * @param meters where what the store holds can be read: {@code flotilla.store.*}, tagged {@code part=files|pages}
     * @throws IOException where the folder can't be used; its message is for people
     */
    public static Store open(Path root, StoreLimits limits, MeterRegistry meters) throws IOException {
        return open(root, limits, meters, new Surroundings(Store::begin, new FolderDisk(root)));
    }

    /**
     * What a store finds itself in.
     *
     * @param background runs what goes on until the store is closed
     * @param disk the file system that it is in
     */
    record Surroundings(Executor background, DiskHealth.Disk disk) {}

    private static void begin(Runnable work) {
        Thread.ofPlatform().name("store").daemon().start(work);
    }

    static Store open(Path root, StoreLimits limits, MeterRegistry meters, Surroundings around) throws IOException {
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
            var store = new Store(ledger, keeper, unfinished, layout, limits, around.disk(), meters);
            keeper.tryToBecome();
            store.register(meters);
            around.background().execute(store.housekeeping::run);
            if (store.scrubs) {
                around.background().execute(store.scrubber::run);
            }
            store.housekeeping.awaitReading(PATIENCE);
            opened = true;
            return store;
        } finally {
            while (!opened && !parts.isEmpty()) {
                parts.pop().close();
            }
        }
    }

    private void register(MeterRegistry meters) {
        register(meters, "files", blobs::figures);
        register(meters, "pages", pages::figures);
        Gauge.builder("flotilla.store.trouble", health, disk -> disk.trouble().isPresent() ? 1 : 0)
                .description("1 while files go past the store, since its disk fails or is full")
                .strongReference(true)
                .register(meters);
        Gauge.builder("flotilla.store.keeper", keeper, held -> held.isHere() ? 1 : 0)
                .description("1 while this process evicts and scrubs, of all that have the store open")
                .strongReference(true)
                .register(meters);
        Gauge.builder("flotilla.store.pinned", stock, Stock::pinned)
                .description("Bytes of files that are never evicted")
                .baseUnit("bytes")
                .strongReference(true)
                .register(meters);
    }

    private void register(MeterRegistry meters, String part, Supplier<StoreFigures> figures) {
        Gauge.builder("flotilla.store.bytes", () -> figures.get().held().bytes())
                .tag("part", part)
                .description("Bytes on disk that are taken or promised")
                .register(meters);
        Gauge.builder(
                        "flotilla.store.budget.bytes",
                        () -> figures.get().budget().bytes())
                .tag("part", part)
                .description("Bytes on disk that may be taken")
                .register(meters);
        Gauge.builder("flotilla.store.entries", () -> figures.get().entries())
                .tag("part", part)
                .description("Files or pages in the store")
                .register(meters);
        // Meters hold what they look at weakly: it has to be something that lives as long as the store.
        FunctionCounter.builder(
                        "flotilla.store.evictions", this, store -> figures.get().evicted())
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

    /** Where this process hands over its listeners to the next one that has the store open. */
    public Path door() {
        return unfinished.door();
    }

    /** Where other processes that have the store open do so; some of them may have ended. */
    public List<Path> doorsOfOthers() throws IOException {
        return unfinished.doorsOfOthers();
    }

    /** Why files go past the store at the moment, if they do; one line for people. */
    public Optional<String> trouble() {
        return health.trouble();
    }

    /**
     * A folder of this process alone for what else it needs on disk: deleted when the store is closed, and when another one is
     * opened after this process was killed. Absent while the disk has failed since the start.
     */
    public Optional<Path> scratch() {
        return Optional.of(unfinished.folder());
    }

    /** Ends the use of the folder; what is unfinished is deleted. To be called once nothing uses the store any more. */
    @Override
    public void close() throws IOException {
        if (scrubs) {
            scrubber.end();
        }
        housekeeping.end();
        try {
            unfinished.close();
        } finally {
            keeper.close();
            ledger.close();
        }
    }
}
