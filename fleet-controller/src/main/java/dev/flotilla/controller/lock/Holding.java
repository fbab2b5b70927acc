package dev.flotilla.controller.lock;

import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.controller.lock.FleetLock.Sight;
import java.util.Optional;

/**
 * The lock while it is held: renewed by a thread of its own, and once more before every write that others go by. Given back when it
 * is closed. Thread-safe.
 */
public final class Holding implements Fence, AutoCloseable {
    private final FleetLock lock;
    private final Thread renewal;
    private LockRecord record;
    private ETag etag;
    private Optional<String> lost = Optional.empty();
    private boolean closed;

    Holding(FleetLock lock, LockRecord record, ETag etag) {
        this.lock = lock;
        this.record = record;
        this.etag = etag;
        this.renewal = Thread.ofVirtual().name("lock of " + record.owner()).start(this::renew);
    }

    @Override
    public synchronized long generation() {
        return record.generation();
    }

    public synchronized LockRecord record() {
        return record;
    }

    /**
     * Renews it: that the bucket takes the renewal is the proof that it is ours, for the whole of a lease from now. A controller that
     * slept finds another generation there, or, where nobody wanted the lock meanwhile, holds it on.
     */
    @Override
    public synchronized Optional<String> lost() {
        if (closed) {
            return Optional.of("the lock was given back already");
        }
        if (lost.isPresent()) {
            return lost;
        }
        // A second try is for a renewal that happened, whose answer was lost: its version is read from there.
        for (int tries = 0; tries < 2; tries++) {
            LockRecord next = record.renewed(lock.now().plus(lock.terms().lease()));
            switch (lock.write(next, etag)) {
                case Writing.Written written -> {
                    record = next;
                    etag = written.etag();
                    if (record.isHeld(lock.now())) {
                        return Optional.empty();
                    }
                    // The answer came so late that the new time is over, too.
                }
                case Writing.Failed failed -> {
                    return Optional.of("whether the lock is still held can't be found out: " + failed.reason());
                }
                case Writing.Conflict ignored -> {
                    Optional<String> unreadable = takeUp(lock.look());
                    if (unreadable.isPresent() || lost.isPresent()) {
                        return lost.isPresent() ? lost : unreadable;
                    }
                }
            }
        }
        return Optional.of("the lock changes faster than it can be renewed");
    }

    private Optional<String> takeUp(Sight sight) {
        switch (sight) {
            case Sight.Seen seen
            when seen.lock().id().equals(record.id()) && seen.lock().generation() == record.generation() -> {
                record = seen.lock();
                etag = seen.etag();
            }
            case Sight.Seen seen -> lost = Optional.of(text(seen.lock()));
            case Sight.Untouched ignored -> lost = Optional.of("the lock has been deleted from the bucket");
            case Sight.Unknown unknown -> {
                return Optional.of(unknown.reason());
            }
        }
        return Optional.empty();
    }

    private String text(LockRecord now) {
        return "this controller's lock (generation " + record.generation() + ") "
                + (now.state() == LockRecord.State.FREE && now.id().equals(record.id())
                        ? "was broken"
                        : "ran out, and " + now.owner() + " took it (" + now.reason() + ", generation "
                                + now.generation() + ")");
    }

    private void renew() {
        try {
            while (true) {
                synchronized (this) {
                    if (closed || lost.isPresent()) {
                        return;
                    }
                    wait(lock.terms().renewal().toMillis());
                    if (closed) {
                        return;
                    }
                    // Whoever writes asks once more: what is wrong is said then.
                    var _ = lost();
                }
            }
        } catch (InterruptedException ended) {
            // Nobody waits for this thread.
        }
    }

    /** Gives it back. Where that fails, its time runs out. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
            if (lost.isEmpty()) {
                var _ = lock.write(record.freed(lock.now()), etag);
            }
        }
        renewal.interrupt();
    }
}
