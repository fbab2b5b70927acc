package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Project pages on disk, one file each, within a byte budget of their own: what is asked for least leaves first. A page
 * that can't be read whole counts as absent. Other processes may have the same folder open. Safe for use from any thread; all of it blocks and belongs on a worker.
 */
public final class PageStore {
    private static final Logger LOG = LoggerFactory.getLogger(PageStore.class);

    /** Only those that a broken disk doesn't let be carried out stay; what is older than so many of them is given up. */
    private static final int MOST_PURGES = 100;

    /** So many marks in one folder are each made to last on their own. */
    private static final int FEW = 16;

    /**
     * The time of change of a purged page's file: no page is that old. A page that is written anew is another file, so the mark
     * goes with what it marks.
     */
    private static final FileTime PURGED = FileTime.fromMillis(0);

    private final Layout layout;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private final Budget budget;
    private final DiskHealth health;
    private final Holdings<PageKey, Entry> entries;
    private final AtomicLong evicted = new AtomicLong();
    private final List<PagePurge> purges = new CopyOnWriteArrayList<>();

    /** Whether the folder has been read since this process became the keeper. */
    private volatile boolean complete;

    private record Entry(PageKey key, long size) {}

    PageStore(Layout layout, Keeper keeper, Unfinished unfinished, Budget budget, DiskHealth health) {
        this.health = health;
        this.layout = layout;
        this.keeper = keeper;
        this.unfinished = unfinished;
        this.budget = budget;
        this.entries = new FrequencyHoldings<>(budget.weightLimit(), entry -> Budget.weight(entry.size()));
    }

    /** Makes the books right by what is in the folder, and evicts what doesn't fit; gives up once {@code over}. */
    void reconcile(Budget.Sole still, BooleanSupplier over) throws IOException {
        for (Entry entry : entries.all()) {
            if (over.getAsBoolean()) {
                return;
            }
            recount(entry.key());
        }
        for (Path entry : Inventory.entries(layout.pages())) {
            if (over.getAsBoolean()) {
                return;
            }
            if (Files.isDirectory(entry)) {
                for (Path page : Inventory.entries(entry)) {
                    recount(page);
                }
            } else {
                recount(entry);
            }
        }
        for (Path folder : Inventory.entries(layout.provenance())) {
            for (Path object : Inventory.entries(folder)) {
                recount(object);
            }
        }
        budget.recount(0, still);
        complete = true;
        makeRoom(0);
    }

    private void recount(Path file) throws IOException {
        Optional<PageKey> key = key(file);
        if (key.isPresent() && file.equals(layout.page(key.get()))) {
            recount(key.get());
        }
    }

    private synchronized void recount(PageKey key) throws IOException {
        long size = Layout.size(layout.page(key));
        Optional<Entry> known = entries.peek(key);
        if (known.isPresent() && known.get().size() != size) {
            entries.remove(key, known.get());
            budget.forget(Budget.onDisk(known.get().size()));
        }
        if (size >= 0 && entries.peek(key).isEmpty()) {
            entries.add(key, new Entry(key, size));
            budget.adopt(Budget.onDisk(size));
        }
    }

    private Optional<PageKey> key(Path file) {
        String name = String.valueOf(file.getFileName());
        if (Layout.parent(file).equals(layout.pages())) {
            return Optional.of(new PageKey.RootList());
        }
        if (file.startsWith(layout.provenance())) {
            return Layout.provenance(name);
        }
        try {
            return Optional.of(new PageKey.Project(new ProjectName(name)));
        } catch (IllegalArgumentException noProject) {
            return Optional.empty();
        }
    }

    /** How many bytes the page has as it is written down; 0 where none is here. Blocks. */
    public long size(PageKey key) {
        try {
            return Math.max(0, Layout.size(layout.page(key)));
        } catch (IOException unreadable) {
            return 0; // Whoever reads it will hear of it.
        }
    }

