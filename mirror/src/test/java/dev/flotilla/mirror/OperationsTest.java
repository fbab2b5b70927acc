package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationsTest {
    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0-py3-none-any.whl", new byte[] {1, 2, 3});
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, "");
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private HttpResponse<byte[]> operations(String path) {
        return mirror.send("GET", mirror.operations(path));
    }

    @Test
    void bothListenersSayThatTheNodeIsReadyEvenIfUpstreamIsDown() {
        upstream.failWith(500);
        mirror.get("/simple/anything/");
        for (var answer : new HttpResponse<?>[] {mirror.get("/readyz"), operations("/readyz")}) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(field(answer, "X-Flotilla-Region")).isEqualTo("east");
        }
        assertThat(text(operations("/readyz")))
                .isEqualTo(
                        "ready east east-1\nprocess " + ProcessHandle.current().pid() + "\n");
        assertThat(text(operations("/livez"))).isEqualTo("alive east east-1\n");
        assertThat(mirror.head("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void aDrainedNodeSaysSoAndServesOn() {
        try (var drained = RunningMirror.start(upstream, folder.resolve("drained"), clock, "draining = true")) {
            var answer = drained.get("/readyz");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(text(answer))
                    .isEqualTo("drained east east-1\nprocess "
                            + ProcessHandle.current().pid() + "\n");
            assertThat(drained.get("/simple/sample-one/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatTheKeeperWantsCountsFromTheFirstAnswerOnAndChangesWhileItRuns() throws IOException {
        Path keeper = Files.createDirectory(folder.resolve("keeper"));
        Path drained = Files.createFile(keeper.resolve("drained-by-fleet"));
        try (var kept = RunningMirror.kept(upstream, folder.resolve("kept"), clock, keeper)) {
            assertThat(text(kept.get("/readyz"))).startsWith("drained east east-1\nprocess ");
            assertThat(kept.get("/simple/sample-one/").statusCode()).isEqualTo(200);
            Files.delete(drained);
            await().until(() -> kept.get("/readyz").statusCode() == 200);
            Files.createFile(drained);
            await().until(() -> kept.get("/readyz").statusCode() == 503);
            assertThat(text(kept.get("/"))).contains("Drained: clients are asked to go elsewhere");
        }
    }

    @Test
    void theKeepersTokenPurgesWhetherOrNotOperatorsHaveOne() throws IOException {
        Path keeper = Files.createDirectory(folder.resolve("keeper"));
        Path token = Files.writeString(keeper.resolve("token"), "a-token-of-the-keeper\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        try (var kept = RunningMirror.kept(upstream, folder.resolve("kept"), clock, keeper)) {
            var field = new String[] {"Authorization", "Bearer a-token-of-the-keeper"};
            assertThat(kept.send("POST", kept.operations("/purge?all=true"), field)
                            .statusCode())
                    .isEqualTo(200);
            field[1] = "Bearer a-token-of-somebody";
            assertThat(kept.send("POST", kept.operations("/purge?all=true"), field)
                            .statusCode())
                    .isEqualTo(401);
            Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(kept.send("POST", kept.operations("/purge?all=true"), field)
                            .statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void theAgentLearnsWhatClientsWereGivenLastThatNeededNoUpstream() {
        var listener = "\"listener\":\"" + mirror.url("/").getAuthority() + "\"";
        assertThat(text(operations("/served"))).isEqualTo("{" + listener + "}");
        mirror.get("/simple/sample-one/");
        assertThat(text(operations("/served"))).as("what came from upstream").isEqualTo("{" + listener + "}");
        mirror.get("/simple/sample-one/");
        mirror.get("/simple/absent/");
        assertThat(text(operations("/served"))).isEqualTo("{" + listener + ",\"page\":\"/simple/sample-one/\"}");
        assertThat(mirror.get("/served").statusCode()).isEqualTo(404);
    }

    @Test
    void metricsCountRequestsFetchesAndBytes() {
        mirror.get("/simple/sample-one/");
        mirror.get("/simple/sample-one/");
        var metrics = operations("/metrics");
        assertThat(field(metrics, "Content-Type")).startsWith("text/plain; version=0.0.4");
        assertThat(text(metrics))
                .contains("flotilla_mirror_requests_seconds_count{cache=\"hit\",route=\"page\",status=\"200\"} 1")
                .contains("flotilla_mirror_requests_seconds_count{cache=\"miss\",route=\"page\",status=\"200\"} 1")
                .contains("flotilla_mirror_pages_fetches_total{outcome=\"fetched\"} 1.0")
                .contains("flotilla_mirror_info{node=\"east-1\",region=\"east\",version=\"test\"} 1")
                .containsPattern("flotilla_mirror_store_bytes\\{part=\"pages\"\\} [1-9]")
                .containsPattern("flotilla_mirror_pages_prepared_bytes [1-9]")
                .doesNotContainPattern("(?m)^flotilla_(?!mirror_)");
    }

    @Test
    void operatorsGetNoPagesAndClientsNoMetrics() {
        assertThat(operations("/simple/sample-one/").statusCode()).isEqualTo(404);
        assertThat(operations("/").statusCode()).isEqualTo(404);
        assertThat(mirror.get("/metrics").statusCode()).isEqualTo(404);
    }

    @Test
    void thePageForPeopleTellsWhatItIsAndHowToUseIt() {
        mirror.get("/simple/sample-one/");
        mirror.get("/simple/sample-one/");
        mirror.get("/simple/never-seen/");
        clock.advance(Duration.ofMinutes(192));
        var page = mirror.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(field(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(field(page, "Content-Security-Policy"))
                .startsWith("default-src 'none'; style-src 'sha256-")
                .doesNotContain("unsafe");
        assertThat(text(page))
                .contains("Python packages in east", ">east-1<", ">test<", "3 h 12 min", "50.0 %")
                .contains("pip install --index-url http://127.0.0.1:" + mirror.port() + "/simple/ &lt;package&gt;")
                .contains("trusted-host = 127.0.0.1")
                .contains("/simple/never-seen/")
                .doesNotContain("<script", "http-equiv", "src=");
    }

    @Test
    void whatAClientAskedForIsEscapedOnThePageForPeople() {
        mirror.raw("GET /<script>alert('x')</script>?\"&amp HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(text(mirror.get("/")))
                .doesNotContain("<script")
                .contains("/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;?&quot;&amp;amp");
    }

    @Test
    void onlyTheLastRequestsAreRemembered() {
        for (int i = 0; i < 60; i++) {
            mirror.get("/nothing-" + i);
        }
        assertThat(text(mirror.get("/")))
                .contains("/nothing-59<", "/nothing-40<")
                .doesNotContain("/nothing-39<");
    }
}
