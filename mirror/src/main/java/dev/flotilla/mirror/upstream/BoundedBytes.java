package dev.flotilla.mirror.upstream;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Bytes that come in parts, up to a limit. For one thread at a time. */
final class BoundedBytes {
    private static final int PART = 64 * 1024;

    /** Deflate makes at most this many bytes of one (RFC 1951). */
    private static final long MOST_OF_A_BYTE = 1_032;

    private final long limit;
    private final int expected;

    /** Filled in order; where the size was foretold, one that takes everything. */
    private final List<byte[]> parts = new ArrayList<>();

    private int filled;
    private long size;

    BoundedBytes(long limit) {
        this(limit, 0);
    }

    /** The same of which {@code expected} bytes will come, probably: they are gathered in one place, once the first are there. */
    BoundedBytes(long limit, int expected) {
        this.limit = limit;
        this.expected = expected;
    }

    /** Appends a part; false where that would exceed the limit, and then nothing of it is kept. */
    boolean append(Buffer part) {
        int length = part.length();
        if (length > limit - size) {
            return false;
        }
        if (parts.isEmpty() || parts.getLast().length - filled < length) {
            trim();
            parts.add(new byte[parts.isEmpty() ? Math.max(expected, length) : length]);
        }
        part.getBytes(parts.getLast(), filled);
        filled += length;
        size += length;
        return true;
    }

    private boolean append(byte[] part) {
        if (part.length > limit - size) {
            return false;
        }
        trim();
        parts.add(part);
        filled = part.length;
        size += part.length;
        return true;
    }

    /** Makes the last part as long as what is in it. */
    private void trim() {
        if (!parts.isEmpty() && filled < parts.getLast().length) {
            parts.add(Arrays.copyOf(parts.removeLast(), filled));
        }
        filled = 0;
    }

    long size() {
        return size;
    }

    /** All of it as one array. What was gathered is let go of. */
    byte[] take() {
        trim();
        byte[] whole = parts.size() == 1 ? parts.getFirst() : joined();
        parts.clear();
        size = 0;
        return whole;
    }

    private byte[] joined() {
        var whole = new byte[Math.toIntExact(size)];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            byte[] part = parts.set(i, new byte[0]);
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    /**
     * Decompresses {@code compressed} (RFC 1952), empty as soon as it has more than {@code limit} bytes. Takes time: for workers
     * only.
     */
    static Optional<byte[]> gunzip(byte[] compressed, long limit) throws UpstreamFailure {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(compressed), PART)) {
            var expected = new byte[(int) Math.min(limit, expectedSize(compressed))];
            int size = in.readNBytes(expected, 0, expected.length);
            byte[] more = in.readNBytes(PART);
            if (more.length == 0) {
                return Optional.of(size == expected.length ? expected : Arrays.copyOf(expected, size));
            }
            return gathered(expected, more, in, limit);
        } catch (IOException broken) {
            throw UpstreamFailure.passing("the page's gzip coding is broken: " + broken.getMessage());
        }
    }

    private static Optional<byte[]> gathered(byte[] first, byte[] second, InputStream in, long limit)
            throws IOException {
        var decoded = new BoundedBytes(limit);
        boolean fits = decoded.append(first);
        for (byte[] part = second; fits && part.length > 0; part = in.readNBytes(PART)) {
            fits = decoded.append(part);
        }
        return fits ? Optional.of(decoded.take()) : Optional.empty();
    }

    /**
     * What the last four bytes say of the size (RFC 1952, section 2.3.1), as far as that many bytes can come of these: only a
     * hint, since they may lie, or be those of a last member among several.
     */
    static long expectedSize(byte[] compressed) {
        long said = 0;
        for (int i = 1; i <= 4 && i <= compressed.length; i++) {
            said = (said << Byte.SIZE) | (compressed[compressed.length - i] & 0xff);
        }
        return Math.min(said, MOST_OF_A_BYTE * compressed.length);
    }
}
