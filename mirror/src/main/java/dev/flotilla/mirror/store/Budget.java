package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that one part of the store takes, counted in whole disk blocks: those of committed entries and those that are
 * promised to unfinished ones. All processes of the store take from one {@link Ledger}. Safe for use from any thread; what
 * changes it blocks for a moment.
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

    /** What all processes have taken, as far as known here. */
    private long taken;

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

    synchronized long taken() {
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
            taken += fit ? bytes : 0;
            cells.setTaken(part, taken);
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
     * Something unfinished has become an entry of {@code size} bytes.
     *
     * @param known bytes of the entry in the books that it replaces, on disk; 0 where there is none
     * @param found bytes of the file that it has replaced; 0 where there was none
     */
    synchronized void settle(long room, long size, long known, long found) {
        promised = less(promised, room);
        kept = less(kept, known) + onDisk(size);
        account(onDisk(size) - room - found);
    }

    /** An entry of {@code bytes} on disk has been found that is accounted for already. */
    synchronized void adopt(long bytes) {
        kept += bytes;
    }

    /** An entry has left the books, and nothing on disk has changed by it. */
    synchronized void forget(long bytes) {
        kept = less(kept, bytes);
    }

    /** An entry has been deleted. */
    synchronized void drop(long bytes) {
        kept = less(kept, bytes);
        account(-bytes);
    }

    /** Something on disk is gone that isn't in the books, or not any more. */
    synchronized void vanish(long bytes) {
        account(-bytes);
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
     * @param still whether the books tell of all that is there; asked while nobody else changes anything
     */
    synchronized void recount(Sole still) throws IOException {
        ledger.exclusively(cells -> {
            if (still.isSole(cells)) {
                taken = kept + promised;
                owed = 0;
                cells.setTaken(part, taken);
                cells.setWanted(part, 0); // Whoever wanted it has ended.
            }
            return true;
        });
    }

    /** Whether this process has the store for itself. */
    interface Sole {
        boolean isSole(Ledger.Cells cells) throws IOException;
    }

    private void account(long bytes) {
        owed += bytes;
        try {
            ledger.exclusively(cells -> {
                taken = Math.max(0, cells.taken(part) + owed);
                cells.setTaken(part, taken);
                return true;
            });
            owed = 0;
        } catch (IOException later) {
            taken += bytes;
            LOG.debug("the ledger will hear of {} bytes later: {}", owed, later.toString());
        }
    }

    private static long less(long amount, long bytes) {
        if (bytes > amount) {
            throw new IllegalStateException("more given back than taken: " + bytes + " of " + amount);
        }
        return amount - bytes;
    }
}
