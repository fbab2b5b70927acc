package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Intake;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.Deferral;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way: what those who wait for it and follow it see of it. One producer tells it how far the file has come
 * and how it ended; any number of clients look. Safe for use from any thread; those who wait are woken on the producer's
 * thread and go to their own context from there.
 */
final class Arrival {
    /** How the tag of every attempt begins; no digest does. */
    static final String TAG = "attempt-";

    /** How it ended. */
    sealed interface End {
        /** It is whole, right and in the store; held for as long as anybody follows. */
        record Whole(StoredFile file) implements End {}

        /** There is no such file. */
        record Absent() implements End {}

        /**
         * It can't be had.
         *
         * @param deferral where nobody was asked: why, and when somebody will be
         */
        record Failed(String reason, Optional<Deferral> deferral) implements End {
            Failed(String reason) {
                this(reason, Optional.empty());
            }
        }

        /** The store can't take it: everybody gets it from upstream for himself. */
        record Passing(Bypass.Passage passage) implements End {}
    }

    /**
     * How far it has come.
     *
     * @param available how many bytes may be sent: all that was written, without what is held back
     * @param end how it ended, if it did
     */
    record Progress(
            long available, OptionalLong size, @Nullable End end) {
        boolean hasBegun() {
            return available > 0 || end != null;
        }
    }

    private final String tag = TAG + UUID.randomUUID();
    private final List<FilePath> paths = new ArrayList<>(1);
    private final int mostFollowers;
    private final Consumer<Intake> closing;
    private final Consumer<Arrival> onEnd;
    private Set<Runnable> waiting = new LinkedHashSet<>();
    private Progress progress = new Progress(0, OptionalLong.empty(), null);
    private @Nullable Intake intake;
    private int followers;
    private boolean closed;
    private volatile boolean queued;

    /**
     * @param mostFollowers how many clients may follow it
     * @param closing ends one use of an intake, on a worker
     * @param onEnd hears once that it has ended
     */
    Arrival(FilePath path, int mostFollowers, Consumer<Intake> closing, Consumer<Arrival> onEnd) {
        this.paths.add(path);
        this.mostFollowers = mostFollowers;
        this.closing = closing;
        this.onEnd = onEnd;
    }

    /** Names the bytes that come: all that is ever sent of it, until it ends, is of one file. */
    String tag() {
        return tag;
    }

    /** Says whether it waits for its turn. */
    void queued(boolean waits) {
        queued = waits;
    }

    boolean isQueued() {
        return queued;
    }

    /** Notes that the file has this path, too; false when it has ended. */
    synchronized boolean alsoAt(FilePath path) {
        return progress.end() == null && paths.add(path);
    }

    /** The paths that the file has. */
    synchronized List<FilePath> paths() {
        return List.copyOf(paths);
    }

    synchronized Progress progress() {
        return progress;
    }

    /**
     * Has {@code wake} run, once, as soon as more than {@code beyond} bytes are available or it has ended; at once if so.
     * Whoever waits no longer says so by {@link #forget}.
     */
    void await(long beyond, Runnable wake) {
        synchronized (this) {
            if (progress.available() <= beyond && progress.end() == null) {
                waiting.add(wake);
                return;
            }
        }
        wake.run();
    }

    synchronized void forget(Runnable wake) {
        waiting.remove(wake);
    }

    /** The file that it comes into from now on, to be called while nothing is available. */
    void into(Intake destination, OptionalLong size) {
        Intake before;
        synchronized (this) {
            before = intake;
            intake = destination.use() ? destination : null;
            progress = new Progress(0, size, null);
        }
        if (before != null) {
            closing.accept(before);
        }
    }

    /** More bytes may be sent. */
    void advance(long available) {
        Set<Runnable> woken;
        synchronized (this) {
            if (available <= progress.available()) {
                return;
            }
            progress = new Progress(available, progress.size(), null);
            woken = takeWaiting();
        }
        woken.forEach(Runnable::run);
    }

    /** It is over; to be called once. */
    void end(End end) {
        Set<Runnable> woken;
        synchronized (this) {
            if (progress.end() != null) {
                throw new IllegalStateException("it has ended before: " + progress.end());
            }
            long available = end instanceof End.Whole(StoredFile file) ? file.size() : progress.available();
            OptionalLong size =
                    end instanceof End.Whole(StoredFile file) ? OptionalLong.of(file.size()) : progress.size();
            progress = new Progress(available, size, end);
            woken = takeWaiting();
        }
        onEnd.accept(this);
        woken.forEach(Runnable::run);
        closeIfUnused();
    }

    private Set<Runnable> takeWaiting() {
        Set<Runnable> woken = waiting;
        waiting = new LinkedHashSet<>();
        return woken;
    }

    /**
     * Adds a client: what the arrival holds stays until {@link #leave}, and {@link #intake()} may be read.
     *
     * @return false when there are too many, or when it is over and nothing is held any more
     */
    synchronized boolean follow() {
        if (followers >= mostFollowers || closed) {
            return false;
        }
        followers++;
        return true;
    }

    void leave() {
        synchronized (this) {
            followers--;
        }
        closeIfUnused();
    }

    /** How many clients it has. */
    synchronized int followers() {
        return followers;
    }

    /** How many of them wait for more, for tests. */
    synchronized int waiting() {
        return waiting.size();
    }

    /** The file that it comes into, once something is available. */
    synchronized Intake intake() {
        if (intake == null) {
            throw new IllegalStateException("nothing of the file is here yet");
        }
        return intake;
    }

    private void closeIfUnused() {
        Intake unused;
        StoredFile held;
        synchronized (this) {
            if (followers > 0 || progress.end() == null || closed) {
                return;
            }
            closed = true;
            unused = intake;
            held = progress.end() instanceof End.Whole(StoredFile file) ? file : null;
        }
        if (unused != null) {
            closing.accept(unused);
        }
        if (held != null) {
            held.release();
        }
    }
}
