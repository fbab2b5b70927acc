package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.BooleanSupplier;

/**
 * The files on disk with their {@link Books}, the {@link Room} for others, and who brings both in line with the disk. The disk is
 * the truth: what the books don't know may be there, committed by another process or not read yet, and what they know may have
 * been evicted by another process. Safe for use from any thread; all but {@link #find} and {@link #use} blocks.
 */
final class Stock {
    /** How many files may wait for being pinned; what comes on top is pinned when it is asked for again. */
    private static final int TO_PIN = 1_000;

    private final Layout layout;
    private final Links links;
    private final Budget budget;
    private final Pins pins;
    private final Books books;
    private final Room room;
    private final Reconciliation reconciliation;

    /** Files that are asked for and should be pinned, but aren't yet. */
    private final Queue<ToPin> toPin = new ArrayBlockingQueue<>(TO_PIN);

    private record ToPin(Blob blob, ProjectName project) {}

    /** Whether the folders have been read and nobody else has had the store open since, a moment ago. */
    private volatile boolean sole;

    Stock(Layout layout, Keeper keeper, Budget budget, DiskHealth health, Pins pins, long most) {
        this.layout = layout;
        this.links = new Links(layout);
        this.budget = budget;
        this.pins = pins;
        this.books = new Books(layout, links, budget, pins, most);
        this.room = new Room(keeper, budget, health, books);
        this.reconciliation = new Reconciliation(layout, links, keeper, budget, pins, books, room);
    }

    Budget budget() {
        return budget;
    }

    Room room() {
        return room;
    }

    /** From now on the books say all that is on disk, or no longer. */
    void believeBooks(boolean all) {
        sole = all;
    }

    /** Whether what the books don't know isn't on disk, but for what a process that was started this moment commits. */
    boolean knowsAll() {
        return sole && !books.isFull();
    }

    /** The blob at {@code path} as far as the books say. */
    Optional<Blob> find(PathKey path) {
        return books.find(path);
    }

    /** The blob with this digest as far as the books say. */
    Optional<Blob> use(DigestKey digest) {
        return books.use(digest);
    }

    /** Whether the blob with this digest is on disk; no use of it. */
    boolean isHere(DigestKey digest) throws IOException {
        return books.peek(digest).isPresent() || Layout.size(layout.blob(digest)) >= 0;
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
            synchronized (books) {
                if (books.pinEvictable(next.blob())) {
                    pins.write(next.blob(), next.project());
                }
            }
        }
    }

    /** The blob at {@code path} as the disk says; it is in the books from then on, unless they are full. */
    Optional<Blob> seek(PathKey path) throws IOException {
        Optional<DigestKey> digest = links.read(path);
        Optional<Blob> blob = digest.isPresent() ? seek(digest.get()) : Optional.empty();
        blob.filter(found -> books.peek(found).isPresent()).ifPresent(found -> books.note(path, found));
        return blob;
    }

    /** The blob with this digest as the disk says; it is in the books from then on, unless they are full. */
    Optional<Blob> seek(DigestKey digest) throws IOException {
        Optional<Blob> there = use(digest);
        if (there.isPresent() || Layout.size(layout.blob(digest)) < 0) {
            return there; // Mostly: and commits, which synchronise with the disk, aren't waited for.
        }
        synchronized (books) {
            Optional<Blob> known = use(digest);
            if (known.isPresent()) {
                return known;
            }
            long size = Layout.size(layout.blob(digest));
            if (size < 0) {
                return Optional.empty();
            }
            var blob = new Blob(digest, size);
            return Optional.of(books.isFull() ? blob : books.enter(blob));
        }
    }

    /** Remembers that {@code digest} is what {@code path} leads to, also after a restart. */
    void learn(FilePath path, DigestKey digest) throws IOException {
        PathKey key = PathKey.of(path);
        Optional<Blob.Link> known = books.link(key);
        Optional<Blob> blob = books.peek(digest);
        if (blob.isPresent()
                && known.filter(link -> link.blob().equals(blob.get())).isEmpty()
                && books.note(key, blob.get())) {
            links.write(key, digest);
        }
    }

    /** Puts a finished temporary file in its place; the room it was promised becomes that of its blocks. Held once. */
    Blob settle(Path temporary, DigestKey digest, long size, long room) throws IOException {
        synchronized (books) {
            Path place = layout.blob(digest);
            Optional<Blob> present = use(digest);
            if (present.isPresent()
                    && Layout.size(place) == present.get().size()
                    && present.get().hold()) {
                Files.deleteIfExists(temporary);
                budget.release(room);
                return present.get();
            }
            if (present.isPresent() && present.get().lose()) {
                books.strike(present.get()); // Another process has evicted it.
                budget.forget(Budget.onDisk(present.get().size()));
            }
            budget.settle(temporary, place, size, room);
            var blob = new Blob(digest, size);
            blob.hold();
            books.add(blob);
            return blob;
        }
    }

    /** Drops a blob that can't be read, or isn't what it should be, although somebody may hold it. */
    void lose(Blob blob, String reason) {
        books.lose(blob, reason);
    }

    /**
     * Makes the books right by what is in the folders.
     *
     * @param still whether nobody else can have changed anything since before this was called
     * @param over whether to give up
     */
    void reconcile(Budget.Sole still, BooleanSupplier over) throws IOException {
        reconciliation.run(still, over);
    }

    StoreFigures figures() {
        return new StoreFigures(
                books.evictableCount() + pins.count(),
                new ByteSize(budget.taken()),
                new ByteSize(budget.limit()),
                room.evicted());
    }

    /** How many bytes are pinned. */
    long pinned() {
        return pins.bytes();
    }
}
