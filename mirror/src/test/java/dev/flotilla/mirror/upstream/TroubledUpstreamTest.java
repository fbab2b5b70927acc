package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One host with several addresses of which some do not do their work. */
class TroubledUpstreamTest {
    private static final ProjectName PROJECT = new ProjectName("harbour");
    private static final String JSON = "Content-Type: application/vnd.pypi.simple.v1+json";
    private static final byte[] PAGE =
            "{\"meta\":{\"api-version\":\"1.4\"},\"name\":\"harbour\",\"files\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final InetAddress BAD = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress GOOD = InetAddress.ofLiteral("127.0.0.3");

    private final SettableClock clock = new SettableClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Vertx vertx;
    private WorkerExecutor worker;

    /** What a bad address does. */
    enum Trouble {
        BAD_GATEWAY {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.whole(502, new byte[10]);
            }
        },
        RESET {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                throw reply.reset();
            }
        },
        SILENCE {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.stall();
            }
        },
        TRUNCATION {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.head(200, JSON, "Content-Length: " + PAGE.length);
                reply.body(Arrays.copyOf(PAGE, 20));
                throw reply.cut();
            }
        },
        NO_PAGE {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.whole(200, "please log in".getBytes(StandardCharsets.UTF_8), "Content-Type: text/plain");
            }
        },
        BROKEN_GZIP {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.whole(200, PAGE, JSON, "Content-Encoding: gzip");
            }
        },
        NO_HTTP {
            @Override
            void answer(ScriptedServer.Reply reply) throws IOException {
                reply.body("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                throw reply.cut();
            }
        };

        abstract void answer(ScriptedServer.Reply reply) throws IOException;
    }

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("troubled-upstream-test", 4);
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

    private static UpstreamLimits limits(UpstreamCare care) {
        return new UpstreamLimits(
                Duration.ofSeconds(2),
                Duration.ofMillis(400),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                ByteSize.ofKiB(256),
                ByteSize.ofKiB(256),
                ByteSize.ofKiB(256),
                32,
                100,
                5,
                2,
                care);
    }

    private Upstreams upstreams(UpstreamCare care, int port, InetAddress... addresses) {
        HostResolver resolver = host -> Future.succeededFuture(List.of(addresses));
        var index = UpstreamIndex.of("edge", URI.create("http://edge.test:" + port + "/simple/"), List.of());
        return new Upstreams(
                new Upstreams.Means(vertx, resolver, worker, clock, meters),
                List.of(index),
                List.of(),
                limits(care),
                "test",
                "flotilla.east.east-1");
    }

    /** Upstreams with these servers as "first" and "second". */
    private Upstreams upstreams(UpstreamCare care, ScriptedServer... servers) {
        var names = List.of("first", "second");
        var indexes = IntStream.range(0, servers.length)
                .mapToObj(i -> UpstreamIndex.of(names.get(i), servers[i].at("/simple/"), List.of()))
                .toList();
        return new Upstreams(
                new Upstreams.Means(vertx, HostResolver.system(worker), worker, clock, meters),
                indexes,
                List.of(),
                limits(care),
                "test",
                "flotilla.east.east-1");
    }

    private static String upstreamOf(Upstreams upstreams) {
        return ((PageFetch.Fetched) await(upstreams.page(PROJECT, Optional.empty(), Room.ample()))).upstream();
    }

    private double open(String upstream) {
        return meters.get("flotilla.upstream.circuit.open")
                .tag("upstream", upstream)
                .gauge()
                .value();
    }

    private static ScriptedServer good() throws IOException {
        return new ScriptedServer(GOOD, (request, reply) -> reply.whole(200, PAGE, JSON));
    }

    @ParameterizedTest
    @EnumSource
    void aBadAddressCostsClientsNothingWhileAnotherIsFine(Trouble trouble) throws IOException {
        try (var good = good();
                var bad = new ScriptedServer(BAD, good.port(), (request, reply) -> trouble.answer(reply))) {
            var upstreams = upstreams(UpstreamCare.defaults(), good.port(), BAD, GOOD);
            for (int i = 0; i < 20; i++) {
                assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                        .isInstanceOf(PageFetch.Fetched.class);
            }
            assertThat(bad.connections()).isEqualTo(1);
            assertThat(good.requests()).hasSize(20);
            assertThat(meters.get("flotilla.upstream.ejected").gauge().value()).isEqualTo(1);
        }
    }

    @Test
    void anAddressThatRefusesConnectionsIsGoneAround() throws IOException {
        try (var good = good()) {
            var upstreams = upstreams(UpstreamCare.defaults(), good.port(), BAD, GOOD);
            for (int i = 0; i < 5; i++) {
                assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                        .isInstanceOf(PageFetch.Fetched.class);
            }
            assertThat(meters.get("flotilla.upstream.ejections").counter().count())
                    .isEqualTo(1);
            assertThat(meters.get("flotilla.upstream.retries")
                            .tag("outcome", "made")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void aWaveOfRequestsThatMeetsABadEdgeIsServed() throws IOException {
        try (var good = good();
                var bad = new ScriptedServer(BAD, good.port(), (request, reply) -> reply.whole(502, new byte[0]))) {
            var upstreams = upstreams(UpstreamCare.defaults(), good.port(), BAD, GOOD);
            var wave = IntStream.range(0, 60)
                    .mapToObj(i -> upstreams.page(PROJECT, Optional.empty(), Room.ample()))
                    .toList();
            for (var one : wave) {
                assertThat(await(one)).isInstanceOf(PageFetch.Fetched.class);
            }
            assertThat(good.requests()).hasSize(60);
            assertThat(bad.requests()).isNotEmpty();
        }
    }

    @Test
    void anAddressThatRecoveredIsUsedAgainAfterItsTime() throws IOException {
        try (var good = good();
                var back = new ScriptedServer(BAD, good.port(), (request, reply) -> {
                    if (request.number() == 0) {
                        reply.whole(503, new byte[0]);
                    } else {
                        reply.whole(200, PAGE, JSON);
                    }
                })) {
            var upstreams = upstreams(UpstreamCare.defaults(), good.port(), BAD, GOOD);
            await(upstreams.page(PROJECT, Optional.empty(), Room.ample()));
            await(upstreams.page(PROJECT, Optional.empty(), Room.ample()));
            assertThat(back.requests()).hasSize(1);
            clock.advance(UpstreamCare.defaults().ejection());
            for (int i = 0; i < 3; i++) {
                await(upstreams.page(PROJECT, Optional.empty(), Room.ample()));
            }
            assertThat(back.requests()).hasSize(4);
        }
    }

    @Test
    void anUpstreamThatFailsAltogetherIsAskedHardlyMoreThanUsual() throws IOException {
        try (var down = new ScriptedServer(GOOD, (request, reply) -> reply.whole(500, new byte[0]))) {
            var care = new UpstreamCare(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(10),
                    1_000,
                    20,
                    10,
                    1_000_000,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1));
            var upstreams = upstreams(care, down.port(), GOOD);
            for (int i = 0; i < 100; i++) {
                assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                        .isInstanceOf(PageFetch.Failed.class);
            }
            assertThat(down.requests()).hasSizeBetween(125, 130);
        }
    }

    @Test
    void anUpstreamThatKeepsFailingIsNotAskedForAWhileAndTheNextAnswersAtOnce() throws IOException {
        var down = new AtomicBoolean(true);
        try (var first = new ScriptedServer(GOOD, (request, reply) -> {
                    if (down.get()) {
                        reply.whole(500, new byte[0]);
                    } else {
                        reply.whole(200, PAGE, JSON);
                    }
                });
                var second = good()) {
            var care = UpstreamCare.defaults();
            var upstreams = upstreams(care, first, second);
            for (int i = 0; i < care.circuitFailures(); i++) {
                assertThat(upstreamOf(upstreams)).isEqualTo("second");
            }
            int asked = first.requests().size();
            for (int i = 0; i < 20; i++) {
                assertThat(upstreamOf(upstreams)).isEqualTo("second");
            }
            assertThat(first.requests()).hasSize(asked);
            assertThat(open("first")).isEqualTo(1);
            assertThat(open("second")).isZero();
            clock.advance(care.circuitPause());
            down.set(false);
            assertThat(upstreamOf(upstreams)).isEqualTo("first");
            assertThat(upstreamOf(upstreams)).isEqualTo("first");
            assertThat(open("first")).isZero();
        }
    }

    @Test
    void whileNoUpstreamMayBeAskedAFetchFailsWithoutAConnection() throws IOException {
        try (var silent = new ScriptedServer(GOOD, (request, reply) -> reply.stall())) {
            var care = new UpstreamCare(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(10),
                    1_000,
                    20,
                    10,
                    1,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1));
            var upstreams = upstreams(care, silent);
            assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                    .isInstanceOf(PageFetch.Failed.class);
            int connections = 3;
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> silent.connections() == connections);
            for (int i = 0; i < 20; i++) {
                assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                        .isInstanceOfSatisfying(
                                PageFetch.Failed.class,
                                failed -> assertThat(failed.reason()).contains("isn't asked now"));
            }
            assertThat(silent.connections()).isEqualTo(connections);
            assertThat(meters.get("flotilla.upstream.circuit.refusals")
                            .counter()
                            .count())
                    .isEqualTo(20);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void anUpstreamThatAsksToBeLeftAloneIsLeftAloneWithinBounds(int status) throws IOException {
        try (var busy =
                new ScriptedServer(GOOD, (request, reply) -> reply.whole(status, new byte[0], "Retry-After: 100000"))) {
            var care = UpstreamCare.defaults();
            var upstreams = upstreams(care, busy);
            for (int i = 0; i < 10; i++) {
                assertThat(await(upstreams.page(PROJECT, Optional.empty(), Room.ample())))
                        .isInstanceOf(PageFetch.Failed.class);
            }
            assertThat(busy.requests()).hasSize(1);
            clock.advance(care.retryAfterLimit());
            await(upstreams.page(PROJECT, Optional.empty(), Room.ample()));
            assertThat(busy.requests()).hasSize(2);
        }
    }

    @Test
    void answersThatOnePageIsNotToBeHadDoNotKeepOthersFromBeingAskedFor() throws IOException {
        try (var server = new ScriptedServer(GOOD, (request, reply) -> {
            if (request.target().endsWith("/harbour/")) {
                reply.whole(200, PAGE, JSON);
            } else {
                reply.whole(403, new byte[0]);
            }
        })) {
            var upstreams = upstreams(UpstreamCare.defaults(), server);
            for (int i = 0; i < 20; i++) {
                await(upstreams.page(new ProjectName("forbidden"), Optional.empty(), Room.ample()));
            }
            assertThat(upstreamOf(upstreams)).isEqualTo("first");
        }
    }

    @Test
    void aFileThatWasWrongIsAskedForElsewhere() throws IOException {
        try (var good = good();
                var lying = new ScriptedServer(BAD, good.port(), (request, reply) -> reply.whole(200, new byte[5]))) {
            var upstreams = upstreams(UpstreamCare.defaults(), good.port(), BAD, GOOD);
            var location = URI.create("http://edge.test:" + good.port() + "/harbour-1.0.tar.gz");
            var wrong = (FileFetch.Opened) await(upstreams.open(location, FileSource.Attempt.single()));
            wrong.cancel();
            wrong.accuse();
            var right = (FileFetch.Opened)
                    await(upstreams.open(location, new FileSource.Attempt(1, true, Optional.empty())));
            right.cancel();
            assertThat(right.size()).hasValue(PAGE.length);
            assertThat(lying.requests()).hasSize(1);
            clock.advance(Duration.ofMinutes(9));
            ((FileFetch.Opened) await(upstreams.open(location, FileSource.Attempt.single()))).cancel();
            assertThat(lying.requests()).hasSize(1);
        }
    }
}
