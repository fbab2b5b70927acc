package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks over HTTPS, against a server whose certificate nobody has signed and which has expired. */
@Timeout(60)
class SecuredProbeTest {
    private static final String PASSWORD = "changeit";
    private static final AtomicReference<String> ASKED = new AtomicReference<>("");

    private static HttpsServer server;

    private final Prober prober = new Prober(Clock.systemUTC());

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("store");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=another.example.org",
                        "-startdate",
                        "-10d",
                        "-validity",
                        "1",
                        "-alias",
                        "server",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        assertThat(keytool.waitFor())
                .as(Files.readString(folder.resolve("log")))
                .isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(store)) {
            keys.load(bytes, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/readyz", exchange -> {
            ExtendedSSLSession session = (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
            ASKED.set(session.getRequestedServerNames().stream()
                            .map(name -> ((SNIHostName) name).getAsciiName())
                            .toList()
                    + " " + exchange.getRequestHeaders().getFirst("Host"));
            byte[] body = "ready east".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    @Test
    void aCertificateIsNotLookedAtAndTheHostIsNamedInTheHandshake() throws Exception {
        int port = server.getAddress().getPort();
        assertThat(probe(HealthCheckSettings.Kind.HTTPS, port, true, "").detail())
                .isEqualTo("Success: HTTP Status Code 200");
        assertThat(ASKED.get()).isEqualTo("[mirror.flotilla.test] mirror.flotilla.test:" + port);

        assertThat(probe(HealthCheckSettings.Kind.HTTPS, port, false, "").passed())
                .isTrue();
        assertThat(ASKED.get()).isEqualTo("[] mirror.flotilla.test:" + port);
    }

    @Test
    void theStringMustStandInTheBodyThereToo() throws Exception {
        int port = server.getAddress().getPort();
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
