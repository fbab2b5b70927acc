package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.netty.buffer.Unpooled;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.RejectedExecutionException;

/** A file's bytes as the system has them in memory, without a copy. It is unmapped once the last write from it is over. */
final class MappedFile {
    private MappedFile() {}

    /**
     * Maps all of it and reads it through: afterwards it is in memory, and has its digest. For workers only.
     *
     * @param worker what unmaps it, which may take a moment
     */
    static HotFile of(StoredFile file, WorkerExecutor worker, Runnable onFreed) throws IOException {
        Arena arena = Arena.ofShared();
        boolean whole = false;
        try (var channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            if (channel.size() != file.size()) {
                throw new IOException("it is shorter than it was");
            }
            MemorySegment segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
            ByteBuffer bytes = segment.asByteBuffer();
            var digester = Sha256.digester();
            digester.update(bytes.duplicate());
            if (!Sha256.finish(digester).equals(file.digest())) {
                throw new IOException("its bytes are others");
            }
            whole = true;
            return new HotFile(
                    Unpooled.wrappedBuffer(bytes),
                    (offset, count) -> segment.asSlice(offset, count).isLoaded(),
                    () -> {
                        onFreed.run();
                        unmap(arena, worker);
                    });
        } catch (InternalError cut) {
            throw new IOException("it was cut while it was read", cut);
        } finally {
            if (!whole) {
                arena.close();
            }
        }
    }

    private static void unmap(Arena arena, WorkerExecutor worker) {
        try {
            worker.executeBlocking(
                    () -> {
                        arena.close();
                        return true;
                    },
                    false);
        } catch (RejectedExecutionException closing) {
            arena.close();
        }
    }
}
