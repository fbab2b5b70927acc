package dev.flotilla.controller.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchTest {
    /** What a server does with its only connection. */
    @FunctionalInterface
    private interface Server {
        void serve(Socket connection, String head) throws IOException, InterruptedException;
    }

    private static Fetch.Answer ask(Server server, Duration deadline) throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try (Socket connection = listening.accept()) {
                    var head = new StringBuilder();
                    while (!head.toString().endsWith("\r\n\r\n")) {
                        head.append((char) connection.getInputStream().read());
                    }
                    server.serve(connection, head.toString());
                } catch (IOException | InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                return Fetch.get(new Fetch.Question(
                        URI.create("http://mirror.example.org:8080/simple/six/?a=b"),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort()),
                        Map.of("Accept", "text/html"),
                        ByteSize.ofKiB(1),
                        Duration.ofSeconds(15),
                        deadline));
            } finally {
                thread.interrupt();
                thread.join();
            }
        }
    }

    private static Server says(String answer) {
        return (connection, head) -> connection.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void theHostIsTheNamesAndTheConnectionGoesWhereItIsTold() throws Exception {
        Fetch.Answer answer = ask(
                (connection, head) -> {
                    assertThat(head)
                            .startsWith("GET /simple/six/?a=b HTTP/1.1\r\nHost: mirror.example.org:8080\r\n")
                            .contains("Accept: text/html\r\n", "Connection: close\r\n");
                    says("HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 2\r\n\r\nhi")
                            .serve(connection, head);
                },
                Duration.ofSeconds(30));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("etag")).contains("\"x\"");
        assertThat(answer.body()).asString().isEqualTo("hi");
    }

    @Test
    void chunksAndCodingsAreTakenOff() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write("packed".getBytes(StandardCharsets.US_ASCII));
        }
        byte[] bytes = packed.toByteArray();
        Fetch.Answer answer = ask(
                (connection, head) -> {
                    var out = connection.getOutputStream();
                    out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n3;a=b\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                    out.write(bytes, 0, 3);
                    out.write(("\r\n" + Integer.toHexString(bytes.length - 3) + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    out.write(bytes, 3, bytes.length - 3);
                    out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                },
                Duration.ofSeconds(30));
        assertThat(answer.body()).asString().isEqualTo("packed");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "'', without a word",
                "SSH-2.0-OpenSSH~, no HTTP",
                "HTTP/1.1 200 OK~Content-Le, in the midst of its head",
                "HTTP/1.1 200 OK~Content-Length: 5~~half, broke off after 4 of 5",
                "HTTP/1.1 200 OK~Content-Length: 2000~~, larger than 1 KiB",
                "HTTP/1.1 200 OK~Content-Length: -1~~, no number",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hal, broke off",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~-5~half~, no number",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~7fffffff~, larger than 1 KiB",
                "HTTP/1.1 200 OK~Content-Encoding: br~~x, nobody asked for",
            })
    void halfAnAnswerIsNone(String written, String why) {
        assertThatThrownBy(() -> ask(says(written.replace("''", "").replace("~", "\r\n")), Duration.ofSeconds(30)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:")
                .hasMessageContaining(why);
    }

    /** A limit for each wait alone never ends what comes a byte at a time. */
    @Test
    void aServerThatGoesOnForEverIsLeftAtTheDeadline() {
        long begun = System.nanoTime();
        assertThatThrownBy(() -> ask(
                        (connection, head) -> {
                            says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                                    .serve(connection, head);
                            while (true) {
                                connection.getOutputStream().write('x');
                                Thread.sleep(50);
                            }
                        },
                        Duration.ofMillis(500)))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("in time");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }
}
