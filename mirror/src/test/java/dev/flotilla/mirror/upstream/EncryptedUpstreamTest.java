package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptedUpstreamTest {
    private static final String PASSWORD = "only-for-this-test";

    @TempDir
    Path folder;

    private HttpsServer server;

    @BeforeEach
    void start() throws Exception {
        Path keys = folder.resolve("keys.p12");
        run(List.of(
                "keytool",
                "-genkeypair",
                "-alias",
                "index",
                "-keyalg",
                "EC",
                "-dname",
                "CN=index.test",
                "-ext",
                "SAN=dns:index.test",
                "-validity",
                "2",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD));
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/simple/harbour/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            byte[] page = "<html></html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        var whole = new ArrayList<>(command);
        whole.set(
                0,
                Path.of(System.getProperty("java.home"), "bin", command.getFirst())
                        .toString());
        var process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    private String fetchFrom(String host, boolean trusted) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add("java");
        if (trusted) {
            command.add("-Djavax.net.ssl.trustStore=" + folder.resolve("keys.p12"));
            command.add("-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                EncryptedClient.class.getName(),
                "https://" + host + ":" + server.getAddress().getPort() + "/simple/"));
        return run(command)
                .lines()
                .filter(line -> line.startsWith("OUTCOME"))
                .findFirst()
                .orElse("none");
    }

    @Test
    void aPageComesFromAnUpstreamWhoseCertificateIsTrustedAndHasItsName() throws Exception {
        assertThat(fetchFrom("index.test", true)).startsWith("OUTCOME Fetched");
    }

    @Test
    void anUpstreamWithAnotherNameThanItsCertificateIsRefused() throws Exception {
        assertThat(fetchFrom("other.test", true)).startsWith("OUTCOME Failed").contains("other.test");
    }

    @Test
    void anUpstreamWithACertificateThatNobodyVouchesForIsRefused() throws Exception {
        assertThat(fetchFrom("index.test", false)).startsWith("OUTCOME Failed");
    }
}
