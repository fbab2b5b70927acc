package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that one part of the store takes, counted in whole disk blocks: those of committed entries and those that are
 * promised to unfinished ones. All processes of the store take from one {@link Ledger}, and files come and go while that is
 * locked: of two processes that put a file in its place and delete it in the same moment, each counts what it has done. Safe for use
 * from any thread; what changes it blocks for a moment.
 */
final class Budget {
    private static final Logger LOG = LoggerFactory.getLogger(Budget.class);
    private static final long BLOCK = 4096;

    private final Ledger ledger;
    private final Ledger.Part part;
    private final long limit;

    /** What the entries in this process's books take. */
    private long kept;

    /** What this process has promised. */
    private long promised;

    /** What couldn't be written into the ledger yet. */
    private long owed;

    /** What all processes have taken, as far as known here. Read without a lock: whoever changes it may wait for the disk. */
    private volatile long taken;

    /** Whether nobody else can have changed anything since the last count. */
    private Sole sole = cells -> false;

    /** Nothing seems taken before the first {@link #refresh}. */
    Budget(Ledger ledger, Ledger.Part part, ByteSize limit) {
        this.ledger = ledger;
        this.part = part;
        this.limit = limit.bytes();
    }

    /** How many bytes of disk {@code size} bytes take. */
    static long onDisk(long size) {
        return Math.max(1, Math.ceilDiv(size, BLOCK)) * BLOCK;
    }

    /** The weight of an entry of {@code size} bytes: its blocks on disk in KiB. */
    static int weight(long size) {
        return Math.toIntExact(Math.min(onDisk(size) >> 10, Integer.MAX_VALUE));
    }

    /** The most that the weights of all entries together can be. */
    long weightLimit() {
        return Math.max(1, limit >> 10);
    }

    long limit() {
        return limit;
    }

    long taken() {
        return taken;
    }

    /** What the entries in this process's books take. */
    synchronized long kept() {
        return kept;
    }

    /** What this process has promised to unfinished entries. */
    synchronized long promised() {
        return promised;
    }

    /** Takes {@code bytes} for something unfinished, if they fit. */
    synchronized boolean promise(long bytes) throws IOException {
        boolean fits = ledger.exclusively(cells -> {
            taken = Math.max(0, cells.taken(part) + owed);
            boolean fit = bytes <= limit - taken;
            set(cells, taken + (fit ? bytes : 0));
            return fit;
        });
        owed = 0;
        promised += fits ? bytes : 0;
        return fits;
    }

    /** Something unfinished is gone. */
    synchronized void release(long room) {
        promised = less(promised, room);
        account(-room);
    }

    /**
     * Puts something unfinished in its place, where it is an entry of {@code size} bytes, and makes that last. Where the disk
     * fails at that, the file is deleted and {@code room} still promised: nothing is here of which nobody knows whether it will
     * be.
     */
    void settle(Path finished, Path place, long size, long room) throws IOException {
        Layout.makeFolder(place);
        move(finished, place, size, room);
        boolean lasting = false;
        try {
            Layout.synchronise(Layout.parent(place));
            lasting = true;
        } finally {
            if (!lasting) {
                takeBack(place, size, room);
            }
        }
    }

    private synchronized void move(Path finished, Path place, long size, long room) throws IOException {
        change(cells -> onDisk(size) - room - occupied(Layout.move(finished, place)));
        promised = less(promised, room);
        kept += onDisk(size);
    }

    private synchronized void takeBack(Path place, long size, long room) throws IOException {
        promised += room;
        kept = less(kept, onDisk(size));
        account(room);
        change(cells -> -occupied(Layout.delete(place)));
    }

    /**
     * Deletes an entry's file. Nothing has changed where the disk doesn't let it.
     *
     * @param known bytes on disk of the entry as the books say; 0 where they have none
     */
    synchronized void remove(Path place, long known) throws IOException {
        change(cells -> {
            long gone = occupied(Layout.delete(place));
            // Others may have deleted it and told the ledger. Without others the books are right, and the disk has
            // changed.
            return gone != known && sole.isSole(cells) ? -known : -gone;
        });
        kept = less(kept, known);
    }

    /** An entry of {@code bytes} on disk has been found that is accounted for already. */
    synchronized void adopt(long bytes) {
        kept += bytes;
    }

    /** An entry has left the books, and nothing on disk has changed by it. */
    synchronized void forget(long bytes) {
        kept = less(kept, bytes);
    }

    /** Asks the process that may evict for room. */
    synchronized void want(long bytes) throws IOException {
        ledger.exclusively(cells -> {
            cells.setWanted(part, Math.min(limit, cells.wanted(part) + bytes));
            return true;
        });
    }

    /** Looks into the ledger: what others have taken meanwhile shows in {@link #taken} from then on. */
    synchronized void refresh() throws IOException {
        taken = ledger.exclusively(cells -> Math.max(0, cells.taken(part) + owed));
    }

    /** Takes over what others want; for the process that may evict. */
    synchronized long takeWanted() throws IOException {
        return ledger.exclusively(cells -> {
            long wanted = cells.wanted(part);
            cells.setWanted(part, 0);
            taken = cells.taken(part) + owed;
            return wanted;
        });
    }

    /**
     * Has the ledger say what the books say: it heals what a kill or a power cut between two steps has left.
     *
     * @param more what is there that the books don't hold
     * @param still whether nobody else changes anything; asked while nobody else does
     */
    synchronized void recount(long more, Sole still) throws IOException {
        ledger.exclusively(cells -> {
            if (still.isSole(cells)) {
                owed = 0;
                set(cells, kept + promised + more);
                cells.setWanted(part, 0); // Whoever wanted it has ended.
                sole = more == 0 ? still : nobody -> false;
            }
            return true;
        });
    }

    /** Whether this process has the store for itself. */
    interface Sole {
        boolean isSole(Ledger.Cells cells) throws IOException;
    }

    /** Something that changes which files there are; says how many bytes more of the disk they take. */
    private interface Change {
        long run(Ledger.Cells cells) throws IOException;
    }

    /** Does it in one step with the ledger. What that can't be told now it will be later. */
    private void change(Change change) throws IOException {
        try {
            ledger.exclusively(cells -> {
                owed += change.run(cells);
                set(cells, cells.taken(part) + owed);
                return true;
            });
            owed = 0;
        } catch (Ledger.Unwritten later) {
            LOG.debug("the ledger will hear of {} bytes later: {}", owed, later.toString());
        }
    }

    /** Has the ledger say so, now or later. */
    private void account(long bytes) {
        owed += bytes;
        try {
            change(cells -> 0);
        } catch (IOException later) {
            taken = Math.max(0, taken + bytes);
            LOG.debug("the ledger will hear of {} bytes later: {}", owed, later.toString());
        }
    }

    private void set(Ledger.Cells cells, long bytes) {
        taken = Math.max(0, bytes);
        cells.setTaken(part, taken);
    }

    /** What a file of {@code size} bytes takes on disk; -1 is none. */
    private static long occupied(long size) {
        return size < 0 ? 0 : onDisk(size);
    }

    private static long less(long amount, long bytes) {
        if (bytes > amount) {
            throw new IllegalStateException("more given back than taken: " + bytes + " of " + amount);
        }
        return amount - bytes;
    }
}
