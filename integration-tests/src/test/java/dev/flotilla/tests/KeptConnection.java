package dev.flotilla.tests;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A client with one connection, on which it asks again and again. It never tries anything twice: where a connection breaks,
 * the request has failed.
 */
final class KeptConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream input;
    private boolean over;

    /** One answer. */
    static final class Answer {
        private final int status;
        private final String head;
        private final byte[] body;

        Answer(int status, String head, byte[] body) {
            this.status = status;
            this.head = head;
            this.body = body;
        }

        int status() {
            return status;
        }

        String head() {
            return head;
        }

        byte[] body() {
            return body;
        }
    }

    KeptConnection(int port) throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    KeptConnection(InetSocketAddress server) throws IOException {
        this(connected(server));
    }

    private KeptConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.input = new BufferedInputStream(socket.getInputStream());
    }

    /** By HTTPS, to a server that has to prove that this is its name. */
    static KeptConnection encrypted(InetSocketAddress server, String name, SSLContext trust) throws IOException {
        var socket = (SSLSocket) trust.getSocketFactory().createSocket(connected(server), name, server.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new KeptConnection(socket);
    }

    private static Socket connected(InetSocketAddress server) throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(server, PATIENCE_MILLIS);
        return socket;
    }

    /** What the server has shown; for one by HTTPS. */
    X509Certificate certificate() throws IOException {
        return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    }

    /** GET with further header fields, each with its line's end. */
    Answer get(String path, String fields) throws IOException {
        if (over) {
            throw new IllegalStateException("the last answer closed this connection");
        }
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = input.read();
            if (next < 0) {
                throw new EOFException("it ended within the head of " + path + ": '" + head + "'");
            }
            head.append((char) next);
        }
        String text = head.toString().toLowerCase(Locale.ROOT);
        over = text.contains("\r\nconnection: close\r\n");
        int length = Integer.parseInt(field(text, "content-length"));
        byte[] body = input.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("it ended after " + body.length + " of " + length + " bytes of " + path);
        }
        return new Answer(Integer.parseInt(text.substring(9, 12)), text, body);
    }

    private static String field(String head, String name) {
        String start = "\r\n" + name + ": ";
        int from = head.indexOf(start);
        if (from < 0) {
            throw new IllegalStateException("no " + name + " in " + head);
        }
        return head.substring(from + start.length(), head.indexOf('\r', from + start.length()));
    }

    /** Whether the server has said that the last answer was the last one on this connection. */
    boolean isOver() {
        return over;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
