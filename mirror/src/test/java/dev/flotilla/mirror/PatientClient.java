package dev.flotilla.mirror;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Fetches a file over plain sockets, so that nothing hides how a body ended, and tries again until it has it. What it does
 * with a part is what pip does from 25.1 on (goes on with {@code Range} and the tag of the first answer), or what others do
 * (begins anew). It may lose its first connection by itself.
 */
final class PatientClient {
    private final int port;
    private final String path;
    private final boolean goesOn;
    private int leavesAfter;
    private byte[] held = new byte[0];
    private String tag = "";
    private int failures;
    private int resumed;
    private int restarted;

    /**
     * @param goesOn whether it goes on where it was cut off, or begins anew
     * @param leavesAfter how many bytes of the first body it takes before its own connection breaks; -1 for never
     */
    PatientClient(int port, String path, boolean goesOn, int leavesAfter) {
        this.port = port;
        this.path = path;
        this.goesOn = goesOn;
        this.leavesAfter = leavesAfter;
    }

    /** How often it failed visibly. */
    int failures() {
        return failures;
    }

    /** How often it was given the rest of what it had. */
    int resumed() {
        return resumed;
    }

    /** How often it wanted the rest and was given the whole. */
    int restarted() {
        return restarted;
    }

    /** The file as the client has it in the end. */
    byte[] fetch(int tries) throws IOException {
        for (int i = 0; i < tries; i++) {
            if (once()) {
                return held;
            }
            failures++;
        }
        throw new IOException("it did not come in " + tries + " tries");
    }

    /** One request; whether the file is complete as far as the client can know. */
    private boolean once() throws IOException {
        boolean wantsTheRest = goesOn && held.length > 0;
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            String condition = wantsTheRest ? "Range: bytes=" + held.length + "-\r\nIf-Range: " + tag + "\r\n" : "";
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + condition + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var in = socket.getInputStream();
            String head = head(in);
            switch (Integer.parseInt(head.substring(9, 12))) {
                case 200 -> {
                    restarted += wantsTheRest ? 1 : 0;
                    held = new byte[0];
                    tag = field(head, "etag");
                }
                case 206 -> {
                    if (!wantsTheRest || !field(head, "content-range").startsWith("bytes " + held.length + "-")) {
                        throw new AssertionError("a part that nobody asked for: " + head);
                    }
                    resumed++;
                }
                case 404, 403, 412, 416 -> throw new AssertionError("a wrong word about the file: " + head);
                default -> {
                    return false;
                }
            }
            return body(in, head);
        }
    }

    private boolean body(InputStream in, String head) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(held);
        boolean complete = true;
        try {
            String length = field(head, "content-length");
            if (length.isEmpty()) {
                chunked(in, body);
            } else {
                exactly(in, Integer.parseInt(length), body);
            }
        } catch (IOException broken) {
            complete = false;
        }
        held = body.toByteArray();
        return complete;
    }

    private void exactly(InputStream in, int length, ByteArrayOutputStream body) throws IOException {
        byte[] part = new byte[1024];
        for (int left = length; left > 0; ) {
            if (leavesAfter >= 0 && body.size() >= leavesAfter) {
                leavesAfter = -1;
                throw new IOException("lost by itself");
            }
            int read = in.read(part, 0, Math.min(left, part.length));
            if (read < 0) {
                throw new EOFException("ended early");
            }
            body.write(part, 0, read);
            left -= read;
        }
    }

    private void chunked(InputStream in, ByteArrayOutputStream body) throws IOException {
        while (true) {
            int length = Integer.parseInt(line(in).strip(), 16);
            exactly(in, length, body);
            if (!line(in).isEmpty()) {
                throw new IOException("no end of a chunk");
            }
            if (length == 0) {
                return;
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("ended early");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    private static String field(String head, String name) {
        return Arrays.stream(head.split("\n"))
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }
}
