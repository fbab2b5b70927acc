package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks over HTTPS, against a server whose certificate nobody has signed and which has expired. */
@Timeout(60)
class SecuredProbeTest {
    private static SecuredServer server;

    private final Prober prober = new Prober(Clock.systemUTC());

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = new SecuredServer(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aCertificateIsNotLookedAtAndTheHostIsNamedInTheHandshake() throws Exception {
        int port = server.port();
        assertThat(probe(HealthCheckSettings.Kind.HTTPS, port, true, "").detail())
                .isEqualTo("Success: HTTP Status Code 200");
        assertThat(server.asked()).contains("[mirror.flotilla.test] mirror.flotilla.test:" + port);

        assertThat(probe(HealthCheckSettings.Kind.HTTPS, port, false, "").passed())
                .isTrue();
        assertThat(server.asked()).contains("[] mirror.flotilla.test:" + port);
    }

    @Test
    void theStringMustStandInTheBodyThereToo() throws Exception {
        int port = server.port();
        assertThat(probe(HealthCheckSettings.Kind.HTTPS_STR_MATCH, port, true, "ready east")
                        .passed())
                .isTrue();
        assertThat(probe(HealthCheckSettings.Kind.HTTPS_STR_MATCH, port, true, "ready west")
                        .passed())
                .isFalse();
    }

    @Test
    void aServerThatSpeaksNoTlsFails() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = plain.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
                } catch (IOException ended) {
                    assertThat(ended).isNotNull();
                }
            });
            assertThat(probe(HealthCheckSettings.Kind.HTTPS, plain.getLocalPort(), true, "")
                            .passed())
                    .isFalse();
        }
    }

    private Observation probe(HealthCheckSettings.Kind kind, int port, boolean named, String searched)
            throws InterruptedException {
        return prober.probe(
                new HealthCheckSettings(
                        kind,
                        InetAddress.getLoopbackAddress(),
                        port,
                        "/readyz",
                        Optional.of("mirror.flotilla.test"),
                        Optional.of(searched).filter(text -> !text.isEmpty()),
                        10,
                        2,
                        false,
                        named,
                        false,
                        false,
                        List.of()),
                Checker.LONE);
    }
}
