package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole, verified files by their digest, within a byte budget. What is asked for least leaves first; what is being sent
 * never does. Other processes may have the same folder open. Safe for use from any thread; what blocks says so and belongs
 * on a worker.
 */
public final class BlobStore {
    private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);

    private final KnownNames names = new KnownNames();
    private final Layout layout;
    private final Unfinished unfinished;
    private final Stock stock;
    private final DiskHealth health;

    BlobStore(Layout layout, Unfinished unfinished, Stock stock, DiskHealth health) {
        this.health = health;
        this.layout = layout;
        this.unfinished = unfinished;
        this.stock = stock;
    }

    /**
     * The file at {@code path}, held for the caller, as far as memory says. Doesn't block. What isn't found may still be on
     * disk: {@link #seek(FilePath)}.
     */
    public Optional<StoredFile> find(FilePath path) {
        Optional<Blob> blob = stock.find(names.key(path));
        blob.ifPresent(found -> stock.watch(path, found));
        return blob.flatMap(this::hold);
    }

    /** The file with this digest, held for the caller, as far as memory says. Doesn't block. */
    public Optional<StoredFile> find(Sha256 digest) {
        return stock.use(DigestKey.of(digest)).flatMap(this::hold);
    }

    /**
     * Whether what isn't found in memory isn't on disk either, which needn't be looked at then. Another process that was started
     * less than a second ago may have committed something all the same: to fetch that once more costs time, and harms nothing.
     */
    public boolean knowsAll() {
        return stock.knowsAll();
    }

    /**
     * The file at {@code path}, held for the caller, if it is on disk, whether this process knew it or not: another one may have
     * committed it, and after a start the folders are read in the background. A disk that fails has none. Blocks.
     */
    public Optional<StoredFile> seek(FilePath path) {
        try {
            Optional<Blob> blob = stock.seek(PathKey.of(path));
            blob.ifPresent(found -> stock.watch(path, found));
            return blob.flatMap(this::hold);
        } catch (IOException failing) {
            return unseen(failing);
        }
    }

    /** The file with this digest, held for the caller, if it is on disk. Blocks. */
    public Optional<StoredFile> seek(Sha256 digest) {
        try {
            return stock.seek(DigestKey.of(digest)).flatMap(this::hold);
        } catch (IOException failing) {
            return unseen(failing);
        }
    }

    /** Whether the file with this digest is on disk, without this counting as somebody's wish for it. Blocks. */
    public boolean isHere(Sha256 digest) throws IOException {
        return stock.isHere(DigestKey.of(digest));
    }

    private static Optional<StoredFile> unseen(IOException failing) {
        LOG.warn("can't look into the store: {}", failing.toString());
        return Optional.empty();
    }

    private Optional<StoredFile> hold(Blob blob) {
        return blob.hold() ? Optional.of(held(blob)) : Optional.empty();
    }

    private StoredFile held(Blob blob) {
        return new StoredFile(
                () -> layout.blob(blob),
                blob.size(),
                names.digest(blob),
                blob::letGo,
                () -> stock.lose(blob, "it can't be read any more"));
    }

    /**
     * Remembers that the file at {@code path} is {@code file}, also after a restart. Only for what was verified. Blocks.
     */
    public void learn(FilePath path, StoredFile file) throws IOException {
        DigestKey digest = DigestKey.of(file.digest());
        stock.use(digest).ifPresent(blob -> stock.watch(path, blob));
        stock.learn(path, digest);
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
     * @throws Unwritable where the disk has failed lately or is full
     * @throws IOException where the disk doesn't take it
     */
    public Intake begin(Expected expected) throws IOException {
        return onDisk(() -> beginOnDisk(expected));
    }

    /**
     * The same where room for all of the file is free: nothing leaves for it, and it is empty where something would have to. Blocks.
     *
     * @throws IOException as {@link #begin}
     */
    public Optional<Intake> prepare(Expected expected) throws IOException {
        return onDisk(() -> {
            long room = room(expected);
            return stock.room().take(room) ? Optional.of(begun(expected, room)) : Optional.empty();
        });
    }

    private Intake beginOnDisk(Expected expected) throws IOException {
        long room = room(expected);
        reserve(room);
        return begun(expected, room);
    }

    private static long room(Expected expected) {
        OptionalLong size = expected.size();
        return size.isPresent() ? Budget.onDisk(size.getAsLong()) : 0;
    }

    /** One for which {@code room} has been taken. */
    private Intake begun(Expected expected, long room) throws IOException {
        boolean begun = false;
        try {
            var intake = new Intake(this, expected, unfinished.next(), room);
            begun = true;
            return intake;
        } finally {
            if (!begun) {
                giveBack(room);
            }
        }
    }

    /** Why {@link #begin} takes in nothing at the moment, if it is known beforehand. Doesn't block. */
    public Optional<String> failure() {
        return health.failure();
    }

    /** Does something that writes, unless the disk is known not to take it. */
    <T> T onDisk(DiskHealth.Writing<T> writing) throws IOException {
        return health.watch(writing);
    }

    /** Counts what has been written of something unfinished; less than nothing once that is over. */
    void arrived(long bytes) {
        stock.room().arrived(bytes);
    }

    /** Takes room from the budget, evicting what has to go. */
    void reserve(long bytes) throws IOException {
        stock.room().reserve(bytes);
    }

    /** Puts a finished temporary file in its place; the room it was promised becomes that of its blocks. */
    StoredFile settle(Path temporary, Sha256 digest, long size, long room) throws IOException {
        return held(stock.settle(temporary, DigestKey.of(digest), size, room));
    }

    void giveBack(long room) {
        stock.budget().release(room);
    }

    void reportLeftover(Path temporary, IOException reason) {
        LOG.warn("can't delete {}, which the next start will: {}", temporary, reason.toString());
    }

    /** What it holds now. */
    public StoreFigures figures() {
        return stock.figures();
    }
}
