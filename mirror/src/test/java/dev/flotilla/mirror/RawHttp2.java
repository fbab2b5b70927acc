package dev.flotilla.mirror;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client of HTTP/2 that sends whatever frames it is told to (RFC 9113, section 4), and takes no more than it is told to. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_BYTES = 5;

    /** Section 7. */
    static final int PROTOCOL_ERROR = 1;

    static final int ENHANCE_YOUR_CALM = 0xb;

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** One frame that came. */
    record Frame(int type, int flags, int stream, ByteBuffer payload) {
        int number(int at) {
            return payload.getInt(at);
        }

        /** Of the head of an answer: as index 8 of the static table, or written (RFC 7541, appendix A and section 6.2). */
        int status() {
            if (payload.get((flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES) == (byte) 0x88) {
                return 200;
            }
            var written = STATUS.matcher(StandardCharsets.ISO_8859_1.decode(payload.duplicate()));
            if (!written.find()) {
                throw new AssertionError("no status: " + StandardCharsets.US_ASCII.decode(payload.duplicate()));
            }
            return Integer.parseInt(written.group(1));
        }
    }

    /** As it is written where nothing is compressed. */
    private static final Pattern STATUS = Pattern.compile(":status\u0003([0-9]{3})");

    private RawHttp2(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** Connects and sends the preface with settings of its own, none for {@code new byte[0]}. */
    static RawHttp2 connect(SSLContext believing, int port, byte[] settings) throws IOException {
        var socket = (SSLSocket) believing.getSocketFactory().createSocket();
        socket.setReceiveBufferSize(64 << 10);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(90_000);
        socket.startHandshake();
        var client = new RawHttp2(socket);
        client.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        client.send(SETTINGS, 0, 0, settings);
        return client;
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        var bytes = new ByteArrayOutputStream();
        for (int number : new int[] {payload.length >> 16, payload.length >> 8, payload.length, type, flags}) {
            bytes.write(number);
        }
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.write(stream >> shift);
        }
        bytes.writeBytes(payload);
        return bytes.toByteArray();
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(frame(type, flags, stream, payload));
        out.flush();
    }

    /** Frames in one go, whatever becomes of the connection meanwhile. */
    void sendAll(byte[] frames) {
        try {
            out.write(frames);
            out.flush();
        } catch (IOException closed) {
            // What the other side said before is read all the same.
            return;
        }
    }

    /** A field without indexing, its name and value as they are (RFC 7541, section 6.2.2). */
    static byte[] field(String name, String value) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(0);
        for (String text : new String[] {name, value}) {
            byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
            if (octets.length < 127) {
                bytes.write(octets.length);
            } else {
                bytes.write(127);
                int rest = octets.length - 127;
                while (rest >= 128) {
                    bytes.write((rest & 0x7f) | 0x80);
                    rest >>= 7;
                }
                bytes.write(rest);
            }
            bytes.writeBytes(octets);
        }
        return bytes.toByteArray();
    }

    /** The head of a request. */
    static byte[] head(String method, String path) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(field(":method", method));
        bytes.writeBytes(field(":scheme", "https"));
        bytes.writeBytes(field(":path", path));
        bytes.writeBytes(field(":authority", "mirror.example"));
        return bytes.toByteArray();
    }

    Frame next() throws IOException {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, ByteBuffer.wrap(payload));
    }

    /** The next frame of {@code type} on {@code stream}; what comes before it is forgotten. */
    Frame next(int type, int stream) throws IOException {
        while (true) {
            Frame frame = next();
            if (frame.type() == type && frame.stream() == stream) {
                return frame;
            }
        }
    }

    /** Reads until the other side has closed; whether it said goodbye with {@code error}, as far as its word arrived. */
    boolean endsWith(int error) {
        boolean said = false;
        try {
            while (true) {
                Frame frame = next();
                said |= frame.type() == GOAWAY && frame.number(4) == error;
            }
        } catch (java.net.SocketTimeoutException never) {
            throw new AssertionError("the connection goes on", never);
        } catch (IOException closed) {
            return said;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
