package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The books of the files: which are here, which paths lead to them, and who has to leave. The disk is the truth: what the
 * books don't know may be there, committed by another process or not read yet, and what they know may have been evicted by
 * another process. Safe for use from any thread; all but {@link #find} and {@link #use} blocks.
 */
final class Stock {
    private static final Logger LOG = LoggerFactory.getLogger(Stock.class);

    /** How many files may wait for being pinned; what comes on top is pinned when it is asked for again. */
    private static final int TO_PIN = 1_000;

    /** How many candidates for eviction are looked at in one go, at first. */
    private static final int CANDIDATES = 16;

    private final Layout layout;
    private final Links links;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private final Budget budget;
    private final DiskHealth health;
    private final Pins pins;
    private final Holdings<DigestKey, Blob> blobs;
    private final ConcurrentMap<PathKey, Blob.Link> byPath = new ConcurrentHashMap<>();
    private final AtomicLong evicted = new AtomicLong();

    /** Held by whoever changes which files there are. */
    private final Object change = new Object();

    /** What has left while the folders are being read; absent at other times. */
    private @Nullable Set<DigestKey> leaving;

    /** Whether the folders have been read since this process became the keeper. */
    private volatile boolean complete;

    /** Whether the budget is known to say what is taken: not before the folders have been read once. */
    private volatile boolean counted;

    /** What has been written of what is unfinished. */
    private final AtomicLong arrived = new AtomicLong();

    /** Files that are asked for and should be pinned, but aren't yet. */
    private final Queue<ToPin> toPin = new ArrayBlockingQueue<>(TO_PIN);

    private record ToPin(Blob blob, ProjectName project) {}

    Stock(Layout layout, Keeper keeper, Unfinished unfinished, Budget budget, DiskHealth health, Pins pins) {
        this.layout = layout;
        this.links = new Links(layout);
        this.keeper = keeper;
        this.unfinished = unfinished;
        this.budget = budget;
        this.health = health;
        this.pins = pins;
        this.blobs = new FrequencyHoldings<>(budget.weightLimit(), blob -> Budget.weight(blob.size()));
    }

    Budget budget() {
        return budget;
    }

    /** The blob at {@code path} as far as the books say. */
    Optional<Blob> find(PathKey path) {
        return Optional.ofNullable(byPath.get(path)).flatMap(link -> use(link.blob()));
    }

    /** The blob with this digest as far as the books say. */
    Optional<Blob> use(DigestKey digest) {
        Optional<Blob> pinned = pins.find(digest);
        return pinned.isPresent() ? pinned : blobs.use(digest);
    }

    private Optional<Blob> peek(DigestKey digest) {
        Optional<Blob> pinned = pins.find(digest);
        return pinned.isPresent() ? pinned : blobs.peek(digest);
    }

    /** Sees to it that the blob at {@code path} is pinned if it should be; doesn't block. */
    void watch(FilePath path, Blob blob) {
        Optional<ProjectName> project = pins.projectOf(path);
        if (project.isPresent() && pins.find(blob).isEmpty()) {
            toPin.offer(new ToPin(blob, project.get()));
        }
    }

    /** Pins what should be and isn't yet. */
    void pinWatched() throws IOException {
        for (ToPin next = toPin.poll(); next != null; next = toPin.poll()) {
            synchronized (change) {
                Optional<Blob> blob = blobs.peek(next.blob());
                if (blob.isPresent() && pin(blob.get())) {
                    pins.write(next.blob(), next.project());
                }
            }
        }
    }

    private boolean pin(Blob blob) {
        if (!pins.add(blob)) {
            return false;
        }
        blobs.remove(blob, blob);
        return true;
    }

    /** The blob at {@code path} as the disk says; it is in the books from then on. */
    Optional<Blob> seek(PathKey path) throws IOException {
        Optional<DigestKey> digest = links.read(path);
        Optional<Blob> blob = digest.isPresent() ? seek(digest.get()) : Optional.empty();
        blob.ifPresent(found -> note(path, found));
        return blob;
    }

    /** The blob with this digest as the disk says; it is in the books from then on. */
    Optional<Blob> seek(DigestKey digest) throws IOException {
        Optional<Blob> there = use(digest);
        if (there.isPresent() || Layout.size(layout.blob(digest)) < 0) {
            return there; // Mostly: and commits, which synchronise with the disk, aren't waited for.
        }
        synchronized (change) {
            Optional<Blob> known = use(digest);
            if (known.isPresent()) {
                return known;
            }
            long size = Layout.size(layout.blob(digest));
            return size < 0 ? Optional.empty() : Optional.of(enter(new Blob(digest, size)));
        }
    }

    private Blob enter(Blob blob) {
        budget.adopt(Budget.onDisk(blob.size()));
        blobs.add(blob, blob);
        return blob;
    }

    private boolean note(PathKey path, Blob blob) {
        var link = new Blob.Link(path, blob);
        if (!blob.add(link)) {
            return false;
        }
        byPath.put(link, link);
        return true;
    }

    /** Remembers that {@code digest} is what {@code path} leads to, also after a restart. */
    void learn(FilePath path, DigestKey digest) throws IOException {
        PathKey key = PathKey.of(path);
        Blob.Link known = byPath.get(key);
        Optional<Blob> blob = peek(digest);
        if (blob.isPresent() && (known == null || !known.blob().equals(blob.get())) && note(key, blob.get())) {
            links.write(key, digest);
        }
    }

    /** Takes room from the budget for something unfinished, evicting what has to go. */
    void reserve(long bytes) throws IOException {
        if (bytes > budget.limit()) {
            throw new NoRoom("it is larger than the store's whole budget of " + new ByteSize(budget.limit()));
        }
        if (counted && health.hasRoom(bytes, unwritten()) && budget.promise(bytes)) {
            return;
        }
        synchronized (change) {
            requireEviction(bytes);
            long reserve = budget.kept() - unwritten();
            if (!health.couldHaveRoom(bytes, reserve)) {
                throw health.full(bytes, reserve);
            }
            int candidates = CANDIDATES;
            while (!health.hasRoom(bytes, unwritten()) || !budget.promise(bytes)) {
                if (!evictOne(candidates)) {
                    if (candidates >= blobs.count()) {
                        throw new NoRoom("the store's budget of " + new ByteSize(budget.limit())
                                + " is taken by files that are pinned, being sent or downloaded");
                    }
                    candidates *= 8;
                }
            }
        }
    }

    /** Counts what has been written of something unfinished; less than nothing once that is over. */
    void arrived(long bytes) {
        arrived.addAndGet(bytes);
    }

    private long unwritten() {
        return Math.max(0, budget.promised() - arrived.get());
    }

    private void requireEviction(long bytes) throws IOException {
        if (counted && !keeper.isHere()) {
            budget.want(bytes);
            throw new NoRoom("there is no room in the store, and another process, which may evict, is asked for it");
        }
        if (!complete || !counted) {
            throw new NoRoom("the store's budget of " + new ByteSize(budget.limit())
                    + " is taken, and its folders are still being read");
        }
    }

    /** Evicts until {@code bytes} are free, or nothing can leave any more. */
    void makeRoom(long bytes) throws IOException {
        synchronized (change) {
            int candidates = CANDIDATES;
            while (mayEvict() && (budget.taken() + bytes > budget.limit() || isNearFloor(bytes))) {
                if (!evictOne(candidates)) {
                    if (candidates >= blobs.count()) {
                        return;
                    }
                    candidates *= 8;
                }
            }
        }
    }

    private boolean mayEvict() {
        return keeper.isHere() && complete;
    }

    /** What others take of the disk makes nobody leave here unless room is wanted. */
    private boolean isNearFloor(long bytes) throws IOException {
        return bytes > 0 && !health.hasRoom(bytes, unwritten());
    }

    private boolean evictOne(int candidates) throws IOException {
        for (Blob blob : blobs.coldest(candidates)) {
            if (blob.leave()) {
                boolean removed = false;
                try {
                    remove(blob);
                    removed = true;
                } finally {
                    if (!removed) {
                        blob.stay();
                    }
                }
                evicted.incrementAndGet();
                return true;
            }
        }
        return false;
    }

    /** Deletes the blob's file and strikes it out of the books; nothing has changed where the disk doesn't let it. */
    private void remove(Blob blob) throws IOException {
        boolean deleted = Files.deleteIfExists(layout.blob(blob));
        strike(blob);
        if (deleted || unfinished.isAlone()) {
            budget.drop(Budget.onDisk(blob.size()));
        } else {
            budget.forget(Budget.onDisk(blob.size())); // Whoever deleted it has told the ledger.
        }
    }

    private void strike(Blob blob) {
        blobs.remove(blob, blob);
        pins.remove(blob);
        for (Blob.Link link : blob.links()) {
            byPath.remove(link, link);
            links.remove(link);
        }
        if (leaving != null) {
            leaving.add(blob);
        }
    }

    /** Drops a blob that can't be read, or isn't what it should be, although somebody may hold it. */
    void lose(Blob blob, String reason) {
        synchronized (change) {
            if (!blob.lose()) {
                return;
            }
            try {
                remove(blob);
                LOG.warn("dropped {}: {}", layout.blob(blob), reason);
            } catch (IOException stays) {
                LOG.warn("can't delete {}, of which {}: {}", layout.blob(blob), reason, stays.toString());
                strike(blob);
                budget.forget(Budget.onDisk(blob.size()));
            }
        }
    }

    /** Puts a finished temporary file in its place; the room it was promised becomes that of its blocks. Held once. */
    Blob settle(Path temporary, DigestKey digest, long size, long room) throws IOException {
        synchronized (change) {
            long found = Layout.size(layout.blob(digest));
            Optional<Blob> present = use(digest);
            if (present.isPresent()
                    && found == present.get().size()
                    && present.get().hold()) {
                Files.deleteIfExists(temporary);
                budget.release(room);
                return present.get();
            }
            Layout.settle(temporary, layout.blob(digest));
            long known = 0;
            if (present.isPresent() && present.get().lose()) {
                known = Budget.onDisk(present.get().size()); // Another process has evicted it.
                strike(present.get());
            }
            budget.settle(room, size, known, found < 0 ? 0 : Budget.onDisk(found));
            var blob = new Blob(digest, size);
            blob.hold();
            blobs.add(blob, blob);
            return blob;
        }
    }

    /** The budget says what is taken, before the folders are read. */
    void believeBudget() {
        counted = true;
    }

    /** The folders have to be read before anything is evicted again. */
    void suspend() {
        complete = false;
    }

    /**
     * Makes the books right by what is in the folders: what they don't know is added, the oldest first; what isn't there any
     * more is struck out; what doesn't fit the budget is evicted.
     *
     * @param still whether nobody else can have changed anything since before this was called
     * @param over whether to give up
     */
    void reconcile(Budget.Sole still, BooleanSupplier over) throws IOException {
        synchronized (change) {
            leaving = new HashSet<>();
        }
        try {
            boolean empty = blobs.count() == 0;
            for (Blob blob : Inventory.blobs(layout, digest -> peek(digest).isPresent(), over)) {
                add(blob);
            }
            if (!empty) {
                strikeMissing(over);
            }
            links.forEach(new LinkReader(), over);
            pins.forEach(this::restorePin);
        } finally {
            synchronized (change) {
                leaving = null;
            }
        }
        if (!over.getAsBoolean()) {
            budget.recount(still);
            counted = true;
            complete = true;
            makeRoom(0);
        }
    }

    private void add(Blob blob) {
        synchronized (change) {
            boolean left = leaving != null && leaving.contains(blob);
            if (!left && peek(blob).isEmpty()) {
                enter(blob);
            }
        }
    }

    private boolean restorePin(DigestKey digest) {
        synchronized (change) {
            Optional<Blob> blob = blobs.peek(digest);
            return blob.isEmpty() ? pins.find(digest).isPresent() || !keeper.isHere() : pin(blob.get());
        }
    }

    private void strikeMissing(BooleanSupplier over) throws IOException {
        strikeMissing(blobs.all(), over);
        strikeMissing(pins.all(), over);
    }

    private void strikeMissing(Iterable<Blob> known, BooleanSupplier over) throws IOException {
        for (Blob blob : known) {
            if (over.getAsBoolean()) {
                return;
            }
            if (Layout.size(layout.blob(blob)) < 0) {
                synchronized (change) {
                    if (Layout.size(layout.blob(blob)) < 0 && blob.lose()) {
                        strike(blob);
                        budget.forget(Budget.onDisk(blob.size()));
                    }
                }
            }
        }
    }

    private final class LinkReader implements Links.Reader {
        @Override
        public boolean knows(PathKey path) {
            return byPath.containsKey(path);
        }

        /** A link may be made by another process for a blob that came after the folders were read. */
        @Override
        public boolean read(PathKey path, DigestKey digest) throws IOException {
            Optional<Blob> blob = peek(digest);
            if (blob.isPresent()) {
                return note(path, blob.get());
            }
            return !keeper.isHere() || Layout.size(layout.blob(digest)) >= 0;
        }
    }

    StoreFigures figures() {
        return new StoreFigures(
                blobs.count() + pins.count(),
                new ByteSize(budget.taken()),
                new ByteSize(budget.limit()),
                evicted.get());
    }

    /** How many bytes are pinned. */
    long pinned() {
        return pins.bytes();
    }

    /** Whether the folders have been read, so that the books tell of all that is there. */
    boolean isComplete() {
        return complete;
    }

    /** The digests that would be evicted first, for tests. */
    List<Blob> coldest(int count) {
        return blobs.coldest(count);
    }
}
