package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More is asked for than upstream gives: what is here is served as ever, and the rest is refused early. */
class OverloadTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    /** What is held stays held, on a machine that stands still for a while, too. */
    private static final String PATIENT = """
            outbound { page-deadline = 60 s, idle-time-out = 60 s }
            files { open-deadline = 60 s }
            """;

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private final CountDownLatch gate = new CountDownLatch(1);
    private SampleUpstream upstream;

    @BeforeEach
    void open() throws IOException {
        upstream = SampleUpstream.json();
    }

    @AfterEach
    void close() {
        gate.countDown();
        upstream.close();
    }

    private RunningMirror start(String more) {
        return RunningMirror.start(upstream, folder, clock, PATIENT + more);
    }

    /** Without an ear for what a mirror that has ended leaves behind in its threads. */
    private static ConditionFactory eventually() {
        return await().dontCatchUncaughtExceptions().atMost(LONG);
    }

    private static void isRefused(HttpResponse<byte[]> answer, String reason) {
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(503);
        assertThat(field(answer, "Retry-After")).matches("[4-8]");
        assertThat(field(answer, "Cache-Control")).isEqualTo("no-store");
        assertThat(text(answer)).contains(reason);
    }

    /** A request that is at upstream, and stays there. */
    private CompletableFuture<HttpResponse<byte[]>> held(RunningMirror mirror, String path) {
        int before = upstream.asked(path);
        var answer = mirror.begin("GET", mirror.url(path));
        eventually().until(() -> upstream.asked(path) > before);
        return answer;
    }

    private static int waiting(RunningMirror mirror) {
        return mirror.figure("flotilla_mirror_misses ");
    }

    @Test
    void aPageThatIsOnDiskIsServedWhileMissesHaveEveryPlace() {
        upstream.offer("kept", "kept-1.0-py3-none-any.whl", new byte[] {1});
        try (var before = start("")) {
            assertThat(before.get("/simple/kept/").statusCode()).isEqualTo(200);
        }
        try (var mirror = start("pages { concurrent-fetches = 1, waiting-fetches = 1 }\nmisses { patience = 1 h }")) {
            upstream.holdUntil(gate);
            var first = held(mirror, "/simple/one/");
            var second = mirror.begin("GET", mirror.url("/simple/two/"));
            eventually().until(() -> waiting(mirror) == 2);
            isRefused(mirror.get("/simple/three/"), "Too many pages");
            var kept = mirror.get("/simple/kept/");
            assertThat(kept.statusCode()).isEqualTo(200);
            assertThat(field(kept, "X-Cache")).isEqualTo("hit");
            gate.countDown();
            assertThat(first.join().statusCode()).isEqualTo(404);
            assertThat(second.join().statusCode()).isEqualTo(404);
            eventually().until(() -> waiting(mirror) == 0);
        }
    }

    @Test
    void whoeverWaitsTooLongForItsTurnIsToldToComeAgainAndThePlaceIsFree() {
        try (var mirror =
                start("pages { concurrent-fetches = 1, waiting-fetches = 1 }\nmisses { patience = 200 ms }")) {
            upstream.holdUntil(gate);
            var first = held(mirror, "/simple/one/");
            Set<String> pauses = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                var answer = mirror.get("/simple/waits-" + i + "/");
                isRefused(answer, "Too many pages");
                pauses.add(field(answer, "Retry-After"));
            }
            assertThat(pauses).as("those who come again don't come all at once").hasSizeGreaterThan(1);
            assertThat(waiting(mirror)).isEqualTo(1);
            assertThat(mirror.figure("flotilla_mirror_deferred_total{cause=\"busy\"} "))
                    .isEqualTo(12);
            gate.countDown();
            assertThat(first.join().statusCode()).isEqualTo(404);
            assertThat(mirror.get("/simple/waits-0/").statusCode()).isEqualTo(404);
            assertThat(upstream.asked(path -> path.contains("waits-")))
                    .as("nobody is asked for whoever has left")
                    .isEqualTo(1);
        }
    }

    /** The list of all projects may take longer, and has the only turn meanwhile. */
    @Test
    void waitingForATurnAndForUpstreamTogetherTakesNoLongerThanOneFetch() {
        try (var mirror = start("""
                outbound { page-deadline = 3 s }
                pages { concurrent-fetches = 1 }
                misses { patience = 1 h }
                """)) {
            upstream.holdUntil(gate);
            var list = held(mirror, "/simple/");
            isRefused(mirror.get("/simple/never-its-turn/"), "Too many pages");
            var late = mirror.begin("GET", mirror.url("/simple/late/"));
            eventually().until(() -> waiting(mirror) == 2);
            var second = new CountDownLatch(1);
            upstream.holdUntil(second);
            try {
                gate.countDown();
                isRefused(late.join(), "Too many pages");
            } finally {
                second.countDown();
            }
            list.join();
        }
    }

    @Test
    void anOlderPageIsServedWhereANewerOneWouldHaveToWaitForItsTurn() {
        upstream.offer("kept", "kept-1.0-py3-none-any.whl", new byte[] {1});
        try (var mirror = start(
                "pages { concurrent-fetches = 1, patience = 5 m }\nmisses { patience = 200 ms, per-network = 9 }")) {
            assertThat(mirror.get("/simple/kept/").statusCode()).isEqualTo(200);
            clock.advance(Duration.ofHours(3));
            upstream.holdUntil(gate);
            var first = held(mirror, "/simple/one/");
            var kept = mirror.get("/simple/kept/");
            assertThat(kept.statusCode()).as(text(kept)).isEqualTo(200);
            assertThat(field(kept, "X-Cache")).isEqualTo("stale");
            gate.countDown();
            assertThat(first.join().statusCode()).isEqualTo(404);
        }
    }

    private String path(String project, byte[] content) {
        return "/packages/sha256/" + Sha256.of(content) + "/" + project + "-1.0-py3-none-any.whl";
    }

    private byte[] offer(String project) {
        byte[] content = project.repeat(100).getBytes(StandardCharsets.US_ASCII);
        upstream.offer(project, project + "-1.0-py3-none-any.whl", content);
        return content;
    }

    @Test
    void aClientWhoseDownloadWaitsForItsTurnIsSentAwayAndTheDownloadKeepsItsPlace() {
        byte[] one = offer("one");
        byte[] two = offer("two");
        try (var mirror = start("files { concurrent-downloads = 1 }\nmisses { patience = 200 ms }")) {
            mirror.get("/simple/one/");
            mirror.get("/simple/two/");
            upstream.holdUntil(gate);
            var first = mirror.begin("GET", mirror.url(path("one", one)));
            eventually().until(() -> upstream.asked(path -> path.endsWith("one-1.0-py3-none-any.whl")) == 1);
            isRefused(mirror.get(path("two", two)), "too many downloads are waiting");
            isRefused(mirror.get(path("two", two) + ".metadata"), "too many downloads are waiting");
            gate.countDown();
            assertThat(first.join().body()).isEqualTo(one);
            eventually().until(() -> upstream.asked(path -> path.endsWith("two-1.0-py3-none-any.whl")) == 1);
            assertThat(mirror.get(path("two", two)).body()).isEqualTo(two);
        }
    }

    @Test
    void metadataOfAWheelThatIsHereNeedsNoTurn() throws IOException {
        var wheel = new SampleWheel("stored", "1.0", List.of());
        byte[] content = wheel.content();
        String page = """
                {"meta": {"api-version": "1.1"}, "name": "stored", "files": [
                 {"filename": "%s", "url": "../../f/stored", "hashes": {"sha256": "%s"}, "core-metadata": {"sha256": "%s"}},
                 {"filename": "stored-2.0.tar.gz", "url": "../../f/slow", "hashes": {"sha256": "%s"}}]}""".formatted(
                        wheel.filename(), Sha256.of(content), Sha256.of(wheel.metadata()), Sha256.of(new byte[] {1}));
        try (var server = new ScriptedServer((request, reply) -> {
                    if (request.target().equals("/f/stored")) {
                        reply.whole(200, content);
                    } else if (request.target().equals("/f/slow")) {
                        gate.await();
                        reply.whole(200, new byte[] {1});
                    } else if (request.target().startsWith("/simple/stored/")) {
                        reply.whole(200, page.getBytes(StandardCharsets.UTF_8), "Content-Type: " + RunningMirror.JSON);
                    } else {
                        reply.whole(404, new byte[0]);
                    }
                });
                var mirror =
                        RunningMirror.start(upstream, folder, clock, PATIENT + """
                        files { concurrent-downloads = 1, waiting-downloads = 0 }
                        upstreams = [ { name = one, index = "%s" } ]
                        """.formatted(server.at("/simple/")))) {
            assertThat(mirror.get("/simple/stored/").statusCode()).isEqualTo(200);
            String path = path("stored", content);
            assertThat(mirror.get(path).body()).isEqualTo(content);
            eventually().until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
            var stalled = mirror.begin(
                    "GET", mirror.url("/packages/sha256/" + Sha256.of(new byte[] {1}) + "/stored-2.0.tar.gz"));
            eventually()
                    .until(() -> server.requests().stream()
                            .anyMatch(request -> request.target().equals("/f/slow")));
            assertThat(mirror.get(path + ".metadata").body()).isEqualTo(wheel.metadata());
            gate.countDown();
            assertThat(stalled.join().statusCode()).isEqualTo(200);
        }
    }

    /** The first upstream fails for one project, whose page and files then come from the second one. */
    @Test
    void downloadsOfASlowUpstreamTakeNoTurnOfAnothers() throws IOException {
        byte[] quick = offer("quick");
        String filename = "slow-1.0-py3-none-any.whl";
        try (var slow = new ScriptedServer((request, reply) -> {
                    if (request.target().equals("/simple/slow/")) {
                        String page = """
                                {"meta": {"api-version": "1.0"}, "name": "slow", "files": [
                                 {"filename": "%s", "url": "../../f/%s", "hashes": {"sha256": "%s"}}]}""".formatted(filename, filename, Sha256.of(new byte[] {1}));
                        reply.whole(200, page.getBytes(StandardCharsets.UTF_8), "Content-Type: " + RunningMirror.JSON);
                    } else if (request.target().startsWith("/f/")) {
                        gate.await();
                        reply.whole(200, new byte[] {1});
                    } else {
                        reply.whole(500, new byte[0]);
                    }
                });
                var mirror = RunningMirror.start(
                        upstream, folder, clock, PATIENT + """
                        outbound { retries = 0 }
                        files { concurrent-downloads = 1, waiting-downloads = 0 }
                        upstreams = [ { name = slow, index = "%s" }, { name = quick, index = "%s" } ]
                        """.formatted(slow.at("/simple/"), upstream.index()))) {
            assertThat(mirror.get("/simple/slow/").statusCode()).isEqualTo(200);
            assertThat(mirror.get("/simple/quick/").statusCode()).isEqualTo(200);
            var stalled = mirror.begin("GET", mirror.url(path("slow", new byte[] {1})));
            eventually()
                    .until(() -> slow.requests().stream()
                            .anyMatch(request -> request.target().startsWith("/f/")));
            assertThat(mirror.get(path("quick", quick)).body()).isEqualTo(quick);
            assertThat(stalled).isNotDone();
            gate.countDown();
            assertThat(stalled.join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNetworkThatAsksForMuchThatIsNotHereLeavesRoomForOthers() throws IOException {
        byte[] file = offer("file");
        try (var mirror = start("misses { per-network = 2 }")) {
            assertThat(mirror.get("/simple/file/").statusCode()).isEqualTo(200);
            upstream.holdUntil(gate);
            var first = held(mirror, "/simple/one/");
            var second = held(mirror, "/simple/two/");
            isRefused(mirror.get("/simple/three/"), "your network has 2 requests under way");
            isRefused(mirror.get(path("file", file)), "your network has 2 requests under way");
            assertThat(mirror.get("/simple/file/").statusCode()).as("a hit").isEqualTo(200);
            var follower = mirror.begin("GET", mirror.url("/simple/one/"));
            try (var other = from("127.0.1.7", mirror, "/simple/other/")) {
                eventually().until(() -> upstream.asked("/simple/other/") == 1);
                assertThat(follower).as("who follows adds nothing").isNotDone();
                gate.countDown();
                assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 404");
            }
            assertThat(first.join().statusCode()).isEqualTo(404);
            assertThat(second.join().statusCode()).isEqualTo(404);
            assertThat(follower.join().statusCode()).isEqualTo(404);
            eventually().until(() -> waiting(mirror) == 0);
            assertThat(mirror.get("/simple/three/").statusCode()).isEqualTo(404);
            assertThat(mirror.get(path("file", file)).body()).isEqualTo(file);
            assertThat(mirror.figure("flotilla_mirror_deferred_total{cause=\"network-limit\"} "))
                    .isEqualTo(2);
        }
    }

    private static Socket from(String address, RunningMirror mirror, String path) throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.port()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
