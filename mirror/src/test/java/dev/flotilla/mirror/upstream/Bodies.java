package dev.flotilla.mirror.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Bodies for tests of what comes from upstream. */
final class Bodies {
    private Bodies() {}

    /** Half of it can be compressed. The same length gives the same bytes. */
    static byte[] content(int length) {
        var content = new byte[length];
        new Random(length).nextBytes(content);
        Arrays.fill(content, 0, length / 2, (byte) 'a');
        return content;
    }

    /** Each member by itself, one after the other (RFC 1952, section 2.2). */
    static byte[] gzip(byte[]... members) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (byte[] member : members) {
            try (var gzip = new GZIPOutputStream(bytes)) {
                gzip.write(member);
            }
        }
        return bytes.toByteArray();
    }
}
