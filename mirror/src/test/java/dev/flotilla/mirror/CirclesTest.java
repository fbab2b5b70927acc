package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.upstream.ScriptedServer;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors that are each other's upstreams: as fall-back, in a row, and in circles. */
class CirclesTest {
    private static final byte[] CONTENT = "a sdist of some length".getBytes(StandardCharsets.UTF_8);
    private static final String DEAD = "http://127.0.0.1:1/simple/";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();

    /** A mirror of its own region that asks these indexes, in this order. */
    private RunningMirror mirror(String region, int port, String... indexes) {
        var upstreams = new ArrayList<String>();
        for (String index : indexes) {
            upstreams.add("{ name = up-%d, index = \"%s\" }".formatted(upstreams.size(), index));
        }
        // Whoever waited for the end of a deadline would be seen.
        return RunningMirror.start(
                DEAD, folder.resolve(region), clock, """
                region = %s, node = %s-1
                listen.port = %d
                upstreams = [ %s ]
                outbound { page-deadline = 25 s, idle-time-out = 25 s, retries = 0 }
                files { open-deadline = 25 s }
                """.formatted(region, region, port, String.join(", ", upstreams)));
    }

    private static String index(int port) {
        return "http://127.0.0.1:" + port + "/simple/";
    }

    /** An index with a file for every name but "absent", until it is broken. */
    private static ScriptedServer origin(AtomicBoolean broken) throws IOException {
        return new ScriptedServer((request, reply) -> {
            String target = request.target();
            if (broken.get()) {
                reply.whole(500, new byte[0]);
            } else if (target.contains("absent")) {
                reply.whole(404, new byte[0]);
            } else if (target.startsWith("/simple/")) {
                String name = target.replace("/simple/", "").replace("/", "");
                String json = """
                        {"meta": {"api-version": "1.4"}, "name": "%s", "versions": ["1.0"], "files": [
                         {"filename": "%s-1.0.tar.gz", "url": "../../f/%s-1.0.tar.gz", "hashes": {"sha256": "%s"},
                          "size": %d, "upload-time": "2026-01-01T00:00:00Z", "requires-python": ">=3.8",
                          "yanked": "too old", "extra": {"kept": true}}]}""".formatted(name, name, name, Sha256.of(CONTENT), CONTENT.length);
                reply.whole(
                        200,
                        json.getBytes(StandardCharsets.UTF_8),
                        "Content-Type: " + JSON,
                        "X-PyPI-Last-Serial: 4711",
                        "Cache-Control: max-age=600");
            } else {
                reply.whole(200, CONTENT);
            }
        });
    }

    private static String file(String name) {
        return "/packages/sha256/" + Sha256.of(CONTENT) + "/" + name + "-1.0.tar.gz";
    }

    private static List<String> trails(ScriptedServer server) {
        return server.requests().stream()
                .map(request -> request.headers().getOrDefault("cdn-loop", ""))
                .distinct()
                .toList();
    }

    @Test
    void anotherRegionGivesPagesAndFilesWhileTheFirstUpstreamIsDead() throws IOException {
        try (var origin = origin(new AtomicBoolean());
                var west = mirror("west", 0, origin.at("/simple/").toString());
                var east = mirror("east", 0, DEAD, index(west.port()))) {
            var page = east.get("/simple/one/", "Accept", JSON);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(field(page, "X-PyPI-Last-Serial")).isEqualTo("4711");
            assertThat(east.get(file("one")).body()).isEqualTo(CONTENT);
            assertThat(trails(origin)).containsExactly("flotilla.east.east-1, flotilla.west.west-1");
        }
    }

