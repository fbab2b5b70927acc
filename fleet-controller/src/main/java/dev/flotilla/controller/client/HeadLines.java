package dev.flotilla.controller.client;

import java.io.IOException;
import java.io.InputStream;

/** Lines of a head or of chunk sizes (RFC 9112, section 2.2), altogether no more bytes than the limit. */
final class HeadLines {
    private final InputStream in;
    private int left;

    HeadLines(InputStream in, int mostBytes) {
        this.in = in;
        this.left = mostBytes;
    }

    /** The next line without its end. */
    String next() throws IOException {
        var line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("its answer ends in the midst of its head");
            }
            if (--left < 0) {
                throw new IOException("its answer's head is too long");
            }
            if (c == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            line.append((char) c);
        }
    }
}
