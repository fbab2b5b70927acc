package dev.flotilla.controller.local.route53;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads as much of an HTTP/1.1 answer as a health check looks at (RFC 9112). Not thread-safe. */
final class HttpAnswer {
    private static final int LINE_BYTES_LIMIT = 8_192;
    private static final int HEADER_LINES_LIMIT = 200;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-9][0-9]{2})( .*)?");
    private static final Pattern CHUNK_SIZE = Pattern.compile("([0-9a-fA-F]{1,8})[ \\t]*(;.*)?");

    private final TimedInput input;

    HttpAnswer(TimedInput input) {
        this.input = input;
    }

    /** The status of the final answer; informational ones before it are skipped. */
    int readStatus() throws IOException {
        for (int answer = 0; answer < HEADER_LINES_LIMIT; answer++) {
            Matcher line = STATUS_LINE.matcher(readLine());
            if (!line.matches()) {
                throw new IOException("The endpoint does not speak HTTP/1.1");
            }
            int status = Integer.parseInt(line.group(1));
            if (status >= 200) {
                return status;
            }
            readHeader();
        }
        throw new IOException("The endpoint sends nothing but informational answers");
    }

    /** The first bytes of the body, fewer than {@code limit} where it ends before. To be called after the status. */
    byte[] readBody(Duration within, int limit) throws IOException {
        input.allow(within);
        Header header = readHeader();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (header.chunked()) {
            readChunks(body, limit);
        } else {
            readBytes(body, Math.min(limit, header.length()));
        }
        return body.toByteArray();
    }

    private void readChunks(ByteArrayOutputStream body, int limit) throws IOException {
        while (body.size() < limit) {
            Matcher line = CHUNK_SIZE.matcher(readLine());
            if (!line.matches()) {
                throw new IOException("The endpoint sends a malformed chunk");
            }
            long size = Long.parseLong(line.group(1), 16);
            if (size == 0) {
                return;
            }
            readBytes(body, Math.min(size, limit - body.size()));
            if (body.size() < limit) {
                readLine();
            }
        }
    }

    private void readBytes(ByteArrayOutputStream body, long count) throws IOException {
        for (long index = 0; index < count; index++) {
            int next = input.read();
            if (next < 0) {
                return;
            }
            body.write(next);
        }
    }

    private Header readHeader() throws IOException {
        long length = Long.MAX_VALUE;
        boolean chunked = false;
        for (int lines = 0; lines < HEADER_LINES_LIMIT; lines++) {
            String line = readLine().toLowerCase(Locale.ROOT);
            if (line.isEmpty()) {
                return new Header(length, chunked);
            }
            if (line.startsWith("content-length:")) {
                length = parseLength(line.substring("content-length:".length()).strip());
            } else if (line.startsWith("transfer-encoding:")) {
                chunked = line.contains("chunked");
            }
        }
        throw new IOException("The endpoint sends too many header fields");
    }

    private static long parseLength(String text) throws IOException {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException wrong) {
            throw new IOException("The endpoint sends a malformed Content-Length", wrong);
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LINE_BYTES_LIMIT) {
            int next = input.read();
            if (next < 0) {
                throw new EOFException("The endpoint closed the connection before it had answered");
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(next);
        }
        throw new IOException("The endpoint sends a line that is too long");
    }

    private record Header(long length, boolean chunked) {}
}
