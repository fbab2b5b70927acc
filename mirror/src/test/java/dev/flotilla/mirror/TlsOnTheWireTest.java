package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.configuration.TlsEngine;
import dev.flotilla.testing.TestAuthority;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A mirror's clients by HTTPS, in HTTP/1.1 and HTTP/2, with certificates of an authority of the test's own, by OpenSSL. */
class TlsOnTheWireTest {
    private static final String FILENAME = "sample_one-1.0-py3-none-any.whl";

    /** Many chunks, and not a whole number of them. */
    private static final int LENGTH = 3_000_001;

    private static final Duration AHEAD = Duration.ofMinutes(10);

    @TempDir
    private static Path shared;

    private static TestAuthority authority;
    private static SSLContext believing;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[LENGTH];
    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private String path = "";

    @BeforeAll
    static void beAnAuthority() throws Exception {
        authority = TestAuthority.in(shared, "authority");
        believing = authority.client();
        authority.writeServer(shared.resolve("first.pem"), shared.resolve("first.key"));
    }

    @BeforeEach
    void start() throws Exception {
        RandomGeneratorFactory.of("L64X128MixRandom").create(1).nextBytes(content);
        path = "/packages/sha256/" + Sha256.of(content) + "/" + FILENAME;
        upstream = SampleUpstream.json().offer("sample-one", FILENAME, content);
        // The mirror's clock stands, and the certificates of a test are made while it goes on: all have begun by then.
        clock.advance(Duration.between(clock.instant(), Instant.now()).plus(AHEAD));
        Files.copy(shared.resolve("first.pem"), certificate());
        Files.copy(shared.resolve("first.key"), key());
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, tls(""));
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private Path certificate() {
        return folder.resolve("mirror.pem");
    }

    private Path key() {
        return folder.resolve("mirror.key");
    }

    TlsEngine engine() {
        return TlsEngine.OPENSSL;
    }

    private String tls(String more) {
        return """
                tls { host = 127.0.0.1, port = 0, certificate = "%s", key = "%s", look = 100ms, engine = %s
                %s }
                """.formatted(certificate(), key(), engine(), more);
    }

