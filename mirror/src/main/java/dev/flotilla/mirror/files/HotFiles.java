package dev.flotilla.mirror.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.vocabulary.Sha256;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that are asked for most, in direct memory: an answer from there opens nothing. Small ones are read into it, so that an answer is
 * one write with its head; larger ones are mapped and stay open, which costs no memory but the system's, and the system sends them. What is held was read whole and has its
 * digest. For any thread; nothing is read on the caller's.
 */
final class HotFiles {
    /** Files that were asked for once and aren't held. Those that nobody wants again needn't be read twice. */
    private static final int REMEMBERED = 4_096;

    /** Small files that are read at once; others are read when they are asked for again. */
    private static final int SMALL_AT_ONCE = 8;

    /** Each takes a worker and a processor for as long as its digest does. */
    private static final int LARGE_AT_ONCE = 2;

    private final WorkerExecutor worker;
    private final Sizes sizes;
    private final Reading reading;
    private final AtomicLong bytes = new AtomicLong();
    private final Cache<Sha256, HotFile> held;
    private final Cache<Sha256, Boolean> askedOnce = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .executor(Runnable::run)
            .build();
    private final Set<Sha256> comingIn = ConcurrentHashMap.newKeySet();

    /**
     * Which files are held.
     *
     * @param memory how many bytes of all of them, those included that are still being sent
     * @param least of one
     * @param most of one
     * @param readAtOnce how many come in at the same time
     */
    private record Sizes(long memory, long least, long most, int readAtOnce) {}

    /** How one comes into memory. For workers only. */
    @FunctionalInterface
    private interface Reading {
        HotFile read(StoredFile file, Runnable onFreed) throws IOException;
    }

    /**
     * Small files, in memory of their own.
     *
     * @param worker what reads a file
     */
    static HotFiles small(FileLimits limits, WorkerExecutor worker) {
        return new HotFiles(
                new Sizes(limits.hotMemory().bytes(), 1, limits.largestHotFile().bytes(), SMALL_AT_ONCE),
                worker,
                (file, onFreed) -> new HotFile(read(file), onFreed));
    }

    /**
     * Larger ones, mapped, and open as long as they are, where that many may be.
     *
     * @param worker what reads a file
     */
    static HotFiles mapped(FileLimits limits, WorkerExecutor worker, OpenFiles openFiles) {
        return new HotFiles(
                new Sizes(
                        limits.mappedMemory().bytes(),
                        limits.largestHotFile().bytes() + 1,
                        limits.largestMappedFile().bytes(),
                        LARGE_AT_ONCE),
                worker,
                (file, onFreed) -> MappedFile.of(file, worker, openFiles, onFreed));
    }

    private HotFiles(Sizes sizes, WorkerExecutor worker, Reading reading) {
        this.worker = worker;
        this.sizes = sizes;
        this.reading = reading;
        // What has left may be on its way to slow clients still. An eighth is kept free, so that another one finds room
        // meanwhile.
        this.held = Caffeine.newBuilder()
                .maximumWeight(sizes.memory() - sizes.memory() / 8)
                .<Sha256, HotFile>weigher((digest, file) -> file.length())
                .evictionListener((digest, file, cause) -> {
                    if (file != null) {
                        file.release();
                    }
                })
                .executor(Runnable::run)
                .build();
    }

    /** The bytes of {@code file}, lent, where they are here; where they aren't and it was asked for before, they are read meanwhile. */
    Optional<HotFile> find(StoredFile file) {
        return find(file, 0, file.size());
    }

    /** The same for who wants so many of them from {@code offset} on. */
    Optional<HotFile> find(StoredFile file, long offset, long count) {
        if (file.size() > sizes.most() || file.size() < sizes.least()) {
            return Optional.empty();
        }
        HotFile hot = held.getIfPresent(file.digest());
        if (hot != null && hot.lend()) {
            if (hot.isHere(offset, count)) {
                return Optional.of(hot);
            }
            // The system needed its memory for something else: read anew when somebody asks again.
            hot.release();
            if (held.asMap().remove(file.digest(), hot)) {
                hot.release();
            }
        }
        if (askedOnce.asMap().putIfAbsent(file.digest(), true) != null) {
            takeIn(file);
        }
        return Optional.empty();
    }

    /** Holds nothing any more of what it holds now. */
    void clear() {
        held.asMap()
                .keySet()
                .forEach(digest ->
                        Optional.ofNullable(held.asMap().remove(digest)).ifPresent(HotFile::release));
    }

    /** How many are held. */
    int count() {
        return held.asMap().size();
    }

    /** How many bytes there are, those that have left and are still being sent included. */
    long bytes() {
        return bytes.get();
    }

    private void takeIn(StoredFile file) {
        if (comingIn.size() >= sizes.readAtOnce() || !comingIn.add(file.digest())) {
            return;
        }
        long size = file.size();
        if (bytes.addAndGet(size) > sizes.memory()) {
            bytes.addAndGet(-size);
            comingIn.remove(file.digest());
            return;
        }
        worker.executeBlocking(() -> reading.read(file, () -> bytes.addAndGet(-size)), false)
                .onComplete(read -> {
                    if (read.succeeded()) {
                        HotFile hot = read.result();
                        if (held.asMap().putIfAbsent(file.digest(), hot) != null) {
                            hot.release();
                        }
                    } else {
                        // Whoever asks gets it from the disk, or hears there why that can't be.
                        bytes.addAndGet(-size);
                    }
                    askedOnce.invalidate(file.digest());
                    comingIn.remove(file.digest());
                });
    }

    /** All of it, with the digest that it should have. Nobody holds the file meanwhile: it may be gone. */
    private static ByteBuf read(StoredFile file) throws IOException {
        int size = Math.toIntExact(file.size());
        ByteBuf content = Unpooled.directBuffer(size, size);
        try (var channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            while (content.isWritable()) {
                if (content.writeBytes(channel, content.writerIndex(), content.writableBytes()) < 0) {
                    throw new IOException("it is shorter than it was");
                }
            }
            var digester = Sha256.digester();
            digester.update(content.nioBuffer());
            if (!Sha256.finish(digester).equals(file.digest())) {
                throw new IOException("its bytes are others");
            }
            return content;
        } catch (IOException | RuntimeException unreadable) {
            content.release();
            throw unreadable;
        }
    }
}
