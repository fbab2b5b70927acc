package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Developer Guide, "How Amazon Route 53 determines whether a health check is healthy". */
@Timeout(60)
class ProberTest {
    private final Prober prober = new Prober(Clock.systemUTC());

    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "204 No Content", "301 Moved Permanently", "399 Odd"})
    void aStatusFrom200To399Passes(String status) throws Exception {
        assertThat(http("HTTP/1.1 " + status + "\r\n\r\n", "").passed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "404 Not Found", "500 Oops", "503 Service Unavailable"})
    void anyOtherStatusFailsAndIsNamed(String status) throws Exception {
        Observation seen = http("HTTP/1.1 " + status + "\r\n\r\n", "");
        assertThat(seen.passed()).isFalse();
        assertThat(seen.detail()).contains(status.substring(0, 3));
    }

    @Test
    void anInformationalStatusIsNotTheAnswer() throws Exception {
        assertThat(http("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "")
                        .passed())
                .isTrue();
    }

    @Test
    void theStringMustStandInTheBody() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nX: ready east\r\nContent-Length: 10\r\n\r\n";
        assertThat(http(answer + "ready west", "ready east").passed()).isFalse();
        assertThat(http(answer + "ready east", "ready east").passed()).isTrue();
    }

    @Test
    void theStringMustStandWithinTheFirst5120Bytes() throws Exception {
        String header = "HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n";
        assertThat(http(header + "x".repeat(5_115) + "ready" + "x".repeat(880), "ready")
                        .passed())
                .isTrue();
        assertThat(http(header + "x".repeat(5_116) + "ready" + "x".repeat(879), "ready")
                        .passed())
                .isFalse();
    }

    @Test
    void aBodyInChunksIsPutTogether() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(http(answer + "3\r\nrea\r\n2;x=y\r\ndy\r\n0\r\n\r\n", "ready")
                        .passed())
                .isTrue();
        assertThat(http(answer + "zz\r\nready\r\n", "ready").passed()).isFalse();
    }

    @Test
    void aMatchingBodyWithAnErrorStatusFails() throws Exception {
        assertThat(http("HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\nready", "ready")
                        .passed())
                .isFalse();
    }

    @Test
    void whatIsNotHttpFails() throws Exception {
        assertThat(http("SSH-2.0-OpenSSH_9.2\r\n", "").passed()).isFalse();
        assertThat(http("", "").passed()).isFalse();
        assertThat(http("x".repeat(20_000), "").passed()).isFalse();
    }

    @Test
    void aStatusThatTakesLongerThanTwoSecondsFailsEvenIfItDrips() throws Exception {
        try (Target target = new Target(socket -> {
            // A byte now and then: each comes soon, all of them too late.
            for (int index = 0; index < 200; index++) {
                socket.getOutputStream().write('H');
                new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
            }
        })) {
            long started = System.nanoTime();
            Observation seen = prober.probe(settings(HealthCheckSettings.Kind.HTTP, target.port(), ""), Checker.LONE);
            assertThat(seen.passed()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(4));
        }
    }

    @Test
    void aPortWhereNobodyListensFailsAtOnce() throws Exception {
        int port = FreePort.choose();
        for (HealthCheckSettings.Kind kind : List.of(HealthCheckSettings.Kind.HTTP, HealthCheckSettings.Kind.TCP)) {
            Observation seen = prober.probe(settings(kind, port, ""), Checker.LONE);
            assertThat(seen.passed()).isFalse();
            assertThat(seen.detail()).contains("refused");
        }
    }

    @Test
    void tcpPassesOnceItIsConnected() throws Exception {
        try (Target target = new Target(_ -> {})) {
            assertThat(prober.probe(settings(HealthCheckSettings.Kind.TCP, target.port(), ""), Checker.LONE)
                            .passed())
                    .isTrue();
        }
    }

    @Test
    void theRequestNamesPathHostAndPort() throws Exception {
        CompletableFuture<String> request = new CompletableFuture<>();
        try (Target target = new Target(socket -> {
            request.complete(readRequest(socket.getInputStream()));
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
        })) {
            prober.probe(settings(HealthCheckSettings.Kind.HTTP, target.port(), ""), Checker.LONE);
            assertThat(request.get(5, TimeUnit.SECONDS))
                    .startsWith("GET /readyz HTTP/1.1\r\n")
                    .contains("\r\nHost: mirror.flotilla.test:" + target.port() + "\r\n")
                    .contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void anInterruptedProbeEnds() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch accepted = new CountDownLatch(1);
        try (Target target = new Target(socket -> {
            accepted.countDown();
            socket.getInputStream().readAllBytes();
        })) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    prober.probe(settings(HealthCheckSettings.Kind.HTTP, target.port(), ""), Checker.LONE);
                } catch (InterruptedException expected) {
                    interrupted.set(true);
                }
            });
            accepted.await();
            thread.interrupt();
            await().atMost(Duration.ofSeconds(1)).untilTrue(interrupted);
        }
    }

    private Observation http(String answer, String searched) throws Exception {
        try (Target target = new Target(socket -> {
            readRequest(socket.getInputStream());
            socket.getOutputStream().write(answer.getBytes(UTF_8));
        })) {
            HealthCheckSettings.Kind kind =
                    searched.isEmpty() ? HealthCheckSettings.Kind.HTTP : HealthCheckSettings.Kind.HTTP_STR_MATCH;
            return prober.probe(settings(kind, target.port(), searched), Checker.LONE);
        }
    }

    private static String readRequest(InputStream input) throws IOException {
        StringBuilder request = new StringBuilder();
        while (!request.toString().endsWith("\r\n\r\n")) {
            int next = input.read();
            if (next < 0) {
                break;
            }
            request.append((char) next);
        }
        return request.toString();
    }

    private static HealthCheckSettings settings(HealthCheckSettings.Kind kind, int port, String searched) {
        boolean tcp = kind == HealthCheckSettings.Kind.TCP;
        return new HealthCheckSettings(
                kind,
                InetAddress.getLoopbackAddress(),
                port,
                tcp ? "" : "/readyz",
                tcp ? Optional.empty() : Optional.of("mirror.flotilla.test"),
                searched.isEmpty() ? Optional.empty() : Optional.of(searched),
                10,
                2,
                false,
                false,
                false,
                false,
                List.of());
    }

    /** What a target does with a connection. */
    @FunctionalInterface
    private interface Behaviour {
        void serve(Socket socket) throws IOException, InterruptedException;
    }

    /** A server on a free loopback port that treats its connections as it is told. */
    private static final class Target implements AutoCloseable {
        private final ServerSocket server;

        Target(Behaviour behaviour) throws IOException {
            server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try (Socket socket = server.accept()) {
                        behaviour.serve(socket);
                    } catch (IOException ended) {
                        assertThat(ended).isNotNull();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