    /** The page, if a whole one is here. Blocks. */
    public Optional<StoredPage> read(PageKey key) throws IOException {
        entries.use(key);
        Path file = layout.page(key);
        Optional<PagePurge.Extent> purge = underWay(key);
        if (purge.isPresent() && purge.get() == PagePurge.Extent.DELETE) {
            return Optional.empty();
        }
        try {
            // Before the content: a newer file is taken for a purged one at worst, never the other way round.
            boolean purged =
                    purge.isPresent() || Files.getLastModifiedTime(file).equals(PURGED);
            Optional<StoredPage> page = decode(file);
            if (page.isEmpty()) {
                LOG.warn("dropped {}: it isn't whole", file);
                remove(key);
            }
            return purged ? page.map(StoredPage::afterPurge) : page;
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    private static Optional<StoredPage> decode(Path file) throws IOException {
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            return PageFormat.decode(in, Files.size(file));
        }
    }

    /**
     * Keeps the page in place of the one that was there; a crash leaves the one or the other. A page that the budget can't
     * hold isn't kept, nor any while the disk is known to fail. The floor of free disk doesn't count for pages: they are small,
     * and all that there is in an outage. Blocks.
     *
     * @return whether it was kept
     */
    public boolean write(PageKey key, StoredPage page) throws IOException {
        PageFormat.Written content = PageFormat.encode(page);
        try {
            return health.watch(() -> write(key, content));
        } catch (Unwritable known) {
            return false;
        }
    }

    private boolean write(PageKey key, PageFormat.Written content) throws IOException {
        long room = Budget.onDisk(content.length());
        if (!promise(room)) {
            return false;
        }
        Path temporary = unfinished.next();
        boolean settled = false;
        try {
            writeDurably(temporary, content);
            settle(temporary, new Entry(key, content.length()), room);
            settled = true;
            return true;
        } finally {
            if (!settled) {
                budget.release(room);
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static void writeDurably(Path file, PageFormat.Written content) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.writeTo(channel);
            channel.force(true);
        }
    }

    private synchronized void settle(Path temporary, Entry entry, long room) throws IOException {
        Optional<Entry> before = entries.peek(entry.key());
        boolean settled = false;
        try {
            budget.settle(temporary, layout.page(entry.key()), entry.size(), room);
            settled = true;
        } finally {
            if (!settled) {
                recount(entry.key()); // The one before it may be gone.
            }
        }
        budget.forget(before.map(known -> Budget.onDisk(known.size())).orElse(0L));
        entries.add(entry.key(), entry);
        purges.forEach(purge -> purge.spare(entry.key()));
    }

    /** Begins a purge of the pages that {@code covered} names; it counts when this returns. Doesn't block. */
    public PagePurge purge(Predicate<PageKey> covered, PagePurge.Extent extent) {
        var purge = new PagePurge(this, covered, extent);
        purges.add(purge);
        while (purges.size() > MOST_PURGES) {
            purges.removeFirst();
        }
        return purge;
    }

    /** What a purge that isn't carried out yet says of the page. */
    private Optional<PagePurge.Extent> underWay(PageKey key) {
        return purges.stream()
                .filter(purge -> purge.covers(key))
                .map(PagePurge::extent)
                .max(Comparator.naturalOrder());
    }

    PagePurge.Done carryOut(PagePurge purge) throws IOException {
        int pages = 0;
        int failed = 0;
        var entries = new ArrayList<>(Inventory.entries(layout.pages()));
        entries.addAll(Inventory.entries(layout.provenance()));
        for (Path entry : entries) {
            var folder = new Folder(purge, Files.isDirectory(entry) ? Inventory.entries(entry) : List.of(entry));
            folder.carryOut();
            boolean lasting = folder.done.isEmpty() || folder.synchronise();
            pages += folder.done.size();
            failed += folder.failed + (lasting ? 0 : folder.done.size());
        }
        if (failed == 0) {
            purges.remove(purge);
        }
        return new PagePurge.Done(pages, failed);
    }

    /** The part of a purge that is in one folder. */
    private final class Folder {
        private final PagePurge purge;
        private final List<Path> files;
        private final List<Path> done = new ArrayList<>();
        private int failed;

        Folder(PagePurge purge, List<Path> files) {
            this.purge = purge;
            this.files = files;
        }

        /** Marking a folder takes a moment, so writers of pages wait for it once; deleting may take long, and they go in between. */
        void carryOut() {
            switch (purge.extent()) {
                case MARK -> {
                    synchronized (PageStore.this) {
                        files.forEach(this::carryOut);
                    }
                }
                case DELETE -> files.forEach(this::carryOut);
            }
        }

        /** Not while a newer page takes the file's place. */
        private void carryOut(Path file) {
            synchronized (PageStore.this) {
                try {
                    Optional<PageKey> key = key(file).filter(page -> file.equals(layout.page(page)));
                    if (key.isPresent() && purge.covers(key.get()) && carryOut(key.get(), file)) {
                        done.add(file);
                    }
                } catch (IOException stubborn) {
                    failed++;
                    LOG.warn("can't purge {}: {}", file, stubborn.toString());
                }
            }
        }

        private boolean carryOut(PageKey key, Path file) throws IOException {
            switch (purge.extent()) {
                case DELETE -> remove(key);
                case MARK -> {
                    try {
                        Files.setLastModifiedTime(file, PURGED);
                    } catch (NoSuchFileException left) {
                        return false;
                    }
                }
            }
            return true;
        }

        /**
         * Where many files were marked, only the last one is synchronised: file systems with one journal write the changes before
         * it with it, and a flush of the disk for each of 100,000 files takes minutes.
         */
        boolean synchronise() {
            Path folder = Layout.parent(files.getFirst());
            try {
                if (purge.extent() == PagePurge.Extent.MARK) {
                    for (Path file : done.subList(done.size() > FEW ? done.size() - 1 : 0, done.size())) {
                        synchroniseIfThere(file);
                    }
                }
                Layout.synchronise(folder);
                return true;
            } catch (IOException failing) {
                LOG.warn("can't make a purge in {} last: {}", folder, failing.toString());
                return false;
            }
        }
    }

    private static void synchroniseIfThere(Path file) throws IOException {
        try {
            Layout.synchronise(file);
        } catch (NoSuchFileException left) {
            LOG.debug("{} has left meanwhile", file);
        }
    }

    /** Forgets the page: upstream says that there is none any more. Blocks. */
    public synchronized void remove(PageKey key) throws IOException {
        Optional<Entry> entry = entries.peek(key);
        budget.remove(
                layout.page(key),
                entry.map(known -> Budget.onDisk(known.size())).orElse(0L));
        entry.ifPresent(known -> entries.remove(key, known));
    }

    /** Drops a page that isn't what it was, or can't be read. */
    void lose(Path file, String reason) {
        try {
            Optional<PageKey> key = key(file);
            if (key.isPresent() && file.equals(layout.page(key.get()))) {
                remove(key.get());
                LOG.warn("dropped {}: {}", file, reason);
            }
        } catch (IOException stays) {
            LOG.warn("can't delete {}, of which {}: {}", file, reason, stays.toString());
        }
    }

    private synchronized boolean promise(long bytes) throws IOException {
        if (bytes > budget.limit()) {
            return false;
        }
        while (!budget.promise(bytes)) {
            if (!keeper.isHere()) {
                budget.want(bytes);
                return false;
            }
            if (!complete || !evictOne()) {
                return false;
            }
        }
        return true;
    }

    /** Evicts until {@code bytes} are free, where this process may. */
    private synchronized void makeRoom(long bytes) throws IOException {
        while (keeper.isHere() && complete && budget.taken() + bytes > budget.limit() && evictOne()) {
            // One at a time, the coldest first.
        }
    }

    /** Makes the room that other processes want. */
    void makeRoomWanted() throws IOException {
        makeRoom(budget.takeWanted());
    }

    /** Looks up what other processes have taken meanwhile. */
    void refresh() throws IOException {
        budget.refresh();
    }

    private boolean evictOne() throws IOException {
        var coldest = entries.coldest(1);
        if (coldest.isEmpty()) {
            return false;
        }
        remove(coldest.getFirst().key());
        evicted.incrementAndGet();
        return true;
    }

    /** The folders have to be read before anything is evicted again. */
    void suspend() {
        complete = false;
    }

    /** What it holds now. */
    public StoreFigures figures() {
        return new StoreFigures(
                entries.count(), new ByteSize(budget.taken()), new ByteSize(budget.limit()), evicted.get());
    }
}
