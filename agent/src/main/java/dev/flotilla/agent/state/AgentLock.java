package dev.flotilla.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Keeps two agents out of one state folder. The kernel drops the lock with its process, so that nothing stale is left by a
 * kill -9; the file's content only tells people who holds it.
 */
public final class AgentLock implements AutoCloseable {
    private static final int LARGEST_BYTES = 64;

    private final FileChannel channel;

    private AgentLock(FileChannel channel) {
        this.channel = channel;
    }

    /** The outcome of trying. */
    public sealed interface Locking {
        record Locked(AgentLock lock) implements Locking {}

        /** Another agent works here; its process, where the file tells it. */
        record HeldBy(Optional<Long> pid) implements Locking {}
    }

    /** Takes the lock for the process {@code pid}, without waiting. */
    public static Locking take(Path file, long pid) throws IOException {
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                Optional<Long> holder = written(channel);
                channel.close();
                return new Locking.HeldBy(holder);
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new Locking.Locked(new AgentLock(channel));
        } catch (OverlappingFileLockException heldByThisProcess) {
            // Left open: closing any channel of a file drops all locks that its process has on it.
            return new Locking.HeldBy(written(channel));
        } catch (IOException broken) {
            channel.close();
            throw broken;
        }
    }

    /** The process that holds the lock, for onlookers: another process than the holder itself. */
    public static Optional<Long> holder(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var lock = channel.tryLock(0, Long.MAX_VALUE, true);
            if (lock != null) {
                lock.release();
                return Optional.empty();
            }
            return written(channel);
        } catch (NoSuchFileException noAgentYet) {
            return Optional.empty();
        }
    }

    private static Optional<Long> written(FileChannel channel) throws IOException {
        var buffer = ByteBuffer.allocate(LARGEST_BYTES);
        int length = Math.max(0, channel.read(buffer, 0));
        String text = new String(buffer.array(), 0, length, StandardCharsets.US_ASCII).strip();
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /** Drops the lock. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
