package dev.flotilla.mirror.store;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes on beside the requests, on one thread: reading the folders after the start, becoming the keeper when the one
 * before has ended, tidying up after processes that have ended, making room for those that may not evict, pinning, and
 * trying a disk again that has failed.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    /** How soon a process that waits for room gets some; each round costs a few system calls. */
    private static final Duration ROUND = Duration.ofMillis(250);

    private final Opening opening;
    private final Ledger ledger;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private final Stock stock;
    private final PageStore pages;
    private final DiskHealth health;
    private final CountDownLatch read = new CountDownLatch(1);
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Whether the folders are to be read before anything else. */
    private boolean outdated = true;

    /** Whether nobody else has had the store open since the last count. */
    private Budget.Sole counted = cells -> false;

    /** Whether that is so now. */
    private boolean sole;

    private boolean troubled;

    Housekeeping(Opening opening, Stock stock, PageStore pages, DiskHealth health) {
        this.health = health;
        this.opening = opening;
        this.ledger = opening.ledger();
        this.keeper = opening.keeper();
        this.unfinished = opening.unfinished();
        this.stock = stock;
        this.pages = pages;
    }

    /** Goes on until {@link #end}. */
    void run() {
        try {
            do {
                round();
            } while (!asked.await(ROUND.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private void round() {
        health.tend(this::tryDisk);
        if (!opening.isComplete()) {
            return;
        }
        sole = false;
        try {
            if (keeper.tryToBecome()) {
                stock.room().suspend();
                pages.suspend();
                outdated = true;
            }
            outdated |= keeper.isHere() && ledger.exclusively(this::isCountDue);
            if (outdated) {
                read();
            }
            stock.pinWatched();
            if (keeper.isHere()) {
                stock.room().makeRoom(stock.budget().takeWanted());
                pages.makeRoomWanted();
            } else {
                stock.budget().refresh();
                pages.refresh();
            }
            troubled = false;
        } catch (IOException failed) {
            if (!troubled) {
                LOG.warn("the store's folders can't be read or tidied up, this is tried again: {}", failed.toString());
            }
            troubled = true;
        } catch (RuntimeException fault) {
            LOG.error("a fault while tidying up the store", fault);
        }
        stock.believeBooks(sole && !troubled);
    }

    private void tryDisk() throws IOException {
        boolean late = !opening.isComplete();
        opening.complete();
        if (late) {
            opened();
        }
        unfinished.tryDisk();
    }

    /** Everything that is needed for writing is there now: takes over what the ledger says, and keeps the store if nobody does. */
    void opened() throws IOException {
        if (!ledger.isFresh()) {
            stock.room().believeBudget();
        }
        stock.budget().refresh();
        pages.refresh();
        keeper.tryToBecome();
    }

    /** Others may have been killed, or have met what isn't in the books: as soon as this process is alone again, all is counted. */
    private boolean isCountDue(Ledger.Cells cells) throws IOException {
        sole = counted.isSole(cells);
        return unfinished.tidy() || (unfinished.isAlone() && !sole);
    }

    private void read() throws IOException {
        OptionalLong before = ledger.exclusively(unfinished::soleOpening);
        Budget.Sole still =
                cells -> before.isPresent() && unfinished.soleOpening(cells).equals(before);
        stock.reconcile(still, this::isAsked);
        pages.reconcile(still, this::isAsked);
        counted = still;
        outdated = false;
        read.countDown();
    }

    private boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Waits until the folders have been read once, for {@code patience} at most. */
    void awaitReading(Duration patience) {
        try {
            if (!read.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("the store is large: its folders are read in the background, and what isn't known yet is"
                        + " looked for on disk");
            }
        } catch (InterruptedException inAHurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it and waits until it has. Never by an interrupt, which would close the files that it works with. */
    void end() {
        asked.countDown();
        awaitEnd(ended);
    }

    static void awaitEnd(CountDownLatch ended) {
        boolean interrupted = false;
        while (ended.getCount() > 0) {
            try {
                ended.await();
            } catch (InterruptedException inAHurry) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
