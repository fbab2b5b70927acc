package dev.flotilla.mirror.pages;

import com.github.luben.zstd.ZstdOutputStream;
import dev.flotilla.mirror.simple.ContentCoding;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.zip.Deflater;

/**
 * How hard a page is compressed, once per change. The same bytes go in as pieces of the same length whoever writes them, so
 * that the same bytes come out.
 */
enum Compression {
    /**
     * Projects' pages are digests for the most part, in which compressors find short repetitions that cost more than they
     * save: of a page of 3,600 files gzip's usual way makes 496 kB in twice the time that this one takes for 447 kB, and zstd
     * 454 kB at level 7 in six times the time of 396 kB at level 1.
     */
    DIGESTS(4, Deflater.FILTERED, 1),

    /** The root list is words: 700,000 names take 0.3 s by gzip and 0.2 s by zstd, and the next levels save 5 % in thrice that. */
    WORDS(4, Deflater.DEFAULT_STRATEGY, 7);

    /** On all processors at once: for what somebody waits for. */
    static final Executor MANY_HANDS = ForkJoinPool.commonPool();

    /** On the calling thread alone, so that nothing that somebody waits for has to wait for it. */
    static final Executor OWN_HANDS = Runnable::run;

    private static final int PIECE_BYTES = 8192;

    private final int gzipLevel;
    private final int gzipStrategy;
    private final int zstdLevel;

    Compression(int gzipLevel, int gzipStrategy, int zstdLevel) {
        this.gzipLevel = gzipLevel;
        this.gzipStrategy = gzipStrategy;
        this.zstdLevel = zstdLevel;
    }

    /** A stream that writes what it is given to {@code out} in this coding; to be closed. */
    OutputStream coded(ContentCoding coding, OutputStream out, Executor hands) throws IOException {
        return switch (coding) {
            case IDENTITY -> out;
            case GZIP -> new ParallelGzip(out, gzipLevel, gzipStrategy, hands);
            case ZSTD -> new Pieces(new ZstdOutputStream(out, zstdLevel));
        };
    }

    /** Writes {@code plain}, of which nothing may change meanwhile, to {@code out} in this coding. */
    void code(ContentCoding coding, ByteBuffer plain, OutputStream out, Executor hands) throws IOException {
        switch (coding) {
            case IDENTITY -> copy(plain, out);
            case GZIP -> {
                try (var gzip = new ParallelGzip(out, gzipLevel, gzipStrategy, hands)) {
                    gzip.write(plain);
                }
            }
            case ZSTD -> {
                try (var coded = coded(coding, out, hands)) {
                    copy(plain, coded);
                }
            }
        }
    }

    private static void copy(ByteBuffer plain, OutputStream out) throws IOException {
        var rest = plain.duplicate();
        var piece = new byte[PIECE_BYTES];
        while (rest.hasRemaining()) {
            int count = Math.min(piece.length, rest.remaining());
            rest.get(piece, 0, count);
            out.write(piece, 0, count);
        }
    }

    /** Hands everything on in pieces of one length; the last one may be shorter. */
    private static final class Pieces extends FilterOutputStream {
        private final byte[] piece = new byte[PIECE_BYTES];
        private int filled;

        Pieces(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            piece[filled++] = (byte) one;
            passFull();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            int from = offset;
            while (from < offset + length) {
                int count = Math.min(piece.length - filled, offset + length - from);
                System.arraycopy(bytes, from, piece, filled, count);
                filled += count;
                from += count;
                passFull();
            }
        }

        private void passFull() throws IOException {
            if (filled == piece.length) {
                out.write(piece, 0, filled);
                filled = 0;
            }
        }

        /** What isn't a whole piece waits for the end. */
        @Override
        public void flush() {}

        @Override
        public void close() throws IOException {
            try (var target = out) {
                target.write(piece, 0, filled);
                filled = 0;
            }
        }
    }
}
