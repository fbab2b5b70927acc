package dev.flotilla.mirror.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What all processes of one store have taken together, in a file that they change one at a time, under a lock of the
 * system. It outlives them: after a start it says what is taken before the folders have been read. It isn't synchronised
 * with the disk: after a power cut it may be older, until they have been. Safe for use from any thread; it blocks for as
 * long as four system calls take.
 *
 * <p>The file: a line that names it, in 16 bytes; then longs, most significant byte first: for files and for pages the bytes
 * taken, and the bytes that a process wants which may not evict; and how often the store was opened.
 */
final class Ledger implements Closeable {
    private static final byte[] NAME = "flotilla ledger\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = NAME.length + (Part.values().length * 2 + 1) * Long.BYTES;

    /** Nobody keeps the lock for longer than a moment. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long PAUSE_NANOS = 100_000;

    private final Path file;
    private @Nullable FileChannel channel;
    private boolean fresh = true;

    Ledger(Layout layout) {
        this.file = layout.ledger();
    }

    /** What is accounted for apart. */
    enum Part {
        FILES(0),
        PAGES(1);

        private final int index;

        Part(int index) {
            this.index = index;
        }
    }

    /** Something to be done while no other process changes the ledger. */
    interface Step<T> {
        T run(Cells cells) throws IOException;
    }

    /** Opens the file, and makes it where it is missing. Harmless when it is open. */
    synchronized void open() throws IOException {
        if (channel != null) {
            return;
        }
        FileChannel opened =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean read = false;
        try {
            channel = opened;
            fresh = exclusively(cells -> !cells.wereThere());
            read = true;
        } finally {
            if (!read) {
                channel = null;
                opened.close();
            }
        }
    }

    /** Whether there was no ledger before this one was opened, so that nobody knows yet what is taken. */
    synchronized boolean isFresh() {
        return fresh;
    }

    /** What a step has done can't be written down: the disk fails. */
    static final class Unwritten extends IOException {
        private static final long serialVersionUID = 1;

        Unwritten(Path file, IOException reason) {
            super("can't write " + file, reason);
        }
    }

    /**
     * Runs {@code step} while no other process or thread does the same; what it changed is written.
     *
     * @throws Unwritten where {@code step} was run to its end, and the ledger doesn't say so
     */
    synchronized <T> T exclusively(Step<T> step) throws IOException {
        FileChannel opened = channel;
        if (opened == null) {
            throw new IOException(file + " isn't open: the disk has failed since the start");
        }
        FileLock held = lock(opened);
        try {
            var cells = Cells.read(opened);
            T result = step.run(cells);
            write(cells, opened);
            return result;
        } finally {
            held.release();
        }
    }

    private void write(Cells cells, FileChannel opened) throws Unwritten {
        try {
            cells.writeIfChanged(opened);
        } catch (IOException failed) {
            throw new Unwritten(file, failed);
        }
    }

    /** Another thread of this program can have it only where two stores are open on one folder: then it is waited for. */
    private FileLock lock(FileChannel opened) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                return opened.lock();
            } catch (OverlappingFileLockException twin) {
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new IOException("can't lock " + file + " for " + PATIENCE.toSeconds() + " s", twin);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    /** What stands in the file, while it is locked. */
    static final class Cells {
        private final ByteBuffer content;
        private boolean there;
        private boolean changed;

        private Cells(ByteBuffer content) {
            this.content = content;
        }

        private static Cells read(FileChannel channel) throws IOException {
            var content = ByteBuffer.allocate(LENGTH);
            int count = 0;
            while (count >= 0 && content.hasRemaining()) {
                count = channel.read(content, content.position());
            }
            boolean there =
                    !content.hasRemaining() && Arrays.equals(content.array(), 0, NAME.length, NAME, 0, NAME.length);
            var cells = new Cells(there ? content : ByteBuffer.allocate(LENGTH).put(0, NAME));
            cells.there = there;
            cells.changed = !there;
            return cells;
        }

        private void writeIfChanged(FileChannel channel) throws IOException {
            if (changed) {
                content.rewind();
                while (content.hasRemaining()) {
                    channel.write(content, content.position());
                }
            }
        }

        private boolean wereThere() {
            return there;
        }

        private static int at(Part part) {
            return NAME.length + part.index * 2 * Long.BYTES;
        }

        long taken(Part part) {
            return content.getLong(at(part));
        }

        /** Less than nothing can't be taken: a power cut may have left an older ledger. */
        void setTaken(Part part, long bytes) {
            set(at(part), Math.max(0, bytes));
        }

        long wanted(Part part) {
            return content.getLong(at(part) + Long.BYTES);
        }

        void setWanted(Part part, long bytes) {
            set(at(part) + Long.BYTES, bytes);
        }

        /** How often the store was opened: while that stays the same, nobody has come. */
        long openings() {
            return content.getLong(LENGTH - Long.BYTES);
        }

        void countOpening() {
            set(LENGTH - Long.BYTES, openings() + 1);
        }

        private void set(int at, long value) {
            if (content.getLong(at) != value) {
                content.putLong(at, value);
                changed = true;
            }
        }
    }
}