    private HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(believing)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    private static HttpResponse<byte[]> get(HttpClient client, URI url, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whatIsServedIsTheSameAsByPlainHttp(HttpClient.Version version) throws Exception {
        try (var client = client(version)) {
            var cold = get(client, mirror.encrypted(path));
            assertThat(cold.version()).isEqualTo(version);
            assertThat(cold.body()).isEqualTo(content);
            await().until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
            for (String target : List.of("/simple/", "/simple/sample-one/", path, "/nothing", "/simple/nobody/")) {
                var plain = mirror.get(target, "Accept", RunningMirror.JSON);
                var encrypted = get(client, mirror.encrypted(target), "Accept", RunningMirror.JSON);
                assertThat(encrypted.statusCode()).as(target).isEqualTo(plain.statusCode());
                assertThat(encrypted.body()).as(target).isEqualTo(plain.body());
                for (String name : List.of("ETag", "Content-Type", "Cache-Control", "Content-Length", "Vary")) {
                    assertThat(field(encrypted, name)).as(target + " " + name).isEqualTo(field(plain, name));
                }
            }
            var part = get(client, mirror.encrypted(path), "Range", "bytes=1000-2000000");
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 1000, 2_000_001));
            var same = get(client, mirror.encrypted(path), "If-None-Match", field(part, "ETag"));
            assertThat(same.statusCode()).isEqualTo(304);
        }
    }

    @Test
    void manyFilesOnOneConnectionComeWhole() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2)) {
            get(client, mirror.encrypted(path));
            var answers = IntStream.range(0, 40)
                    .mapToObj(i -> client.sendAsync(
                            HttpRequest.newBuilder(mirror.encrypted(path)).build(),
                            HttpResponse.BodyHandlers.ofByteArray()))
                    .toList();
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                assertThat(answer.get().body()).isEqualTo(content);
            }
        }
    }

    @Test
    void pipIsToldTheEncryptedAddress() throws Exception {
        for (var version : HttpClient.Version.values()) {
            try (var client = client(version)) {
                String host = "localhost:" + mirror.encrypted("/").getPort();
                assertThat(text(get(client, URI.create("https://" + host + "/pip.conf"))))
                        .contains("index-url = https://" + host + "/simple/")
                        .doesNotContain("trusted-host");
            }
        }
        assertThat(text(mirror.get("/pip.conf"))).contains("index-url = http://", "trusted-host = 127.0.0.1");
    }

    @Test
    void whatIsBrokenIsNotSpoken() throws Exception {
        assertThat(handshake("TLSv1.3").getSession().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(handshake("TLSv1.2").getSession().getProtocol()).isEqualTo("TLSv1.2");
        // The JDK's own settings forbid it, too: an engine that is made to offer it gets nowhere.
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> handshake("TLSv1.1"));
    }

    @Test
    void anotherCertificateIsTakenUpAndStandingConnectionsGoOn() throws Exception {
        BigInteger first = serial();
        try (var standing = client(HttpClient.Version.HTTP_2)) {
            get(standing, mirror.encrypted("/readyz"));
            authority.writeServer(certificate(), key());
            await().until(() -> !serial().equals(first));
            BigInteger second = serial();
            // All event loops: connections go round.
            Set<BigInteger> seen = new HashSet<>();
            for (int i = 0; i < 8; i++) {
                seen.add(serial());
            }
            assertThat(seen).containsExactly(second);
            assertThat(get(standing, mirror.encrypted("/readyz")).statusCode()).isEqualTo(200);
            try (var fresh = client(HttpClient.Version.HTTP_2)) {
                assertThat(get(fresh, mirror.encrypted("/readyz")).version())
                        .as("HTTP/2 is still spoken")
                        .isEqualTo(HttpClient.Version.HTTP_2);
            }
        }
    }

    @Test
    void whatIsNoCertificateWithItsKeyIsNotTakenUp() throws Exception {
        BigInteger first = serial();
        byte[] good = Files.readAllBytes(certificate());
        byte[] goodKey = Files.readAllBytes(key());
        assertThat(trouble()).isZero();

        Path anothers = folder.resolve("another.pem");
        authority.writeServer(anothers, key());
        refused(first);
        Files.write(key(), goodKey);
        await().until(() -> trouble() == 0);

        Files.writeString(certificate(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        refused(first);
        Files.delete(certificate());
        refused(first);
        authority.writeServer(certificate(), key(), "-startdate", "-20d", "-validity", "10");
        refused(first);

        Files.write(certificate(), good);
        Files.write(key(), goodKey);
        await().until(() -> trouble() == 0);
        assertThat(serial()).isEqualTo(first);
        assertThat((long) metric("certificate_ends_seconds"))
                .isEqualTo(handshakeCertificate().getNotAfter().toInstant().getEpochSecond());
    }

    @Test
    void aCertificateIsTakenUpWhenItsTimeComes() throws Exception {
        BigInteger first = serial();
        authority.writeServer(certificate(), key(), "-startdate", "+1H");
        refused(first);
        clock.advance(Duration.ofHours(2));
        await().until(() -> trouble() == 0);
    }

    private void refused(BigInteger before) throws Exception {
        await().until(() -> trouble() == 1);
        assertThat(serial()).isEqualTo(before);
    }

    @Test
    void withoutAUsableCertificateNoMirrorStarts() throws Exception {
        Files.writeString(key(), "nothing");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> RunningMirror.start(upstream, folder.resolve("other"), clock, tls("")))
                .withMessageContaining("the certificate can't be used")
                .withMessageContaining("tls.certificate and tls.key");
        Files.delete(key());
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> RunningMirror.start(upstream, folder.resolve("other"), clock, tls("")))
                .withMessageContaining(key() + " isn't there");
    }

    @Test
    void aFileThatTheDiskHasCutIsNoWholeFileForAnybody() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2)) {
            assertThat(get(client, mirror.encrypted(path)).body()).isEqualTo(content);
            await().until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
            Path blob = blob();
            try (var file = FileChannel.open(blob, StandardOpenOption.WRITE)) {
                file.truncate(LENGTH / 2);
            }
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(client, mirror.encrypted(path)));
            assertThat(get(client, mirror.encrypted("/readyz")).statusCode())
                    .as("the connection and its other requests go on")
                    .isEqualTo(200);
            await().untilAsserted(() ->
                    assertThat(get(client, mirror.encrypted(path)).body()).isEqualTo(content));
        }
    }

    /** By HTTP/2, by HTTP/1.1, and by plain HTTP, which takes it as it is mapped. */
    @Test
    void aFileThatIsMappedIsTheSameAndIsNoWholeFileOnceTheDiskHasCutIt() throws Exception {
        try (var second = client(HttpClient.Version.HTTP_2);
                var first = client(HttpClient.Version.HTTP_1_1)) {
            get(first, mirror.encrypted(path));
            await().until(() -> {
                get(first, mirror.encrypted(path));
                return text(mirror.send("GET", mirror.operations("/metrics")))
                        .contains("flotilla_mirror_mapped_files 1.0");
            });
            for (var client : List.of(first, second)) {
                for (URI url : List.of(mirror.encrypted(path), mirror.url(path))) {
                    assertThat(get(client, url).body()).isEqualTo(content);
                    assertThat(get(client, url, "Range", "bytes=1000000-2999999")
                                    .body())
                            .isEqualTo(Arrays.copyOfRange(content, 1_000_000, 3_000_000));
                }
            }
            try (var file = FileChannel.open(blob(), StandardOpenOption.WRITE)) {
                file.truncate(LENGTH / 2);
            }
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(second, mirror.encrypted(path)));
            await().untilAsserted(() ->
                    assertThat(get(second, mirror.encrypted(path)).body()).isEqualTo(content));
        }
    }

    private Path blob() throws IOException {
        try (var files = Files.walk(folder.resolve("store"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toFile().length() == LENGTH)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void whoDoesNotEndTheHandshakeIsGivenUp() throws Exception {
        mirror.close();
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, tls("handshake-time-out = 1s"));
        try (var silent = new Socket(
                InetAddress.getLoopbackAddress(), mirror.encrypted("/").getPort())) {
            silent.setSoTimeout(20_000);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_1", "HTTP_2", "HTTP_2", "HTTP_2"})
    void anotherMirrorTakesOverWithoutAFailedRequest(HttpClient.Version version) throws Exception {
        var stopping = new AtomicBoolean();
        URI url = mirror.encrypted(path);
        try (var client = client(version);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            get(client, url);
            var asked = new AtomicInteger();
            var asking = IntStream.range(0, 4)
                    .mapToObj(i -> threads.submit(() -> {
                        while (!stopping.get()) {
                            var answer = get(client, url);
                            assertThat(answer.statusCode()).isEqualTo(200);
                            assertThat(answer.body()).isEqualTo(content);
                            asked.incrementAndGet();
                        }
                        return true;
                    }))
                    .toList();
            try (var next = mirror.replaced(upstream, folder.resolve("store"), clock, tls(""))) {
                assertThat(next.encrypted(path)).isEqualTo(url);
                int before = asked.get();
                await().until(() -> asked.get() > before + 8);
                stopping.set(true);
                for (var one : asking) {
                    assertThat(one.get()).isTrue();
                }
            } finally {
                stopping.set(true);
            }
        }
    }

    /** Clients take much or little at once: what they hold back must never stay with the mirror. */
    @Tag("real")
    @ParameterizedTest
    @CsvSource({"4,30,30", "100,30,30", "40,16,16", "100,16,18", "40,14,30", "100,20,17"})
    void manyStreamsOfAnOthersClientComeToTheirEnd(int streams, int window, int connectionWindow) throws Exception {
        for (int i = 0; i < 2_000; i++) {
            upstream.offer("sample-many", "sample_many-1." + i + ".tar.gz", new byte[] {1});
        }
        mirror.get(path);
        for (URI url : List.of(mirror.encrypted(path), mirror.encrypted("/simple/sample-many/"))) {
            Process load = new ProcessBuilder(
                            "h2load",
                            "-n",
                            "120",
                            "-c",
                            "1",
                            "-m",
                            Integer.toString(streams),
                            "-w",
                            Integer.toString(window),
                            "-W",
                            Integer.toString(connectionWindow),
                            url.toString())
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(load.waitFor(30, TimeUnit.SECONDS))
                        .as("%s comes to its end", url)
                        .isTrue();
                assertThat(new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .contains("120 succeeded, 0 failed");
            } finally {
                load.destroyForcibly();
            }
        }
    }

    private BigInteger serial() throws IOException {
        return handshakeCertificate().getSerialNumber();
    }

    private X509Certificate handshakeCertificate() throws IOException {
        try (var socket = handshake("TLSv1.3")) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private SSLSocket handshake(String protocol) throws IOException {
        var socket = (SSLSocket) believing.getSocketFactory().createSocket();
        socket.setEnabledProtocols(new String[] {protocol});
        socket.connect(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), mirror.encrypted("/").getPort()));
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    private int trouble() {
        return (int) metric("certificate_trouble");
    }

    private double metric(String name) {
        return text(mirror.send("GET", mirror.operations("/metrics")))
                .lines()
                .filter(line -> line.startsWith("flotilla_mirror_" + name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
