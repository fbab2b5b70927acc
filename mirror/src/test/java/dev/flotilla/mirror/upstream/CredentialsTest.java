package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    private static final ProjectName PROJECT = new ProjectName("harbour");
    private static final String JSON = "Content-Type: application/vnd.pypi.simple.v1+json";
    private static final byte[] PAGE =
            "{\"meta\":{\"api-version\":\"1.4\"},\"name\":\"harbour\",\"files\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("127.0.0.2");
    // As in RFC 7617, section 2.
    private static final String EXPECTED = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

    private Vertx vertx;
    private WorkerExecutor worker;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("credentials-test", 4);
    }

    @AfterEach
    void stop() {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static Credentials credentials(boolean toFileHosts, boolean overPlainHttp) {
        return Credentials.basic("Aladdin", new Secret("open sesame"), toFileHosts, overPlainHttp);
    }

    private static UpstreamIndex index(ScriptedServer server, Credentials credentials, ScriptedServer... fileHosts) {
        var hosts = List.of(fileHosts).stream()
                .map(host -> HostAndPort.of(host.at("/")))
                .toList();
        return UpstreamIndex.of("private", server.at("/simple/"), hosts).with(Optional.of(credentials));
    }

    private Upstreams upstreams(UpstreamIndex index) {
        return new Upstreams(
                new Upstreams.Means(
                        vertx, HostResolver.system(worker), worker, new SettableClock(), new SimpleMeterRegistry()),
                List.of(index),
                List.of(),
                UpstreamLimits.defaults(),
                "test",
                "flotilla.east.east-1");
    }

    private static ScriptedServer guarded() throws IOException {
        return new ScriptedServer((request, reply) -> {
            if (request.header("authorization").equals(EXPECTED)) {
                reply.whole(200, PAGE, JSON);
            } else {
                reply.whole(401, new byte[0]);
            }
        });
    }

    @Test
    void theIndexGetsThemForItsPagesAndFiles() throws IOException {
        try (var server = guarded()) {
            var upstreams = upstreams(index(server, credentials(false, false)));
            assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Fetched.class);
            var file = await(upstreams.open(server.at("/harbour-1.0.tar.gz"), FileSource.Attempt.single()));
            assertThat(file).isInstanceOf(FileFetch.Opened.class);
            ((FileFetch.Opened) file).cancel();
        }
    }

    @Test
    void aTokenIsSentAsSuch() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON))) {
            var token = Credentials.bearer(new Secret("abc.DEF-123=="), false, false);
            await(upstreams(index(server, token)).page(PROJECT, Optional.empty(), Room.ample()));
            assertThat(server.requests().getFirst().header("authorization")).isEqualTo("Bearer abc.DEF-123==");
        }
    }

    @Test
    void aRedirectToAnotherHostDropsThemThoughFilesMayComeFromThere() throws IOException {
        try (var other = new ScriptedServer(ELSEWHERE, (request, reply) -> reply.whole(200, PAGE, JSON));
                var server = new ScriptedServer(
                        (request, reply) -> reply.whole(302, new byte[0], "Location: " + other.at(request.target())))) {
            var upstreams = upstreams(index(server, credentials(false, false), other));
            assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Fetched.class);
            assertThat(server.requests().getFirst().header("authorization")).isEqualTo(EXPECTED);
            assertThat(other.requests().getFirst().headers()).doesNotContainKey("authorization");
            ((FileFetch.Opened) await(upstreams.open(other.at("/harbour-1.0.tar.gz"), FileSource.Attempt.single())))
                    .cancel();
            assertThat(other.requests().getLast().headers()).doesNotContainKey("authorization");
        }
    }

    @Test
    void fileHostsGetThemOnlyWhereThatIsSaid() throws IOException {
        try (var other = new ScriptedServer(ELSEWHERE, (request, reply) -> reply.whole(200, PAGE, JSON));
                var server = guarded()) {
            var upstreams = upstreams(index(server, credentials(true, false), other));
            ((FileFetch.Opened) await(upstreams.open(other.at("/harbour-1.0.tar.gz"), FileSource.Attempt.single())))
                    .cancel();
            assertThat(other.requests().getFirst().header("authorization")).isEqualTo(EXPECTED);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://index.example/simple/", "http://10.0.0.1/simple/", "http://localhost.example/simple/"})
    void theyAreNeverSentWhereOthersCouldReadThemUnlessThatIsAllowed(String plain) {
        var index = UpstreamIndex.of("private", URI.create(plain), List.of());
        assertThatThrownBy(() -> index.with(Optional.of(credentials(false, false))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unencrypted");
        var allowed = index.with(Optional.of(credentials(false, true)));
        assertThat(allowed.authorization(URI.create(plain))).isPresent();
    }

    @Test
    void aFileHostWithoutEncryptionGetsNoneThoughTheIndexIsEncrypted() {
        var index = UpstreamIndex.of(
                        "private",
                        URI.create("https://index.example/simple/"),
                        List.of(HostAndPort.parse("files.example:80", 443), HostAndPort.parse("files.example", 443)))
                .with(Optional.of(credentials(true, false)));
        assertThat(index.authorization(URI.create("http://files.example/a"))).isEmpty();
        assertThat(index.authorization(URI.create("https://files.example/a"))).isPresent();
        assertThat(index.authorization(URI.create("https://strangers.example/a")))
                .isEmpty();
    }

    @Test
    void noTextOfAnythingThatHoldsThemSaysThem() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> reply.whole(403, new byte[0]))) {
            var index = index(server, credentials(false, false));
            var failed = (PageFetch.Failed) await(upstreams(index).page(PROJECT, Optional.empty(), Room.ample()));
            assertThat(index + " " + failed.reason())
                    .contains("[redacted]")
                    .doesNotContain("sesame")
                    .doesNotContain("QWxhZGRpbjpvcGVu");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\r\nX-Other: b", "\u00e4"})
    void whatIsNoTokenIsRefusedWithoutBeingSaid(String token) {
        assertThatThrownBy(() -> Credentials.bearer(new Secret(token), false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no bearer token");
    }
}
