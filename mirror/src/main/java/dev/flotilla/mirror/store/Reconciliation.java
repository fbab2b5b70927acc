package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the books of the files right by what is on disk, after a start and whenever another process may have changed it. Blocks. */
final class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    private final Layout layout;
    private final Links links;
    private final Keeper keeper;
    private final Budget budget;
    private final Pins pins;
    private final Books books;
    private final Room room;

    Reconciliation(Layout layout, Links links, Keeper keeper, Budget budget, Pins pins, Books books, Room room) {
        this.layout = layout;
        this.links = links;
        this.keeper = keeper;
        this.budget = budget;
        this.pins = pins;
        this.books = books;
        this.room = room;
    }

    /**
     * Makes the books right by what is in the folders: what they don't know is added, the oldest first; what isn't there any
     * more is struck out; what doesn't fit the budget is evicted.
     *
     * @param still whether nobody else can have changed anything since before this was called
     * @param over whether to give up
     */
    void run(Budget.Sole still, BooleanSupplier over) throws IOException {
        books.rememberLeaving();
        long more;
        try {
            boolean empty = books.evictableCount() == 0;
            Inventory.Found found =
                    Inventory.blobs(layout, digest -> books.peek(digest).isPresent(), books.space(), over);
            found.blobs().forEach(books::enterUnlessLeft);
            more = found.more();
            if (!empty) {
                strikeMissing(over);
            }
            links.forEach(new LinkReader(), over);
            pins.forEach(this::restorePin);
        } finally {
            books.forgetLeaving();
        }
        if (!over.getAsBoolean()) {
            if (more > 0) {
                reportFull(more);
            }
            budget.recount(more, still);
            room.resume();
            room.makeRoom(0);
        }
    }

    private void reportFull(long more) {
        LOG.error(
                "the store has more than the {} files that there is memory for (store.most-files): {} of others stay and are given"
                        + " out, but are never evicted; give the program more heap (FLOTILLA_JAVA_OPTIONS=-Xmx…, some 220 bytes a file)",
                books.evictableCount() + pins.count(),
                new ByteSize(more));
    }

    private boolean restorePin(DigestKey digest) {
        synchronized (books) {
            Optional<Blob> known = books.peek(digest);
            boolean pinned = pins.find(digest).isPresent();
            return pinned || (known.isPresent() ? books.pin(known.get()) : !keeper.isHere());
        }
    }

    private void strikeMissing(BooleanSupplier over) throws IOException {
        strikeMissing(books.evictable(), over);
        strikeMissing(pins.all(), over);
    }

    private void strikeMissing(Iterable<Blob> known, BooleanSupplier over) throws IOException {
        for (Blob blob : known) {
            if (over.getAsBoolean()) {
                return;
            }
            if (Layout.size(layout.blob(blob)) < 0) {
                synchronized (books) {
                    if (Layout.size(layout.blob(blob)) < 0 && blob.lose()) {
                        books.strike(blob);
                        budget.forget(Budget.onDisk(blob.size()));
                    }
                }
            }
        }
    }

    private final class LinkReader implements Links.Reader {
        @Override
        public boolean knows(PathKey path) {
            return books.link(path).isPresent();
        }

        /** A link may be made by another process for a blob that came after the folders were read. */
        @Override
        public boolean read(PathKey path, DigestKey digest) throws IOException {
            Optional<Blob> blob = books.peek(digest);
            if (blob.isPresent()) {
                return books.note(path, blob.get());
            }
            return !keeper.isHere() || Layout.size(layout.blob(digest)) >= 0;
        }
    }
}