    @Test
    void aMirrorOfAMirrorSaysTheSameAsThatOne() throws IOException {
        try (var origin = origin(new AtomicBoolean());
                var west = mirror("west", 0, origin.at("/simple/").toString());
                var east = mirror("east", 0, index(west.port()))) {
            for (String form : List.of(JSON, "text/html")) {
                var page = east.get("/simple/one/", "Accept", form);
                var before = west.get("/simple/one/", "Accept", form);
                assertThat(text(page)).isEqualTo(text(before)).contains("too old");
                assertThat(field(page, "ETag")).isEqualTo(field(before, "ETag"));
                assertThat(field(page, "X-PyPI-Last-Serial")).isEqualTo("4711");
            }
            assertThat(text(east.get("/simple/one/", "Accept", JSON)))
                    .contains("\"size\":" + CONTENT.length, "2026-01-01T00:00:00Z", ">=3.8", "\"kept\"");
            assertThat(field(east.get(file("one")), "ETag")).isEqualTo(field(west.get(file("one")), "ETag"));
            assertThat(east.get("/simple/absent/").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void whatTheFirstUpstreamDoesNotHaveIsNotAskedForElsewhere() throws IOException {
        try (var first = origin(new AtomicBoolean());
                var other = ScriptedServer.canary();
                var west = mirror("west", 0, other.at("/simple/").toString());
                var east = mirror("east", 0, first.at("/simple/").toString(), index(west.port()))) {
            assertThat(east.get("/simple/absent/").statusCode()).isEqualTo(404);
            assertThat(other.connections()).isZero();
        }
    }

    @Test
    void whoComesBackGetsWhatIsHereAndNothingIsAskedForIt() throws IOException {
        try (var origin = origin(new AtomicBoolean());
                var east = mirror("east", 0, origin.at("/simple/").toString())) {
            east.get("/simple/one/");
            east.get(file("one"));
            int asked = origin.requests().size();
            for (String trail : List.of(
                    "flotilla.east.east-1",
                    "cdn.example, Flotilla.East.East-1;v=1 , flotilla.west.west-1",
                    "x".repeat(2_000))) {
                assertThat(east.get("/simple/one/", "CDN-Loop", trail).statusCode())
                        .isEqualTo(200);
                assertThat(east.get(file("one"), "CDN-Loop", trail).statusCode())
                        .isEqualTo(200);
                assertThat(east.get("/simple/two/", "CDN-Loop", trail).statusCode())
                        .isEqualTo(508);
                assertThat(east.get(
                                        "/packages/sha256/" + Sha256.of(new byte[] {9}) + "/two-1.0.tar.gz",
                                        "CDN-Loop",
                                        trail)
                                .statusCode())
                        .isEqualTo(508);
            }
            assertThat(origin.requests()).hasSize(asked);
            assertThat(east.get("/simple/two/", "CDN-Loop", "flotilla.east.east-2, a; b")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(trails(origin)).contains("flotilla.east.east-2, a; b, flotilla.east.east-1");
        }
    }

    @Test
    void twoMirrorsThatAskEachOtherSaySoonThatNobodyKnows() throws Exception {
        int westPort = FreePort.choose();
        try (var east = mirror("east", 0, DEAD, index(westPort));
                var west = mirror("west", westPort, DEAD, index(east.port()))) {
            for (int round = 0; round < 10; round++) {
                var asked = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
                for (var mirror : List.of(east, west)) {
                    asked.add(mirror.begin("GET", mirror.url("/simple/page-" + round + "/")));
                    asked.add(mirror.begin("GET", mirror.url(file("file-" + round))));
                }
                allEndSoonAndNoneAsAbsence(asked);
            }
        }
    }

    /** Each asks the next one alone, and all three are asked at once, so that each has a fetch under way when it is asked. */
    @Test
    void aCircleOfThreeMirrorsWithFetchesUnderWayEndsSoon() throws Exception {
        int first = FreePort.choose();
        try (var south = mirror("south", 0, index(first));
                var west = mirror("west", 0, index(south.port()));
                var east = mirror("east", first, index(west.port()))) {
            for (int round = 0; round < 20; round++) {
                var asked = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
                for (var mirror : List.of(east, west, south)) {
                    asked.add(mirror.begin("GET", mirror.url("/simple/page-" + round + "/")));
                    asked.add(mirror.begin("GET", mirror.url(file("file-" + round))));
                }
                allEndSoonAndNoneAsAbsence(asked);
            }
        }
    }

    private static void allEndSoonAndNoneAsAbsence(List<CompletableFuture<HttpResponse<byte[]>>> asked)
            throws Exception {
        for (var answer : asked) {
            assertThat(answer.get(15, TimeUnit.SECONDS).statusCode()).isIn(502, 503, 508);
        }
    }

    @Test
    void aStalePageOfAnotherMirrorIsStaleHereToo() throws IOException {
        var broken = new AtomicBoolean();
        try (var origin = origin(broken);
                var west = mirror("west", 0, origin.at("/simple/").toString());
                var east = mirror("east", 0, DEAD, index(west.port()))) {
            assertThat(west.get("/simple/one/").statusCode()).isEqualTo(200);
            broken.set(true);
            clock.advance(Duration.ofHours(3));
            for (int i = 0; i < 3; i++) {
                isStale(east.get("/simple/one/", "Accept", JSON), Duration.ofHours(3));
            }
            broken.set(false);
            clock.advance(Duration.ofMinutes(3));
            await().until(() -> age(east.get("/simple/one/")) < 60);
        }
    }

    /** Or an outage could go on for ever without a page's ever being called old. */
    @Test
    void mirrorsThatAskEachOtherDoNotMakeTheirStalePagesYoung() throws Exception {
        var broken = new AtomicBoolean();
        int westPort = FreePort.choose();
        try (var origin = origin(broken);
                var east = mirror("east", 0, origin.at("/simple/").toString(), index(westPort));
                var west = mirror("west", westPort, origin.at("/simple/").toString(), index(east.port()))) {
            east.get("/simple/one/");
            clock.advance(Duration.ofMinutes(5));
            west.get("/simple/one/");
            broken.set(true);
            var age = Duration.ZERO;
            for (int round = 0; round < 8; round++) {
                clock.advance(Duration.ofHours(2));
                age = age.plusHours(2);
                for (var mirror : List.of(east, west, east, west)) {
                    isStale(mirror.get("/simple/one/", "Accept", JSON), age);
                }
            }
        }
    }

    private static void isStale(HttpResponse<byte[]> page, Duration age) {
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(field(page, "X-Cache")).isEqualTo("stale");
        assertThat(field(page, "Cache-Control")).isEqualTo("max-age=0");
        assertThat(age(page)).isGreaterThanOrEqualTo(age.toSeconds());
    }

    private static long age(HttpResponse<byte[]> page) {
        return Long.parseLong(field(page, "X-Flotilla-Age"));
    }

    @Test
    void aMirrorThatHasNothingNewIsStillAskedForWhatItHas() throws IOException {
        var broken = new AtomicBoolean();
        try (var origin = origin(broken);
                var west = mirror("west", 0, origin.at("/simple/").toString());
                var east = mirror("east", 0, DEAD, index(west.port()))) {
            assertThat(west.get("/simple/kept/").statusCode()).isEqualTo(200);
            broken.set(true);
            for (int i = 0; i < 20; i++) {
                assertThat(east.get("/simple/never-" + i + "/").statusCode()).isIn(502, 503);
            }
            assertThat(east.get("/simple/kept/").statusCode()).isEqualTo(200);
        }
    }
}
