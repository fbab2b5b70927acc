package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.StoredFile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A part of a stored file on its way to one client whose connection can't take it from the disk itself. Workers open, read and close
 * it, one after the other, for each part where too many are open ({@link OpenFiles}); everything else happens on the client's context,
 * as does the copying of what is mapped and in memory.
 */
final class StoredStream {
    private final Portions portions;
    private final OpenFiles openFiles;
    private final WorkerExecutor worker;
    private final StoredFile file;
    private final Optional<HotFile> mapped;
    private final long end;
    private final WriteStream<Buffer> client;
    private final Promise<Void> done = Promise.promise();

    private long position;
    private @Nullable FileChannel channel;

    StoredStream(
            Portions portions,
            OpenFiles openFiles,
            WorkerExecutor worker,
            StoredFile file,
            Optional<HotFile> mapped,
            long offset,
            long length,
            WriteStream<Buffer> client) {
        this.portions = portions;
        this.openFiles = openFiles;
        this.worker = worker;
        this.file = file;
        this.mapped = mapped;
        this.position = offset;
        this.end = offset + length;
        this.client = client;
    }

    Future<Void> run(Context own) {
        portions.came();
        step(own);
        return done.future();
    }

    private void step(Context own) {
        if (position == end) {
            end(Future.succeededFuture());
            return;
        }
        int length = (int) Math.min(portions.size(), end - position);
        Future<Void> part = mapped.isPresent() && mapped.get().isHere(position, length)
                ? portions.pass(own, mapped.get(), position, length, client)
                : portions.pass(own, this::read, position, length, client, () -> false);
        part.onComplete(passed -> {
            if (passed.failed()) {
                end(Future.failedFuture(passed.cause()));
                return;
            }
            position += length;
            step(own);
        });
    }

    private void read(ByteBuffer target, long from) throws IOException {
        var open = channel;
        if (open == null && openFiles.mayStay()) {
            open = kept();
            channel = open;
        }
        if (open != null) {
            read(open, target, from);
            return;
        }
        try (var once = opened()) {
            read(once, target, from);
        }
    }

    private FileChannel kept() throws NoSuchFileException {
        boolean opened = false;
        try {
            var open = opened();
            opened = true;
            return open;
        } finally {
            if (!opened) {
                openFiles.closed();
            }
        }
    }

    private static void read(FileChannel open, ByteBuffer target, long from) throws IOException {
        long at = from;
        while (target.hasRemaining()) {
            int read = open.read(target, at);
            if (read < 0) {
                return;
            }
            at += read;
        }
    }

    /** That there is no descriptor left says nothing about the file, as its absence does. */
    private FileChannel opened() throws NoSuchFileException {
        try {
            return FileChannel.open(file.path(), StandardOpenOption.READ);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (IOException busy) {
            throw new UncheckedIOException(busy);
        }
    }

    private void end(Future<Void> how) {
        portions.left();
        mapped.ifPresent(HotFile::release);
        var open = channel;
        if (open != null) {
            worker.executeBlocking(
                    () -> {
                        open.close();
                        openFiles.closed();
                        return true;
                    },
                    false);
        }
        how.onComplete(done);
    }
}
