package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A page that is larger than usual takes no more of the heap than it was granted, however its size is told. */
class LargePageTest {
    private static final ProjectName PROJECT = new ProjectName("harbour");
    private static final String JSON = "Content-Type: application/vnd.pypi.simple.v1+json";
    private static final int LARGEST = 16 << 20;

    private Vertx vertx;
    private WorkerExecutor worker;

    /** What was asked for and isn't granted yet. */
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();

    private record Question(long bytes, Runnable granted) {}

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("large-page-test", 2);
    }

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Upstreams upstreams(ScriptedServer server, Duration deadline) {
        var usual = UpstreamLimits.defaults();
        var limits = new UpstreamLimits(
                usual.connectTimeout(),
                usual.idleTimeout(),
                deadline,
                usual.rootListDeadline(),
                new ByteSize(LARGEST),
                usual.largestRootList(),
                usual.largestProvenance(),
                usual.connectionsPerHost(),
                usual.waitingRequests(),
                usual.redirects(),
                0,
                usual.care());
        return new Upstreams(
                new Upstreams.Means(
                        vertx, HostResolver.system(worker), worker, InstantSource.system(), new SimpleMeterRegistry()),
                List.of(UpstreamIndex.of("upstream", server.at("/simple/"), List.of())),
                List.of(),
                limits,
                "1.2.3",
                "flotilla.east.east-1");
    }

    private Future<PageFetch> fetch(Upstreams upstreams) {
        return upstreams.page(
                PROJECT, Optional.empty(), (bytes, granted) -> questions.add(new Question(bytes, granted)));
    }

    /** Grants everything that is asked for, one after the other, and says how much that was each time. */
    private List<Long> granted(Future<PageFetch> fetch) throws Exception {
        List<Long> sizes = new ArrayList<>();
        while (!fetch.isComplete()) {
            Question question = questions.poll(10, TimeUnit.MILLISECONDS);
            if (question != null) {
                assertThat(fetch.isComplete()).isFalse();
                sizes.add(question.bytes());
                question.granted().run();
            }
        }
        return sizes;
    }

    @Test
    void aPageOfUsualSizeAsksNobody() throws Exception {
        byte[] page = Bodies.content(Room.USUAL_BYTES);
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, page, JSON))) {
            var fetch = fetch(upstreams(server, Duration.ofSeconds(12)));
            assertThat(((PageFetch.Fetched) await(fetch)).body()).isEqualTo(page);
            assertThat(questions).isEmpty();
        }
    }

    @Test
    void aLengthThatIsToldIsAskedForBeforeAnythingIsRead() throws Exception {
        byte[] page = Bodies.content(5 << 20);
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, page, JSON))) {
            var fetch = fetch(upstreams(server, Duration.ofSeconds(12)));
            assertThat(granted(fetch)).containsExactly((long) page.length);
            assertThat(((PageFetch.Fetched) await(fetch)).body()).isEqualTo(page);
        }
    }

    @Test
    void whatComesWithoutALengthAsksAsItGrows() throws Exception {
        byte[] page = Bodies.content(9 << 20);
        try (var server = new ScriptedServer((request, reply) -> {
            reply.head(200, JSON, "Connection: close");
            reply.body(page);
            throw reply.end();
        })) {
            var fetch = fetch(upstreams(server, Duration.ofSeconds(12)));
            assertThat(granted(fetch)).containsExactly(4L << 20, 8L << 20, 16L << 20);
            assertThat(((PageFetch.Fetched) await(fetch)).body()).isEqualTo(page);
        }
    }

    @Test
    void aCompressedPageAsksForWhatItSaysThatItWillBe() throws Exception {
        byte[] page = new byte[5 << 20];
        byte[] compressed = Bodies.gzip(page);
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(200, compressed, JSON, "Content-Encoding: gzip"))) {
            var fetch = fetch(upstreams(server, Duration.ofSeconds(12)));
            assertThat(granted(fetch)).containsExactly((long) compressed.length + page.length);
            assertThat(((PageFetch.Fetched) await(fetch)).body()).isEqualTo(page);
        }
    }

    @Test
    void aCompressedPageThatSaysLessAsksAgain() throws Exception {
        byte[] compressed = Bodies.gzip(new byte[5 << 20], new byte[1]);
        try (var server =
                new ScriptedServer((request, reply) -> reply.whole(200, compressed, JSON, "Content-Encoding: gzip"))) {
            var fetch = fetch(upstreams(server, Duration.ofSeconds(12)));
            assertThat(granted(fetch)).containsExactly((long) compressed.length + LARGEST);
            assertThat(((PageFetch.Fetched) await(fetch)).body()).hasSize((5 << 20) + 1);
        }
    }

    /** The upstream answers; that nothing can be taken from it is this mirror's own trouble. */
    @Test
    void waitingForRoomInVainIsNoFailureOfTheUpstream() throws Exception {
        byte[] page = Bodies.content(3 << 20);
        try (var server = new ScriptedServer((request, reply) -> reply.whole(200, page, JSON))) {
            var upstreams = upstreams(server, Duration.ofSeconds(2));
            int moreThanOpenACircuit = 2 * UpstreamCare.defaults().circuitFailures();
            List<Future<PageFetch>> fetches = new ArrayList<>();
            for (int i = 0; i < moreThanOpenACircuit; i++) {
                fetches.add(fetch(upstreams));
            }
            for (var fetch : fetches) {
                assertThat(await(fetch))
                        .isInstanceOfSatisfying(
                                PageFetch.Failed.class,
                                failed -> assertThat(failed.reason()).contains("no room for it beside others"));
            }
            questions.clear();
            granted(fetch(upstreams));
            assertThat(server.requests()).hasSize(moreThanOpenACircuit + 1);
        }
    }
}
