package dev.flotilla.mirror.store;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The books of the files: which are known to be here, and which paths lead to them. Whoever changes which files there are, on disk
 * and here, holds its monitor meanwhile. Safe for use from any thread; what deletes blocks.
 */
final class Books {
    private static final Logger LOG = LoggerFactory.getLogger(Books.class);

    private final Layout layout;
    private final Links links;
    private final Budget budget;
    private final Pins pins;
    private final long most;
    private final Holdings<DigestKey, Blob> blobs;
    private final ConcurrentMap<PathKey, Blob.Link> byPath = new ConcurrentHashMap<>();

    /** What has left while the folders are being read; absent at other times. */
    private @Nullable Set<DigestKey> leaving;

    /** @param most how many files it holds: each takes room on the heap */
    Books(Layout layout, Links links, Budget budget, Pins pins, long most) {
        this.most = most;
        this.layout = layout;
        this.links = links;
        this.budget = budget;
        this.pins = pins;
        this.blobs = new FrequencyHoldings<>(budget.weightLimit(), blob -> Budget.weight(blob.size()));
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

    /** The same, which counts as no use. */
    Optional<Blob> peek(DigestKey digest) {
        Optional<Blob> pinned = pins.find(digest);
        return pinned.isPresent() ? pinned : blobs.peek(digest);
    }

    /** What leads to a blob from {@code path}. */
    Optional<Blob.Link> link(PathKey path) {
        return Optional.ofNullable(byPath.get(path));
    }

    /** Every file that may be evicted, in no order. */
    Iterable<Blob> evictable() {
        return blobs.all();
    }

    /** How many files more it holds. */
    long space() {
        return Math.max(0, most - blobs.count() - pins.count());
    }

    /** Whether it holds no more: files that it doesn't know are given out, and never evicted. */
    boolean isFull() {
        return space() == 0;
    }

    /** How many files may be evicted. */
    long evictableCount() {
        return blobs.count();
    }

    /** The files that would be evicted first, the first first. */
    List<Blob> coldest(int count) {
        return blobs.coldest(count);
    }

    /** A file that was found on disk. */
    Blob enter(Blob blob) {
        budget.adopt(Budget.onDisk(blob.size()));
        blobs.add(blob, blob);
        return blob;
    }

    /** A file that has just come to the disk. */
    void add(Blob blob) {
        blobs.add(blob, blob);
    }

    /** Notes that {@code path} leads to {@code blob}, unless that is leaving. */
    boolean note(PathKey path, Blob blob) {
        var link = new Blob.Link(path, blob);
        if (!blob.add(link)) {
            return false;
        }
        byPath.put(link, link);
        return true;
    }

    /** Pins a file, if pins have room for it. */
    boolean pin(Blob blob) {
        if (!pins.add(blob)) {
            return false;
        }
        blobs.remove(blob, blob);
        return true;
    }

    /** Pins the file of {@code digest} if it may be evicted; says whether it was. */
    boolean pinEvictable(DigestKey digest) {
        Optional<Blob> blob = blobs.peek(digest);
        return blob.isPresent() && pin(blob.get());
    }

    /** From now on it is remembered who leaves, until {@link #forgetLeaving}. */
    synchronized void rememberLeaving() {
        leaving = new HashSet<>();
    }

    synchronized void forgetLeaving() {
        leaving = null;
    }

    /** A file that was found while who leaves is remembered: it isn't entered if it has left since, or is known. */
    synchronized void enterUnlessLeft(Blob blob) {
        boolean left = leaving != null && leaving.contains(blob);
        if (!left && peek(blob).isEmpty()) {
            enter(blob);
        }
    }

    /** Deletes the blob's file and strikes it out of the books; nothing has changed where the disk doesn't let it. */
    void remove(Blob blob) throws IOException {
        budget.remove(layout.blob(blob), known(blob));
        strike(blob);
    }

    /** What the books have for it. */
    private long known(Blob blob) {
        return peek(blob).isPresent() ? Budget.onDisk(blob.size()) : 0;
    }

    /** Strikes the blob and what leads to it out of the books. */
    void strike(Blob blob) {
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
        synchronized (this) {
            if (!blob.lose()) {
                return;
            }
            try {
                remove(blob);
                LOG.warn("dropped {}: {}", layout.blob(blob), reason);
            } catch (IOException stays) {
                LOG.warn("can't delete {}, of which {}: {}", layout.blob(blob), reason, stays.toString());
                budget.forget(known(blob));
                strike(blob);
            }
        }
    }
}
