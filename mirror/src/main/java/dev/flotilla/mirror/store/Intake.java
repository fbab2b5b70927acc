package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file on its way into the store: a temporary file that grows, is verified and takes its place. One thread at a time
 * writes and ends it; any number may read what was written meanwhile, and afterwards. All of it blocks: workers only.
 *
 * <p>It counts its users: the temporary file stays readable, wherever it was moved to or even when it was deleted, until
 * the last of them calls {@link #close}.
 */
public final class Intake implements AutoCloseable {
    /** Where the size isn't known beforehand, room is promised in steps that double up to this. */
    private static final long LARGEST_STEP = 8L << 20;

    private final BlobStore store;
    private final Expected expected;
    private final Path temporary;
    private final FileChannel channel;
    private final Verification verification;
    private long written;
    private long room;
    private boolean over;
    private int users = 1;

    Intake(BlobStore store, Expected expected, Path temporary, long room) throws IOException {
        this.store = store;
        this.expected = expected;
        this.temporary = temporary;
        this.room = room;
        this.verification = new Verification(expected);
        this.channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Appends bytes.
     *
     * @throws NoRoom where the budget doesn't allow for them
     * @throws IOException where the disk doesn't take them
     */
    public void write(byte[] bytes, int from, int length) throws IOException {
        requireRunning();
        long end = store.onDisk(() -> append(ByteBuffer.wrap(bytes, from, length)));
        verification.update(bytes, from, length);
        store.arrived(end - written);
        written = end;
    }

    private long append(ByteBuffer buffer) throws IOException {
        makeRoom(written + buffer.remaining());
        long position = written;
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
        return position;
    }

    private void makeRoom(long size) throws IOException {
        long needed = Budget.onDisk(size);
        if (needed <= room) {
            return;
        }
        long step = expected.size().isPresent() ? 0 : Math.min(room, LARGEST_STEP);
        long wanted = Math.max(needed, room + step);
        store.reserve(wanted - room);
        room = wanted;
    }

    /** How many bytes were written. */
    public long written() {
        return written;
    }

    /**
     * Reads what was written, from {@code position} on, until {@code buffer} is full or nothing more is there. Safe for
     * use from any thread that holds a use.
     */
    public void read(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer, at);
            if (count < 0) {
                return;
            }
            at += count;
        }
    }

    /**
     * Verifies length and digests and, if they are right, puts the file in its place so that it survives a crash. Ends the
     * intake either way.
     *
     * @throws IOException where the disk failed: the file is discarded
     */
    public Verdict commit() throws IOException {
        requireRunning();
        over = true;
        boolean settled = false;
        try {
            Verification.Finding finding = verification.finish();
            if (finding.problem().isPresent()) {
                return new Verdict.Refused(finding.problem().get());
            }
            StoredFile file = store.onDisk(() -> {
                channel.force(true);
                return store.settle(temporary, finding.digest(), written, room);
            });
            settled = true;
            store.arrived(-written);
            return new Verdict.Committed(file);
        } finally {
            if (!settled) {
                forget();
            }
        }
    }

    /** Ends the intake without a file. Harmless when it is over. */
    public void discard() {
        if (!over) {
            over = true;
            forget();
        }
    }

    private void forget() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException stays) {
            store.reportLeftover(temporary, stays);
        }
        store.arrived(-written);
        store.giveBack(room);
    }

    /** Adds a user; false when the last one has left already. */
    public synchronized boolean use() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    /** Ends one use. The first one is that of the writer, who ends the intake before. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        channel.close();
    }

    private void requireRunning() {
        if (over) {
            throw new IllegalStateException("the intake of " + temporary + " is over");
        }
    }
}
