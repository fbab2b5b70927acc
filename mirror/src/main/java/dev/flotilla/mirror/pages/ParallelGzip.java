package dev.flotilla.mirror.pages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses by gzip (RFC 1952, RFC 1951) with many hands: the content is cut into chunks of one length, each is compressed
 * on its own with the end of the one before it as its dictionary, and what comes out is put together in order. A page that a
 * client waits for is there sooner, for some ten bytes a chunk, and what is written meanwhile needn't be there yet. The last
 * chunk, which for most pages is the only one, is compressed by whoever closes this. The same content gives the same bytes, however it comes in and whoever compresses it. For one thread.
 */
final class ParallelGzip extends OutputStream {
    /** Large enough that its joints cost a hundredth of a per cent, small enough that a page of 1.6 MB has twelve. */
    private static final int CHUNK_BYTES = 128 * 1024;

    /** As far back as a repetition can reach (RFC 1951, section 2). */
    private static final int WINDOW_BYTES = 32 * 1024;

    private static final int SMALLEST_BYTES = 8 * 1024;
    private static final int MOST_UNDER_WAY = 16;

    /** Deflate, no name, no time; the operating system isn't told, as {@link java.util.zip.GZIPOutputStream} has it. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final OutputStream out;
    private final Executor hands;
    private final int level;
    private final int strategy;
    private final CRC32 checksum = new CRC32();
    private final Queue<CompletableFuture<byte[]>> underWay = new ArrayDeque<>();
    private byte[] chunk = {};
    private int filled;
    private @Nullable ByteBuffer window;
    private long length;
    private boolean closed;

    /** Compresses chunks on {@code hands}, to {@code out}. */
    ParallelGzip(OutputStream out, int level, int strategy, Executor hands) throws IOException {
        this.out = out;
        this.hands = hands;
        this.level = level;
        this.strategy = strategy;
        out.write(HEADER);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        for (int from = offset; from < offset + count; ) {
            int part = room(offset + count - from);
            System.arraycopy(bytes, from, chunk, filled, part);
            filled += part;
            from += part;
        }
    }

    /** Writes all of {@code bytes}, of which nothing may change before this is closed: whole chunks of them aren't copied. */
    void write(ByteBuffer bytes) throws IOException {
        var rest = bytes.slice();
        while (rest.hasRemaining()) {
            if (filled == 0 && rest.remaining() > CHUNK_BYTES) {
                pass(rest.slice(rest.position(), CHUNK_BYTES));
                rest.position(rest.position() + CHUNK_BYTES);
            } else {
                int part = room(rest.remaining());
                rest.get(chunk, filled, part);
                filled += part;
            }
        }
    }

    /** What isn't a whole chunk waits for the end. */
    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (var target = out) {
            byte[] last = compressed(counted(ByteBuffer.wrap(chunk, 0, filled)), window, true);
            while (!underWay.isEmpty()) {
                target.write(underWay.remove().join());
            }
            target.write(last);
            trailer(target, (int) checksum.getValue());
            trailer(target, (int) length);
        } finally {
            CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
                    .exceptionally(failed -> null)
                    .join(); // They may read what their owner frees next.
        }
    }

    private static void trailer(OutputStream target, int word) throws IOException {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            target.write(word >>> shift);
        }
    }

    /** Makes room in the chunk, and answers for how many of {@code wanted} bytes; the chunk passes on first where it is full. */
    private int room(int wanted) throws IOException {
        if (filled == CHUNK_BYTES) {
            pass(ByteBuffer.wrap(chunk));
            chunk = new byte[CHUNK_BYTES];
            filled = 0;
        }
        int part = Math.min(CHUNK_BYTES - filled, wanted);
        if (filled + part > chunk.length) {
            int larger = Math.max(filled + part, Math.max(SMALLEST_BYTES, 2 * chunk.length));
            chunk = Arrays.copyOf(chunk, Math.min(CHUNK_BYTES, larger));
        }
        return part;
    }

    private void pass(ByteBuffer whole) throws IOException {
        counted(whole);
        if (underWay.size() == MOST_UNDER_WAY) {
            out.write(underWay.remove().join());
        }
        ByteBuffer dictionary = window;
        underWay.add(CompletableFuture.supplyAsync(() -> compressed(whole.duplicate(), dictionary, false), hands));
        window = whole.slice(CHUNK_BYTES - WINDOW_BYTES, WINDOW_BYTES);
    }

    private ByteBuffer counted(ByteBuffer content) {
        checksum.update(content.duplicate());
        length += content.remaining();
        return content;
    }

    private byte[] compressed(ByteBuffer content, @Nullable ByteBuffer dictionary, boolean last) {
        var compressed = new ByteArrayOutputStream(content.remaining() / 3);
        var part = new byte[8 * 1024];
        try (var deflater = new Deflater(level, true)) {
            deflater.setStrategy(strategy);
            deflater.deflate(part); // The next call sets the strategy and does nothing else.
            if (dictionary != null) {
                deflater.setDictionary(dictionary);
            }
            deflater.setInput(content);
            if (last) {
                deflater.finish();
            }
            int some;
            do {
                some = deflater.deflate(part, 0, part.length, Deflater.SYNC_FLUSH);
                compressed.write(part, 0, some);
            } while (last ? !deflater.finished() : some == part.length);
            return compressed.toByteArray();
        }
    }
}
