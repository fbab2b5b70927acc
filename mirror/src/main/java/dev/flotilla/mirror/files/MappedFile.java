package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.netty.buffer.Unpooled;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file's bytes as the system has them in memory, without a copy. It is unmapped, and closed where it stayed open, once the last write
 * from it is over.
 */
final class MappedFile {
    private static final Logger LOG = LoggerFactory.getLogger(MappedFile.class);

    /** Read at once to see that it is whole. */
    private static final int PART = 64 << 10;

    private final Arena arena = Arena.ofShared();
    private final RandomAccessFile file;
    private final OpenFiles openFiles;
    private final boolean stays;

    private MappedFile(RandomAccessFile file, OpenFiles openFiles) {
        this.file = file;
        this.openFiles = openFiles;
        this.stays = openFiles.mayStay();
    }

    /**
     * Maps all of it and reads it through: afterwards the system has it in memory, and it has its digest. For workers only.
     *
     * @param worker what unmaps it, which may take a moment
     * @param openFiles whether it may stay open, so that the system can send it
     */
    static HotFile of(StoredFile file, WorkerExecutor worker, OpenFiles openFiles, Runnable onFreed)
            throws IOException {
        var mapped = new MappedFile(new RandomAccessFile(file.path().toFile(), "r"), openFiles);
        boolean whole = false;
        try {
            HotFile hot = mapped.read(file, worker, onFreed);
            whole = true;
            return hot;
        } finally {
            if (!whole) {
                mapped.free();
            } else if (!mapped.stays) {
                mapped.file.close();
            }
        }
    }

    private HotFile read(StoredFile stored, WorkerExecutor worker, Runnable onFreed) throws IOException {
        if (file.length() != stored.size()) {
            throw new IOException("it is shorter than it was");
        }
        // Not through the mapping: what nobody writes from there is no resident memory of this process.
        var digester = Sha256.digester();
        byte[] part = new byte[PART];
        for (int count = file.read(part); count >= 0; count = file.read(part)) {
            digester.update(part, 0, count);
        }
        if (!Sha256.finish(digester).equals(stored.digest())) {
            throw new IOException("its bytes are others");
        }
        MemorySegment segment = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, stored.size(), arena);
        return new HotFile(
                Unpooled.wrappedBuffer(segment.asByteBuffer()),
                (offset, count) -> segment.asSlice(offset, count).isLoaded(),
                stays ? Optional.of(file) : Optional.empty(),
                () -> {
                    onFreed.run();
                    freeOn(worker);
                });
    }

    private void freeOn(WorkerExecutor worker) {
        try {
            worker.executeBlocking(
                    () -> {
                        free();
                        return true;
                    },
                    false);
        } catch (RejectedExecutionException closing) {
            free();
        }
    }

    private void free() {
        arena.close();
        try {
            file.close();
        } catch (IOException failed) {
            LOG.warn("a file that was read only can't be closed: {}", failed.toString());
        }
        if (stays) {
            openFiles.closed();
        }
    }
}
