package dev.flotilla.mirror.upstream;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Bytes that come in parts, up to a limit. For one thread at a time. */
final class BoundedBytes {
    private static final int PART = 64 * 1024;

    private final long limit;
    private final List<byte[]> parts = new ArrayList<>();
    private long size;

    BoundedBytes(long limit) {
        this.limit = limit;
    }

    /** Appends a part; false where that would exceed the limit, and then nothing of it is kept. */
    boolean append(Buffer part) {
        return append(part.getBytes());
    }

    private boolean append(byte[] part) {
        if (part.length > limit - size) {
            return false;
        }
        parts.add(part);
        size += part.length;
        return true;
    }

    /** All of it as one array. What was gathered is let go of. */
    byte[] take() {
        var whole = new byte[Math.toIntExact(size)];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            byte[] part = parts.set(i, new byte[0]);
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        parts.clear();
        size = 0;
        return whole;
    }

    /**
     * Decompresses {@code compressed} (RFC 1952), giving up as soon as it has more than {@code limit} bytes. Takes time: for
     * workers only.
     */
    static byte[] gunzip(byte[] compressed, long limit) throws UpstreamFailure {
        var decoded = new BoundedBytes(limit);
        try (var in = new GZIPInputStream(new ByteArrayInputStream(compressed), PART)) {
            for (byte[] part = in.readNBytes(PART); part.length > 0; part = in.readNBytes(PART)) {
                if (!decoded.append(part)) {
                    throw UpstreamFailure.lasting("the page has more than " + limit + " bytes when decompressed");
                }
            }
        } catch (IOException broken) {
            throw UpstreamFailure.passing("the page's gzip coding is broken: " + broken.getMessage());
        }
        return decoded.take();
    }
}
