package dev.flotilla.tests;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * One client that reads one file on a connection of its own and compares, as the bytes come, with what it should be. Closing
 * it early breaks the connection off.
 */
final class FileReader implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 120_000;

    private final Socket socket;
    private final InputStream input;
    private final byte[] buffer = new byte[64 << 10];
    private int position;

    /** What came isn't the file. */
    static final class WrongBytesException extends IOException {
        private static final long serialVersionUID = 1;

        WrongBytesException(String message) {
            super(message);
        }
    }

    private FileReader(Socket socket) throws IOException {
        this.socket = socket;
        this.input = socket.getInputStream();
    }

    /** Asks for {@code path}; nothing is read yet. */
    static FileReader ask(PackedMirror mirror, String path) throws IOException {
        return ask(mirror, path, new Socket());
    }

    /** Asks for it on a connection that holds little of what isn't read. */
    static FileReader askWithSmallBuffer(PackedMirror mirror, String path) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        return ask(mirror, path, socket);
    }

    private static FileReader ask(PackedMirror mirror, String path, Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setSoLinger(true, 0);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.port()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return new FileReader(socket);
    }

    /** Reads the head of the answer, if it wasn't read, and the next {@code count} bytes of the body. */
    void compare(byte[] content, int count) throws IOException {
        if (position == 0) {
            head(content.length);
        }
        int end = position + count;
        while (position < end) {
            int read = input.read(buffer, 0, Math.min(buffer.length, end - position));
            if (read < 0) {
                throw new EOFException("it ended after " + position + " of " + content.length + " bytes");
            }
            int wrong = Arrays.mismatch(buffer, 0, read, content, position, position + read);
            if (wrong >= 0) {
                throw new WrongBytesException("byte " + (position + wrong) + " is wrong");
            }
            position += read;
        }
    }

    /** Reads what is left of the body, and the end of the connection. */
    void compareAll(byte[] content) throws IOException {
        compare(content, content.length - position);
        if (input.read() >= 0) {
            throw new WrongBytesException("more than " + content.length + " bytes came");
        }
    }

    private void head(int length) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = input.read();
            if (next < 0) {
                throw new EOFException("it ended within the head: " + head);
            }
            head.append((char) next);
        }
        String fields = head.toString().toLowerCase(Locale.ROOT);
        if (!fields.startsWith("http/1.1 200 ") || !fields.contains("\r\ncontent-length: " + length + "\r\n")) {
            throw new IOException("not a whole file of " + length + " bytes: " + head);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
