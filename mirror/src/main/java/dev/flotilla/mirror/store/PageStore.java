package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Project pages on disk, one file each, within a byte budget of their own: what is asked for least leaves first. A page
 * that can't be read whole counts as absent. Safe for use from any thread; all of it blocks and belongs on a worker.
 */
public final class PageStore {
    private static final Logger LOG = LoggerFactory.getLogger(PageStore.class);
    private static final int CANDIDATES = 16;

    private final Layout layout;
    private final Unfinished unfinished;
    private final Budget budget;
    private final Holdings<PageKey, Entry> entries;
    private final AtomicLong evicted = new AtomicLong();

    private record Entry(PageKey key, long size) {}

    private PageStore(Layout layout, Unfinished unfinished, ByteSize limit) {
        this.layout = layout;
        this.unfinished = unfinished;
        this.budget = new Budget(limit);
        this.entries = new FrequencyHoldings<>(budget.weightLimit(), entry -> Budget.weight(entry.size()));
    }

    static PageStore open(Layout layout, Unfinished unfinished, ByteSize limit) throws IOException {
        var store = new PageStore(layout, unfinished, limit);
        for (Path entry : Inventory.entries(layout.pages())) {
            if (Files.isDirectory(entry)) {
                for (Path page : Inventory.entries(entry)) {
                    store.admit(page);
                }
            } else {
                store.admit(entry);
            }
        }
        return store;
    }

    private void admit(Path file) throws IOException {
        Optional<PageKey> key = key(file);
        if (key.isEmpty() || !file.equals(layout.page(key.get()))) {
            return;
        }
        long size = Files.size(file);
        if (makeRoom(Budget.onDisk(size))) {
            entries.add(key.get(), new Entry(key.get(), size));
        } else {
            Files.deleteIfExists(file);
            evicted.incrementAndGet();
        }
    }

    private Optional<PageKey> key(Path file) {
        String name = String.valueOf(file.getFileName());
        if (Layout.parent(file).equals(layout.pages())) {
            return Optional.of(new PageKey.RootList());
        }
        try {
            return Optional.of(new PageKey.Project(new ProjectName(name)));
        } catch (IllegalArgumentException noProject) {
            return Optional.empty();
        }
    }

    /** The page, if a whole one is here. Blocks. */
    public Optional<StoredPage> read(PageKey key) throws IOException {
        entries.use(key);
        Path file = layout.page(key);
        try {
            Optional<StoredPage> page = PageFormat.decode(Files.readAllBytes(file));
            if (page.isEmpty()) {
                LOG.warn("dropped {}: it isn't whole", file);
                remove(key);
            }
            return page;
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    /**
     * Keeps the page in place of the one that was there; a crash leaves the one or the other. A page that the budget can't
     * hold isn't kept. Blocks.
     *
     * @return whether it was kept
     */
    public boolean write(PageKey key, StoredPage page) throws IOException {
        byte[] content = PageFormat.encode(page);
        if (!makeRoom(Budget.onDisk(content.length))) {
            return false;
        }
        Path temporary = unfinished.next();
        boolean settled = false;
        try {
            writeDurably(temporary, content);
            settle(temporary, new Entry(key, content.length));
            settled = true;
            return true;
        } finally {
            if (!settled) {
                budget.giveBack(Budget.onDisk(content.length));
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static void writeDurably(Path file, byte[] content) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private synchronized void settle(Path temporary, Entry entry) throws IOException {
        Layout.settle(temporary, layout.page(entry.key()));
        entries.use(entry.key()).ifPresent(before -> budget.giveBack(Budget.onDisk(before.size())));
        entries.add(entry.key(), entry);
    }

    /** Forgets the page: upstream says that there is none any more. Blocks. */
    public synchronized void remove(PageKey key) throws IOException {
        Files.deleteIfExists(layout.page(key));
        Optional<Entry> entry = entries.use(key);
        if (entry.isPresent() && entries.remove(key, entry.get())) {
            budget.giveBack(Budget.onDisk(entry.get().size()));
        }
    }

    private synchronized boolean makeRoom(long bytes) throws IOException {
        if (bytes > budget.limit()) {
            return false;
        }
        while (!budget.tryTake(bytes)) {
            var coldest = entries.coldest(CANDIDATES);
            if (coldest.isEmpty()) {
                return false;
            }
            for (Entry entry : coldest) {
                if (budget.limit() - budget.taken() >= bytes) {
                    break;
                }
                remove(entry.key());
                evicted.incrementAndGet();
            }
        }
        return true;
    }

    /** What it holds now. */
    public StoreFigures figures() {
        return new StoreFigures(
                entries.count(), new ByteSize(budget.taken()), new ByteSize(budget.limit()), evicted.get());
    }
}
