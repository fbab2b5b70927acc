package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.upstream.ScriptedServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told to clients whose question can't be answered: 502 where upstream was asked for them, 503 and a time where not. */
class DeferralTest {
    private static final String QUICK = """
            pages { failure-pause = 2 s }
            outbound { page-deadline = 25 s, retries = 0, care { circuit-failures = 2, trial-patience = 0 s } }
            """;

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();

    private static void isDeferred(HttpResponse<byte[]> answer, int seconds) {
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(503);
        assertThat(field(answer, "Retry-After")).isEqualTo(Integer.toString(seconds));
    }

    private static void isFailed(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(502);
        assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void whoeverIsNotAskedForIsToldWhenUpstreamWillBeWithinTheBound() throws IOException {
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder, clock, QUICK)) {
            upstream.failWith(500);
            isFailed(mirror.get("/simple/one/"));
            isDeferred(mirror.get("/simple/one/"), 2);
            isFailed(mirror.get("/simple/two/"));
            isDeferred(mirror.get("/simple/three/"), 5);
            clock.advance(Duration.ofMillis(1_001));
            isDeferred(mirror.get("/simple/four/"), 4);
            clock.advance(Duration.ofMillis(3_999));
            isFailed(mirror.get("/simple/five/"));
            isDeferred(mirror.get("/simple/six/"), 10);
            clock.advance(Duration.ofSeconds(10));
            isFailed(mirror.get("/simple/seven/"));
            isDeferred(mirror.get("/simple/eight/"), 10);
            assertThat(upstream.asked(path -> true)).isEqualTo(4);

            upstream.failWith(0);
            clock.advance(Duration.ofSeconds(20));
            assertThat(mirror.get("/simple/nine/").statusCode()).isEqualTo(404);
            assertThat(mirror.get("/simple/one/").statusCode()).isEqualTo(404);
            assertThat(text(mirror.send("GET", mirror.operations("/metrics"))))
                    .contains(
                            "flotilla_mirror_deferred_total{cause=\"out-of-order\"} 4.0",
                            "flotilla_mirror_deferred_total{cause=\"failed-lately\"} 1.0");
        }
    }

    @Test
    void anUpstreamThatAsksToBeLeftAloneSetsTheTime() throws IOException {
        try (var upstream = new ScriptedServer((request, reply) -> reply.whole(429, new byte[0], "Retry-After: 7"));
                var mirror = RunningMirror.start(upstream.at("/simple/").toString(), folder, clock, QUICK)) {
            isFailed(mirror.get("/simple/one/"));
            isDeferred(mirror.get("/simple/two/"), 7);
            assertThat(upstream.requests()).hasSize(1);
        }
    }

    /** The index works and its files' host is out of order: pages are fresh, files aren't waited for. */
    @Test
    void aFileHostThatFailsIsNotWaitedForAndTheIndexGoesOn() throws IOException {
        var broken = new AtomicBoolean(true);
        byte[] content = "a sdist".getBytes(StandardCharsets.UTF_8);
        try (var fileHost = new ScriptedServer((request, reply) -> {
                    if (broken.get()) {
                        reply.whole(500, new byte[0]);
                    } else {
                        reply.whole(200, content);
                    }
                });
                var index = new ScriptedServer((request, reply) -> {
                    String name = request.target().replace("/simple/", "").replace("/", "");
                    String json = """
                            {"meta": {"api-version": "1.0"}, "name": "%s", "files": [
                             {"filename": "%s-1.0.tar.gz", "url": "%s", "hashes": {"sha256": "%s"}}]}""".formatted(name, name, fileHost.at("/f/" + name + "-1.0.tar.gz"), sha256(content));
                    reply.whole(200, json.getBytes(StandardCharsets.UTF_8), "Content-Type: " + RunningMirror.JSON);
                });
                var mirror = start(index, fileHost)) {
            isFailed(mirror.get(path("one", content)));
            isFailed(mirror.get(path("two", content)));
            int asked = fileHost.requests().size();
            isDeferred(mirror.get(path("three", content)), 5);
            isDeferred(mirror.get(path("one", content)), 5);
            assertThat(fileHost.requests()).hasSize(asked);
            assertThat(mirror.get("/simple/four/").statusCode()).isEqualTo(200);
            String metrics = text(mirror.send("GET", mirror.operations("/metrics")));
            assertThat(metrics)
                    .contains(
                            open(fileHost) + " 1.0",
                            open(index) + " 0.0",
                            "flotilla_mirror_deferred_total{cause=\"out-of-order\"} 2.0");

            clock.advance(Duration.ofSeconds(5));
            broken.set(false);
            var probe = mirror.get(path("three", content));
            assertThat(probe.statusCode()).isEqualTo(200);
            assertThat(probe.body()).isEqualTo(content);
            assertThat(mirror.get(path("one", content)).statusCode()).isEqualTo(200);
        }
    }

    private RunningMirror start(ScriptedServer index, ScriptedServer fileHost) {
        return RunningMirror.start(
                index.at("/simple/").toString(),
                folder,
                clock,
                QUICK + """
                files { attempts = 2 }
                upstreams = [ { name = sample, index = "%s", file-hosts = ["127.0.0.1:%d"] } ]
                """.formatted(index.at("/simple/"), fileHost.port()));
    }

    private static String open(ScriptedServer server) {
        return "flotilla_mirror_upstream_circuit_open{host=\"127.0.0.1:%d\",upstream=\"sample\"}"
                .formatted(server.port());
    }

    private static String sha256(byte[] content) {
        return dev.flotilla.vocabulary.Sha256.of(content).hex();
    }

    private static String path(String name, byte[] content) {
        return "/packages/sha256/" + sha256(content) + "/" + name + "-1.0.tar.gz";
    }

    @Test
    void whereTooMuchIsGoingOnClientsAreToldToComeAgain() throws Exception {
        var gate = new CountDownLatch(1);
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(
                        upstream, folder, clock, "pages { concurrent-fetches = 1, waiting-fetches = 0 }")) {
            upstream.holdUntil(gate);
            var first = mirror.begin("GET", mirror.url("/simple/one/"));
            org.awaitility.Awaitility.await().until(() -> upstream.asked("/simple/one/") == 1);
            assertThat(field(mirror.get("/simple/two/"), "Retry-After")).matches("[4-8]");
            gate.countDown();
            assertThat(first.join().statusCode()).isEqualTo(404);
            assertThat(text(mirror.send("GET", mirror.operations("/metrics"))))
                    .contains("flotilla_mirror_deferred_total{cause=\"busy\"} 1.0");
        }
    }
}
