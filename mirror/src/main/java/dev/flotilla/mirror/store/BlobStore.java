package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole, verified files by their digest, within a byte budget. What is asked for least leaves first; what is being sent
 * never does. Safe for use from any thread; what blocks says so and belongs on a worker.
 */
public final class BlobStore {
    private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);

    /** How many candidates for eviction are looked at in one go, at first. */
    private static final int CANDIDATES = 16;

    private final Layout layout;
    private final Unfinished unfinished;
    private final Links links;
    private final Budget budget;
    private final Holdings<Sha256, Blob> blobs;
    private final ConcurrentMap<PathKey, Sha256> byPath = new ConcurrentHashMap<>();
    private final AtomicLong evicted = new AtomicLong();
    private final Object eviction = new Object();

    private BlobStore(Layout layout, Unfinished unfinished, ByteSize limit) {
        this.layout = layout;
        this.unfinished = unfinished;
        this.links = new Links(layout);
        this.budget = new Budget(limit);
        this.blobs = new FrequencyHoldings<>(budget.weightLimit(), blob -> Budget.weight(blob.size()));
    }

    /** Reads what is there, oldest first; what doesn't fit the budget any more is evicted. Blocks. */
    static BlobStore open(Layout layout, Unfinished unfinished, ByteSize limit) throws IOException {
        var store = new BlobStore(layout, unfinished, limit);
        for (Inventory.Item item : Inventory.blobs(layout)) {
            store.admit(item.digest(), item.size());
        }
        store.links.forEach(store::restore);
        return store;
    }

    private void admit(Sha256 digest, long size) throws IOException {
        if (!budget.tryTake(Budget.onDisk(size))) {
            try {
                reserve(Budget.onDisk(size));
            } catch (NoRoom tooLarge) {
                Files.deleteIfExists(layout.blob(digest));
                evicted.incrementAndGet();
                return;
            }
        }
        blobs.add(digest, new Blob(digest, size));
    }

    private boolean restore(PathKey path, Sha256 digest) {
        return blobs.use(digest)
                .filter(blob -> blob.addPath(path))
                .map(blob -> byPath.put(path, digest) == null)
                .orElse(false);
    }

    /** The file at {@code path}, held for the caller, if it is here. Doesn't block. */
    public Optional<StoredFile> find(FilePath path) {
        if (path.sha256().isPresent() && !path.metadata()) {
            return find(path.sha256().get());
        }
        return Optional.ofNullable(byPath.get(PathKey.of(path))).flatMap(this::find);
    }

    /** The file with this digest, held for the caller, if it is here. Doesn't block. */
    public Optional<StoredFile> find(Sha256 digest) {
        return blobs.use(digest).flatMap(this::hold);
    }

    private Optional<StoredFile> hold(Blob blob) {
        return blob.hold()
                ? Optional.of(new StoredFile(
                        layout.blob(blob.digest()), blob.size(), blob.digest(), blob::letGo, () -> lose(blob)))
                : Optional.empty();
    }

    /**
     * Remembers that the file at {@code path} is {@code file}, also after a restart. Only for what was verified. Blocks.
     */
    public void learn(FilePath path, StoredFile file) throws IOException {
        if (path.sha256().isPresent() && !path.metadata()) {
            return; // Its path is its digest.
        }
        PathKey key = PathKey.of(path);
        boolean known = file.digest().equals(byPath.get(key));
        if (!known && blobs.use(file.digest()).filter(blob -> blob.addPath(key)).isPresent()) {
            links.write(key, file.digest());
            byPath.put(key, file.digest());
        }
    }

    /** Reads all of {@code file} and says whether it is the expected one. Blocks. */
    public Verification.Finding verify(StoredFile file, Expected expected) throws IOException {
        var verification = new Verification(expected);
        var buffer = new byte[1 << 16];
        try (var content = Files.newInputStream(file.path())) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                verification.update(buffer, 0, count);
            }
        }
        return verification.finish();
    }

    /**
     * Begins to take in a file, with room for all of it where its size is known. Blocks.
     *
     * @throws NoRoom where the budget doesn't allow for it
     * @throws IOException where the disk doesn't take it
     */
    public Intake begin(Expected expected) throws IOException {
        OptionalLong size = expected.size();
        long room = size.isPresent() ? Budget.onDisk(size.getAsLong()) : 0;
        reserve(room);
        boolean begun = false;
        try {
            var intake = new Intake(this, expected, unfinished.next(), room);
            begun = true;
            return intake;
        } finally {
            if (!begun) {
                budget.giveBack(room);
            }
        }
    }

    /** Takes room from the budget, evicting what has to go. */
    void reserve(long bytes) throws NoRoom {
        if (bytes > budget.limit()) {
            throw new NoRoom("it is larger than the store's whole budget of " + new ByteSize(budget.limit()));
        }
        if (budget.tryTake(bytes)) {
            return;
        }
        synchronized (eviction) {
            int candidates = CANDIDATES;
            while (!budget.tryTake(bytes)) {
                if (!evictOne(candidates)) {
                    if (candidates >= blobs.count()) {
                        throw new NoRoom("the store's budget of " + new ByteSize(budget.limit())
                                + " is taken by files that are being sent or downloaded");
                    }
                    candidates *= 8;
                }
            }
        }
    }

    private boolean evictOne(int candidates) {
        for (Blob blob : blobs.coldest(candidates)) {
            if (blob.leave()) {
                remove(blob);
                evicted.incrementAndGet();
                return true;
            }
        }
        return false;
    }

    private void remove(Blob blob) {
        blobs.remove(blob.digest(), blob);
        for (PathKey path : blob.paths()) {
            byPath.remove(path, blob.digest());
            links.remove(path);
        }
        try {
            Files.deleteIfExists(layout.blob(blob.digest()));
        } catch (IOException stays) {
            LOG.warn("can't delete {}: {}", layout.blob(blob.digest()), stays.toString());
        }
        budget.giveBack(Budget.onDisk(blob.size()));
    }

    private void lose(Blob blob) {
        synchronized (eviction) {
            if (blob.lose()) {
                LOG.warn("dropped {}: it can't be read any more", layout.blob(blob.digest()));
                remove(blob);
            }
        }
    }

    /** Puts a finished temporary file in its place; the room it was promised becomes that of its blocks. */
    StoredFile settle(Path temporary, Sha256 digest, long size, long room) throws IOException {
        synchronized (eviction) {
            Optional<StoredFile> present = find(digest);
            if (present.isPresent()) {
                Files.deleteIfExists(temporary);
                budget.giveBack(room);
                return present.get();
            }
            Layout.settle(temporary, layout.blob(digest));
            budget.giveBack(room - Budget.onDisk(size));
            var blob = new Blob(digest, size);
            StoredFile file = hold(blob).orElseThrow();
            blobs.add(digest, blob);
            return file;
        }
    }

    void giveBack(long room) {
        budget.giveBack(room);
    }

    void reportLeftover(Path temporary, IOException reason) {
        LOG.warn("can't delete {}, which the next start will: {}", temporary, reason.toString());
    }

    /** What it holds now. */
    public StoreFigures figures() {
        return new StoreFigures(
                blobs.count(), new ByteSize(budget.taken()), new ByteSize(budget.limit()), evicted.get());
    }

    /** The digests that would be evicted first, for tests. */
    List<Sha256> coldest(int count) {
        return blobs.coldest(count).stream().map(Blob::digest).toList();
    }
}
