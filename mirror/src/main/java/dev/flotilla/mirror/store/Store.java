package dev.flotilla.mirror.store;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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

    private final Opening opening;
    private final Housekeeping housekeeping;
    private final Scrubber scrubber;
    private final boolean scrubs;
    private final DiskHealth health;
    private final Stock stock;
    private final BlobStore blobs;
    private final PageStore pages;

    private Store(Opening opening, StoreLimits limits, DiskHealth health, MeterRegistry meters) {
        this.opening = opening;
        this.health = health;
        Layout layout = opening.layout();
        var keeper = opening.keeper();
        var unfinished = opening.unfinished();
        stock = new Stock(
                layout,
                keeper,
                new Budget(opening.ledger(), Ledger.Part.FILES, limits.files()),
                health,
                new Pins(layout, limits.pinned(), limits.pinnedMost()),
                limits.mostFiles());
        blobs = new BlobStore(layout, unfinished, stock, health);
        var pageBudget = new Budget(opening.ledger(), Ledger.Part.PAGES, limits.pages());
        pages = new PageStore(layout, keeper, unfinished, pageBudget, health);
        housekeeping = new Housekeeping(opening, stock, pages, health);
        scrubs = limits.scrubPerSecond().bytes() > 0;
        var pace = new Scrubber.Pace(limits.scrubPerSecond().bytes());
        scrubber = new Scrubber(layout, keeper, unfinished, stock, pages, pace, meters);
    }

    /**
     * Opens the store in {@code root}, which is made where it is missing. Blocks for a moment, however much is there: for the
     * start of the program. On a disk that is full, read-only or failing, what is there is given out, nothing is taken in, and
     * {@link #trouble} says so until the disk takes something.
     *
     * @param meters where what the store holds can be read: {@code flotilla.store.*}, tagged {@code part=files|pages}
     * @throws IOException where the settings name a folder that can't be used; its message is for people
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
        var opening = new Opening(Layout.of(root));
        var health = new DiskHealth(around.disk(), limits.freeFloor());
        boolean opened = false;
        try {
            begin(opening, health);
            var store = new Store(opening, limits, health, meters);
            store.begin(around.background(), meters);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                opening.close();
            }
        }
    }

    private static void begin(Opening opening, DiskHealth health) throws IOException {
        try {
            opening.complete();
        } catch (IOException failure) {
            if (opening.isMistake(failure)) {
                throw failure;
            }
            health.failed(failure);
        }
    }

    private void begin(Executor background, MeterRegistry meters) throws IOException {
        if (opening.isComplete()) {
            housekeeping.opened();
        }
        register(meters);
        background.execute(housekeeping::run);
        if (scrubs) {
            background.execute(scrubber::run);
        }
        if (opening.isComplete()) {
            housekeeping.awaitReading(PATIENCE);
        }
    }

    private void register(MeterRegistry meters) {
        register(meters, "files", blobs::figures);
        register(meters, "pages", pages::figures);
        Gauge.builder("flotilla.store.trouble", health, disk -> disk.trouble().isPresent() ? 1 : 0)
                .description("1 while files go past the store, since its disk fails or is full")
                .strongReference(true)
                .register(meters);
        Gauge.builder("flotilla.store.keeper", opening.keeper(), held -> held.isHere() ? 1 : 0)
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

    /** Where this process hands over its listeners to the next one that has the store open; absent as {@link #scratch} is. */
    public Optional<Path> door() {
        return opening.unfinished().door();
    }

    /** Where other processes that have the store open do so; some of them may have ended. */
    public List<Path> doorsOfOthers() throws IOException {
        return opening.unfinished().doorsOfOthers();
    }

    /** The other processes that have the store open. */
    public Neighbours neighbours() {
        return new Neighbours(opening.unfinished());
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
        return opening.unfinished().folder();
    }

    /** Ends the use of the folder; what is unfinished is deleted. To be called once nothing uses the store any more. */
    @Override
    public void close() throws IOException {
        if (scrubs) {
            scrubber.end();
        }
        housekeeping.end();
        opening.close();
    }
}
