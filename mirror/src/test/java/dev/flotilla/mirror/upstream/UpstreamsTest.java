package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamsTest {
    private static final ProjectName PROJECT = new ProjectName("harbour");
    private static final String JSON = "Content-Type: application/vnd.pypi.simple.v1+json";
    private static final byte[] PAGE =
            "{\"meta\":{\"api-version\":\"1.4\"},\"name\":\"harbour\",\"files\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final UpstreamLimits LIMITS = new UpstreamLimits(
            Duration.ofSeconds(2),
            Duration.ofMillis(400),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            ByteSize.ofKiB(256),
            ByteSize.ofKiB(256),
            ByteSize.ofKiB(256),
            8,
            100,
            5,
            2,
            UpstreamCare.defaults());

    private Vertx vertx;
    private WorkerExecutor worker;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("upstreams-test", 4);
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

    private Upstreams upstreams(UpstreamLimits limits, HostResolver resolver, UpstreamIndex... indexes) {
        return new Upstreams(
                new Upstreams.Means(vertx, resolver, worker, InstantSource.system(), new SimpleMeterRegistry()),
                List.of(indexes),
                List.of(),
                limits,
                "1.2.3",
                "flotilla.east.east-1");
    }

    private PageFetch fetch(ScriptedServer... servers) {
        return fetch(Optional.empty(), servers);
    }

    private PageFetch fetch(Optional<Conditions> conditions, ScriptedServer... servers) {
        var indexes = new UpstreamIndex[servers.length];
        for (int i = 0; i < servers.length; i++) {
            indexes[i] = index("upstream-" + i, servers[i]);
        }
        return await(upstreams(LIMITS, HostResolver.system(worker), indexes).page(PROJECT, conditions, Room.ample()));
    }

    private static UpstreamIndex index(String name, ScriptedServer server) {
        return UpstreamIndex.of(name, server.at("/simple/"), List.of());
    }

    @Test
    void aPageComesWithItsValidatorsLifetimeAndSerial() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> reply.whole(
                200,
                PAGE,
                JSON,
                "ETag: \"one\"",
                "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT",
                "Cache-Control: max-age=600, public",
                "Age: 100",
                "X-PyPI-Last-Serial: 4711"))) {
            var fetched = (PageFetch.Fetched) fetch(server);
            assertThat(fetched.body()).isEqualTo(PAGE);
            assertThat(fetched.form()).isEqualTo(PageForm.JSON);
            assertThat(fetched.location()).isEqualTo(server.at("/simple/harbour/"));
            assertThat(fetched.validators().etag()).contains("\"one\"");
            assertThat(fetched.validators().lastModified()).contains("Sat, 21 Nov 2026 10:00:00 GMT");
            assertThat(fetched.lifetime()).contains(Duration.ofSeconds(500));
            assertThat(fetched.serial()).isEqualTo(OptionalLong.of(4711));
            assertThat(fetched.upstream()).isEqualTo("upstream-0");
            var request = server.requests().getFirst();
            assertThat(request.header("user-agent")).isEqualTo("flotilla-mirror/1.2.3");
            assertThat(request.header("cdn-loop")).isEqualTo("flotilla.east.east-1");
            assertThat(request.header("accept")).startsWith("application/vnd.pypi.simple.v1+json,");
            assertThat(request.header("accept-encoding")).isEqualTo("gzip");
        }
    }

    @Test
    void aFolderServedByAPlainWebServerWorks(@TempDir Path folder) throws IOException {
        Path page = Files.createDirectories(folder.resolve("simple/harbour")).resolve("index.html");
        Files.writeString(page, "<!DOCTYPE html><a href=\"../../harbour-1.0.tar.gz\">harbour-1.0.tar.gz</a>");
        var server = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder.toAbsolutePath(), OutputLevel.NONE);
        server.start();
        try {
            // Without its trailing slash, on purpose.
            var index = UpstreamIndex.of(
                    "folder",
                    URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/simple"),
                    List.of());
            var source = upstreams(LIMITS, HostResolver.system(worker), index);
            assertThat(await(source.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOfSatisfying(
                            PageFetch.Fetched.class,
                            fetched -> assertThat(fetched.form()).isEqualTo(PageForm.HTML));
            assertThat(await(source.page(new ProjectName("unknown"), Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Absent.class);
            assertThat(await(source.rootList(Optional.empty(), Room.ample()))).isInstanceOf(PageFetch.Fetched.class);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void htmlWithoutAContentTypeIsRecognised() throws IOException {
        try (var server = new ScriptedServer(
                (request, reply) -> reply.whole(200, "\n <a href='x'>x</a>".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(((PageFetch.Fetched) fetch(server)).form()).isEqualTo(PageForm.HTML);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: application/octet-stream", "Content-Type: text/html", "X-Nothing: here"})
    void whatIsNoPageFailsAndIsNeverAbsent(String type) throws IOException {
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, type))) {
            assertThat(fetch(server)).isInstanceOf(PageFetch.Failed.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void theFirstUpstreamsWordThatThereIsNoPageIsFinal(int status) throws IOException {
        try (var first = new ScriptedServer((request, reply) -> reply.whole(status, new byte[0]));
                var second = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON))) {
            assertThat(fetch(first, second)).isEqualTo(new PageFetch.Absent("upstream-0"));
            assertThat(second.connections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 403, 401, 429, 204, 206, 304, 300})
    void anyOtherStatusIsAFailureAfterWhichTheNextUpstreamIsAsked(int status) throws IOException {
        try (var first = new ScriptedServer((request, reply) -> reply.whole(status, new byte[0]));
                var second = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON))) {
            assertThat(fetch(first))
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("status " + status));
            assertThat(fetch(first, second)).isInstanceOf(PageFetch.Fetched.class);
        }
    }

    @Test
    void aRefusedConnectionIsAFailure() throws IOException {
        int port = FreePort.choose();
        var index = UpstreamIndex.of("gone", URI.create("http://127.0.0.1:" + port + "/simple/"), List.of());
        assertThat(await(upstreams(LIMITS, HostResolver.system(worker), index)
                        .page(PROJECT, Optional.empty(), Room.ample())))
                .isInstanceOfSatisfying(
                        PageFetch.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("upstream gone")
                                .contains("refused"));
    }

    @Test
    void anUpstreamThatSaysNothingFailsInTimeAndLeavesTimeForTheNext() throws IOException {
        try (var first = new ScriptedServer((request, reply) -> reply.stall());
                var second = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON))) {
            long before = System.nanoTime();
            assertThat(fetch(first, second)).isInstanceOf(PageFetch.Fetched.class);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aPageThatDripsEndsAtTheDeadline() throws IOException {
        var limits = new UpstreamLimits(
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofMillis(600),
                Duration.ofSeconds(1),
                ByteSize.ofKiB(256),
                ByteSize.ofKiB(256),
                ByteSize.ofKiB(256),
                8,
                100,
                5,
                2,
                UpstreamCare.defaults());
        try (var server = new ScriptedServer((request, reply) -> {
            reply.head(200, JSON, "Content-Length: 100000");
            while (true) {
                reply.body(new byte[] {' '});
                TimeUnit.MILLISECONDS.sleep(20);
            }
        })) {
            var outcome = await(upstreams(limits, HostResolver.system(worker), index("slow", server))
                    .page(PROJECT, Optional.empty(), Room.ample()));
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("no whole answer within"));
        }
    }

    @Test
    void aBrokenConnectionIsTriedAgainOnAFreshOne() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> {
            if (request.number() == 1) {
                throw reply.cut();
            }
            reply.whole(200, PAGE, JSON);
        })) {
            var source = upstreams(LIMITS, HostResolver.system(worker), index("one", server));
            assertThat(await(source.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Fetched.class);
            assertThat(await(source.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Fetched.class);
            assertThat(server.requests()).hasSize(3);
            assertThat(server.requests().getLast().header("connection")).isEqualTo("close");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 30, 61})
    void aPageThatEndsTooEarlyIsAFailure(int bytes) throws IOException {
        try (var server = new ScriptedServer((request, reply) -> {
            reply.head(200, JSON, "Content-Length: " + PAGE.length);
            reply.body(Arrays.copyOf(PAGE, Math.min(bytes, PAGE.length - 1)));
            throw reply.reset();
        })) {
            assertThat(fetch(server)).isInstanceOf(PageFetch.Failed.class);
        }
    }

    @Test
    void aCompressedPageIsDecoded() throws IOException {
        byte[] compressed = Bodies.gzip(PAGE);
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(200, compressed, JSON, "Content-Encoding: gzip"))) {
            assertThat(((PageFetch.Fetched) fetch(server)).body()).isEqualTo(PAGE);
        }
    }

    @Test
    void aDecompressionBombFailsWithinBounds() throws IOException {
        byte[] bomb = Bodies.gzip(new byte[200 << 20]);
        assertThat(bomb.length).isLessThan(256 << 10);
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(200, bomb, JSON, "Content-Encoding: gzip"))) {
            assertThat(fetch(server))
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("when decompressed"));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aTruncatedCompressedPageAndAnUnknownCodingFail() throws IOException {
        byte[] compressed = Bodies.gzip(PAGE);
        byte[] half = Arrays.copyOf(compressed, compressed.length / 2);
        try (var truncated =
                        new ScriptedServer((request, reply) -> reply.whole(200, half, JSON, "Content-Encoding: gzip"));
                var unknown =
                        new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON, "Content-Encoding: br"))) {
            assertThat(fetch(truncated)).isInstanceOf(PageFetch.Failed.class);
            assertThat(fetch(unknown)).isInstanceOf(PageFetch.Failed.class);
        }
    }

    @Test
    void aPageAboveTheLimitFailsWhetherItsLengthIsSaidOrNot() throws IOException {
        var large = new byte[(256 << 10) + 1];
        try (var said = new ScriptedServer((request, reply) -> reply.whole(200, large, JSON));
                var unsaid = new ScriptedServer((request, reply) -> {
                    reply.head(200, JSON, "Connection: close");
                    reply.body(large);
                    throw reply.cut();
                })) {
            assertThat(fetch(said))
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("more than"));
            assertThat(fetch(unsaid))
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("more than"));
        }
    }

    @Test
    void aPageThatDidNotChangeIsNotSentAgain() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> {
            boolean same = request.header("if-none-match").equals("\"one\"");
            reply.head(same ? 304 : 500, "Cache-Control: max-age=60", "X-PyPI-Last-Serial: 5", "Content-Length: 0");
        })) {
            var validators = new Validators(Optional.of("\"one\""), Optional.empty());
            assertThat(fetch(Optional.of(new Conditions(validators, "upstream-0")), server))
                    .isEqualTo(new PageFetch.NotModified(
                            validators,
                            Optional.of(Duration.ofSeconds(60)),
                            OptionalLong.of(5),
                            "upstream-0",
                            Duration.ZERO));
            assertThat(fetch(Optional.of(new Conditions(validators, "another")), server))
                    .isInstanceOf(PageFetch.Failed.class);
        }
    }

    @Test
    void aRedirectWithinTheAllowedHostsIsFollowed() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> {
            if (request.target().equals("/simple/harbour/")) {
                reply.whole(301, new byte[10], "Location: /elsewhere/harbour/");
            } else {
                reply.whole(200, PAGE, JSON);
            }
        })) {
            assertThat(((PageFetch.Fetched) fetch(server)).location()).isEqualTo(server.at("/elsewhere/harbour/"));
        }
    }

    @Test
    void aRedirectOutsideTheAllowedHostsOpensNoConnection() throws IOException {
        try (var canary = ScriptedServer.canary();
                var server = new ScriptedServer((request, reply) ->
                        reply.whole(302, new byte[0], "Location: " + canary.at("/simple/harbour/")))) {
            assertThat(fetch(server))
                    .isInstanceOfSatisfying(
                            PageFetch.Failed.class,
                            failed -> assertThat(failed.reason()).contains("refused to ask"));
            assertThat(canary.connections()).isZero();
            assertThat(server.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://127.0.0.1/",
                "//user@127.0.0.1/",
                "http://[::1",
                "",
                "http:///nohost",
                "http://127.0.0.1:99999/"
            })
    void aRedirectToNoPlainAddressIsRefused(String location) throws IOException {
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(302, new byte[0], "Location: " + location))) {
            assertThat(fetch(server)).isInstanceOf(PageFetch.Failed.class);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void redirectsInACircleEnd() throws IOException {
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(302, new byte[0], "Location: /simple/harbour/"))) {
            assertThat(fetch(server)).isInstanceOf(PageFetch.Failed.class);
            assertThat(server.requests()).hasSize(6);
        }
    }

    @Test
    void aNameOfThePublicIndexWithAPrivateAddressIsNotConnectedTo() {
        HostResolver poisoned = host -> Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
        assertThat(await(upstreams(LIMITS, poisoned, UpstreamIndex.publicIndex())
                        .page(PROJECT, Optional.empty(), Room.ample())))
                .isInstanceOfSatisfying(
                        PageFetch.Failed.class,
                        failed -> assertThat(failed.reason()).contains("no public address"));
    }

    @Test
    void anotherAttemptGoesToTheNextAddress() throws IOException {
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, PAGE, JSON))) {
            HostResolver two = host -> Future.succeededFuture(
                    List.of(InetAddress.ofLiteral("127.0.0.77"), InetAddress.ofLiteral("127.0.0.1")));
            var index =
                    UpstreamIndex.of("two", URI.create("http://mirror.test:" + server.port() + "/simple/"), List.of());
            assertThat(await(upstreams(LIMITS, two, index).page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Fetched.class);
            assertThat(server.requests().getFirst().header("host")).isEqualTo("mirror.test:" + server.port());
        }
    }

    @Test
    void aFileOutsideTheAllowedHostsOpensNoConnection() throws IOException {
        try (var canary = ScriptedServer.canary();
                var server = ScriptedServer.canary()) {
            var source = upstreams(LIMITS, HostResolver.system(worker), index("one", server));
            assertThat(await(source.open(canary.at("/harbour-1.0.tar.gz"), FileSource.Attempt.single())))
                    .isInstanceOfSatisfying(
                            FileFetch.Failed.class,
                            failed -> assertThat(failed.worthRetrying()).isFalse());
            assertThat(canary.connections()).isZero();
        }
    }
}
