package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the disk takes what comes. After a failure nothing is written until a trial of its own, which no client waits
 * for, has succeeded: else every download would fail in its middle, or at its end where only synchronising fails. Each
 * change is logged once. Safe for use from any thread.
 */
final class DiskHealth {
    private static final Logger LOG = LoggerFactory.getLogger(DiskHealth.class);

    /** How long after a failure the disk is tried again: a trial costs one block. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Disk disk;
    private final long floor;
    private Condition condition = new Sound();

    /** @param floor how much of the disk stays free */
    DiskHealth(Disk disk, ByteSize floor) {
        this.disk = disk;
        this.floor = floor.bytes();
    }

    /** The file system that the store is in. */
    interface Disk {
        /** How many bytes may still be written. */
        long usable() throws IOException;
    }

    /** Writes something and takes it away again. */
    interface Trial {
        void run() throws IOException;
    }

    /** Something that writes. */
    interface Writing<T> {
        T run() throws IOException;
    }

    private sealed interface Condition {}

    private record Sound() implements Condition {}

    /** @param missing how many bytes more would have to be usable */
    private record Full(String reason, long missing) implements Condition {}

    private record Failing(String reason, long sinceNanos) implements Condition {}

    /** Runs {@code writing} if the disk is sound, and notes how that goes. */
    <T> T watch(Writing<T> writing) throws IOException {
        requireSound();
        try {
            return writing.run();
        } catch (NoRoom | Unwritable | ClosedChannelException otherwise) {
            throw otherwise;
        } catch (IOException failure) {
            failed(failure);
            throw failure;
        }
    }

    /** Notes a failure. */
    void failed(IOException failure) {
        change(new Failing(failure.toString(), System.nanoTime()));
    }

    private synchronized void requireSound() throws Unwritable {
        if (condition instanceof Failing(String reason, long ignored)) {
            throw new Unwritable("the store's disk has failed: " + reason);
        }
    }

    /**
     * Whether {@code bytes} may be written.
     *
     * @param unwritten what is promised already and will still be written
     */
    boolean hasRoom(long bytes, long unwritten) throws IOException {
        return floor == 0 || disk.usable() - unwritten - bytes >= floor;
    }

    /**
     * Notes that there is no room for {@code bytes}, whatever is evicted.
     *
     * @param reserve what could be evicted, less what is still to be written
     */
    Unwritable full(long bytes, long reserve) {
        String reason = "the disk has less than " + new ByteSize(floor)
                + " left (store.free-floor), whatever is evicted: others fill it";
        change(new Full(reason, floor + bytes - reserve));
        return new Unwritable(reason);
    }

    /** Whether the floor holds if {@code bytes} come and {@code reserve} goes. */
    boolean couldHaveRoom(long bytes, long reserve) throws IOException {
        return disk.usable() + reserve - bytes >= floor;
    }

    /** Looks whether a trouble is over. */
    void tend(Trial trial) {
        try {
            switch (current()) {
                case Sound ignored -> {}
                case Full(String reason, long missing) -> {
                    if (disk.usable() >= missing) {
                        change(new Sound());
                    }
                }
                case Failing(String reason, long since) -> {
                    if (System.nanoTime() - since >= PAUSE.toNanos()) {
                        trial.run();
                        change(new Sound());
                    }
                }
            }
        } catch (IOException still) {
            failed(still);
        }
    }

    private synchronized Condition current() {
        return condition;
    }

    private void change(Condition next) {
        Condition before;
        synchronized (this) {
            before = condition;
            condition = next;
        }
        if (before.getClass().equals(next.getClass())) {
            return;
        }
        switch (next) {
            case Sound ignored -> LOG.info("the store's disk takes files again");
            case Full(String reason, long missing) -> LOG.error("files go past the store: {}", reason);
            case Failing(String reason, long since) ->
                LOG.error("files go past the store: its disk has failed, which is tried again: {}", reason);
        }
    }

    /** Why nothing is taken in at the moment, whatever its size; one line for people. */
    Optional<String> failure() {
        return current() instanceof Failing(String reason, long ignored) ? Optional.of(reason) : Optional.empty();
    }

    /** What is wrong, if anything is; one line for people. */
    Optional<String> trouble() {
        return switch (current()) {
            case Sound ignored -> Optional.empty();
            case Full(String reason, long missing) -> Optional.of(reason);
            case Failing(String reason, long since) -> Optional.of("the disk has failed: " + reason);
        };
    }
}
