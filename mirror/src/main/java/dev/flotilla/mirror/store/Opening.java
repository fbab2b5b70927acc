package dev.flotilla.mirror.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;

/**
 * What a process needs of the store's folder before it may write to it: folders, ledger, locks. Where the disk is full,
 * read-only or failing at the start, the store is opened without, and this is tried again until the disk takes it.
 */
final class Opening implements Closeable {
    private final Layout layout;
    private final Ledger ledger;
    private final Keeper keeper;
    private final Unfinished unfinished;
    private volatile boolean complete;

    Opening(Layout layout) {
        this.layout = layout;
        ledger = new Ledger(layout);
        keeper = new Keeper(layout);
        unfinished = new Unfinished(layout);
    }

    Layout layout() {
        return layout;
    }

    Ledger ledger() {
        return ledger;
    }

    Keeper keeper() {
        return keeper;
    }

    Unfinished unfinished() {
        return unfinished;
    }

    /** Makes and opens what isn't yet. For one thread at a time; what was opened stays so when the rest fails. */
    void complete() throws IOException {
        if (complete) {
            return;
        }
        layout.prepare();
        ledger.open();
        keeper.open();
        ledger.exclusively(cells -> {
            layout.noteFormat();
            return true;
        });
        unfinished.open(ledger);
        complete = true;
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether a failure comes of wrong settings, which waiting for the disk doesn't mend: another folder has to be named. */
    boolean isMistake(IOException failure) {
        return switch (failure) {
            case AccessDeniedException ignored -> true;
            case FileAlreadyExistsException ignored -> true;
            case NotDirectoryException ignored -> true;
            case Layout.ForeignFormat ignored -> true;
            default -> !Files.isDirectory(layout.root());
        };
    }

    /** Ends the use of the folder; what is unfinished is deleted. */
    @Override
    public void close() throws IOException {
        try {
            unfinished.close();
        } finally {
            keeper.close();
            ledger.close();
        }
    }
}
