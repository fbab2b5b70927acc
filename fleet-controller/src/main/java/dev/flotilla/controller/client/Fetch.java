package dev.flotilla.controller.client;

import dev.flotilla.vocabulary.ByteSize;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One GET on a connection of its own (RFC 9112), to an address that the caller has chosen: that is what tells where an answer comes from, and
 * {@code java.net.http} allows neither that nor a Host of one's own. Over TLS the host's certificate has to be right. Thread-safe.
 */
public final class Fetch {
    private static final int LARGEST_HEAD_BYTES = 64 << 10;
    private static final int MOST_FIELDS = 200;
    private static final String AGENT = "flotilla-probe";

    private Fetch() {}

    /**
     * What is asked for.
     *
     * @param target absolute; its host becomes the Host field
     * @param address where the connection goes to
     * @param limit a body that is larger is a failure
     * @param socketTimeOut for the connection, and for each wait for bytes
     * @param deadline for everything together
     */
    public record Question(
            URI target,
            InetSocketAddress address,
            Map<String, String> fields,
            ByteSize limit,
            Duration socketTimeOut,
            Duration deadline) {
        public Question {
            fields = Map.copyOf(fields);
        }
    }

    /** A whole answer. Its body belongs to the caller. */
    public static final class Answer {
        private final int status;
        private final Map<String, String> fields;
        private final byte[] body;
        private final Duration firstByte;

        Answer(int status, Map<String, String> fields, byte[] body, Duration firstByte) {
            this.status = status;
            this.fields = fields;
            this.body = body;
            this.firstByte = firstByte;
        }

        public int status() {
            return status;
        }

        /** A field's value by its name in lower case. */
        public Optional<String> field(String name) {
            return Optional.ofNullable(fields.get(name));
        }

        public byte[] body() {
            return body;
        }

        /** From the beginning to the first byte of the answer. */
        public Duration firstByte() {
            return firstByte;
        }
    }

    /** Asks, and reads the whole answer, whatever its status. {@link IOException} where none comes in time, or half of one. */
    public static Answer get(Question question) throws IOException {
        long begun = System.nanoTime();
        try (var plain = new Socket()) {
            var time = new Time(plain, question, begun + question.deadline().toNanos());
            plain.setTcpNoDelay(true);
            plain.connect(question.address(), time.left());
            try (Socket socket = secured(plain, question.target(), time)) {
                socket.getOutputStream().write(head(question).getBytes(StandardCharsets.ISO_8859_1));
                var in = new BufferedInputStream(new TimedInput(socket.getInputStream(), time));
                return read(in, question, begun);
            }
        } catch (SocketTimeoutException late) {
            throw new IOException("no answer from " + where(question) + " in time", late);
        } catch (IOException failed) {
            throw new IOException("no answer from " + where(question) + ": " + failed.getMessage(), failed);
        }
    }

    private static String where(Question question) {
        return question.address().getAddress().getHostAddress() + ":"
                + question.address().getPort();
    }

    private static Socket secured(Socket plain, URI target, Time time) throws IOException {
        if (!"https".equals(target.getScheme())) {
            return plain;
        }
        plain.setSoTimeout(time.left());
        var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        var secured = (SSLSocket) factory.createSocket(plain, target.getHost(), plain.getPort(), true);
        var parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static String head(Question question) {
        URI target = question.target();
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        var head = new StringBuilder("GET " + target.getRawPath() + query + " HTTP/1.1\r\n");
        head.append("Host: ").append(target.getRawAuthority()).append("\r\n");
        head.append("User-Agent: ").append(AGENT).append("\r\n");
        question.fields()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("Connection: close\r\n\r\n").toString();
    }

    private static Answer read(BufferedInputStream in, Question question, long begun) throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            throw new IOException("it has ended the connection without a word");
        }
        Duration firstByte = Duration.ofNanos(System.nanoTime() - begun);
        in.reset();
        var lines = new HeadLines(in, LARGEST_HEAD_BYTES);
        String first = lines.next();
        if (!first.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
            throw new IOException("what it says is no HTTP/1.1");
        }
        int status = Integer.parseInt(first.substring(9, 12));
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            int colon = line.indexOf(':');
            if (colon < 1 || fields.size() >= MOST_FIELDS) {
                throw new IOException("its answer's head is no HTTP/1.1");
            }
            fields.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (one, other) -> one + ", " + other);
        }
        return new Answer(status, fields, Body.read(in, status, fields, question.limit()), firstByte);
    }

    /** What is left of the question's time, for one wait. */
    private static final class Time {
        private final Socket socket;
        private final Question question;
        private final long deadlineNanos;

        Time(Socket socket, Question question, long deadlineNanos) {
            this.socket = socket;
            this.question = question;
            this.deadlineNanos = deadlineNanos;
        }

        /** Milliseconds, at least one. */
        int left() throws SocketTimeoutException {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException("the deadline is over");
            }
            return (int) Math.min(left, Math.max(1, question.socketTimeOut().toMillis()));
        }

        void beforeRead() throws IOException {
            socket.setSoTimeout(left());
        }
    }

    private static final class TimedInput extends InputStream {
        private final InputStream in;
        private final Time time;

        TimedInput(InputStream in, Time time) {
            this.in = in;
            this.time = time;
        }

        @Override
        public int read() throws IOException {
            time.beforeRead();
            return in.read();
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            time.beforeRead();
            return in.read(into, from, length);
        }
    }
}
