package dev.flotilla.controller.client;

import dev.flotilla.vocabulary.ByteSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** The body of an answer (RFC 9112, section 6.3), without its codings and never larger than its limit. */
final class Body {
    private static final int LONGEST_CHUNK_LINES = 1 << 20;

    private Body() {}

    static byte[] read(InputStream in, int status, Map<String, String> fields, ByteSize limit) throws IOException {
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        byte[] raw;
        if (fields.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            raw = chunks(in, limit);
        } else if (fields.containsKey("content-length")) {
            raw = sized(in, fields.get("content-length"), limit);
        } else {
            raw = atMost(in, limit);
        }
        return switch (fields.getOrDefault("content-encoding", "identity")) {
            case "identity" -> raw;
            case "gzip" -> atMost(new GZIPInputStream(new ByteArrayInputStream(raw)), limit);
            case "deflate" -> atMost(new InflaterInputStream(new ByteArrayInputStream(raw)), limit);
            default -> throw new IOException("nobody asked for the coding " + fields.get("content-encoding"));
        };
    }

    private static byte[] sized(InputStream in, String written, ByteSize limit) throws IOException {
        if (!written.matches("[0-9]{1,18}")) {
            throw new IOException("its Content-Length is no number");
        }
        long length = Long.parseLong(written);
        if (length > limit.bytes()) {
            throw new IOException("its answer is larger than " + limit);
        }
        byte[] body = in.readNBytes((int) length);
        if (body.length < length) {
            throw new IOException("its answer broke off after " + body.length + " of " + length + " bytes");
        }
        return body;
    }

    private static byte[] chunks(InputStream in, ByteSize limit) throws IOException {
        var body = new ByteArrayOutputStream();
        var lines = new HeadLines(in, LONGEST_CHUNK_LINES);
        while (true) {
            String size = lines.next().replaceFirst(";.*", "").strip();
            if (!size.matches("[0-9a-fA-F]{1,8}")) {
                throw new IOException("the size of a chunk is no number");
            }
            long length = Long.parseLong(size, 16);
            if (length == 0) {
                while (!lines.next().isEmpty()) {
                    // Trailers say nothing that is asked for.
                }
                return body.toByteArray();
            }
            if (body.size() + length > limit.bytes()) {
                throw new IOException("its answer is larger than " + limit);
            }
            byte[] chunk = in.readNBytes((int) length);
            if (chunk.length < length) {
                throw new IOException("its answer broke off");
            }
            body.write(chunk);
            lines.next();
        }
    }

    private static byte[] atMost(InputStream in, ByteSize limit) throws IOException {
        byte[] body = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8L, limit.bytes() + 1));
        if (body.length > limit.bytes()) {
            throw new IOException("its answer is larger than " + limit);
        }
        return body;
    }
}
