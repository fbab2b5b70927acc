package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's wish for a newer page is worth. */
class RefreshTest {
    private static final String PAGE = "/simple/sample-one/";
    private static final byte[] WHEEL = "a wheel".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0-py3-none-any.whl", WHEEL);
        mirror = started("20 s");
    }

    private RunningMirror started(String patience) {
        return RunningMirror.start(upstream, folder.resolve("store"), clock, """
                pages { refreshes-per-second = 2, patience = %s }
                outbound { page-deadline = 25 s, retries = 0 }
                """.formatted(patience));
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private HttpResponse<byte[]> wish(String path) {
        return mirror.get(path, "Accept", JSON, "Cache-Control", "max-age=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-age=0", "no-cache", "No-Cache", "no-store, MAX-AGE=0"})
    void aClientThatWishesForANewerPageGetsItOnceThePageIsAMinuteOld(String wish) {
        mirror.get(PAGE);
        upstream.offer("sample-one", "sample_one-2.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofSeconds(59));
        var young = mirror.get(PAGE, "Accept", JSON, "Cache-Control", wish);
        assertThat(field(young, "X-Cache")).isEqualTo("hit");
        assertThat(upstream.asked(PAGE)).isEqualTo(1);

        clock.advance(Duration.ofSeconds(1));
        var renewed = mirror.get(PAGE, "Accept", JSON, "Cache-Control", wish);
        assertThat(field(renewed, "X-Cache")).isEqualTo("miss");
        assertThat(text(renewed)).contains("sample_one-2.0");
        assertThat(field(wish(PAGE), "X-Cache")).as("once is enough").isEqualTo("hit");
        assertThat(upstream.asked(PAGE)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-age=600", "no-store", "max-age=00001", "no-cache-at-all"})
    void otherDirectivesAreNoSuchWish(String directive) {
        mirror.get(PAGE);
        clock.advance(Duration.ofSeconds(90));
        assertThat(field(mirror.get(PAGE, "Cache-Control", directive), "X-Cache"))
                .isEqualTo("hit");
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
    }

    @Test
    void wishesCostUpstreamNoMoreThanTheirBudget() {
        var names =
                IntStream.range(0, 10).mapToObj(i -> "/simple/other-" + i + "/").toList();
        for (int i = 0; i < 10; i++) {
            upstream.offer("other-" + i, "other_" + i + "-1.0-py3-none-any.whl", WHEEL);
        }
        names.forEach(mirror::get);
        clock.advance(Duration.ofSeconds(61));
        var outcomes = names.stream().map(name -> field(wish(name), "X-Cache")).toList();
        assertThat(outcomes.stream().filter("revalidated"::equals)).hasSize(2);
        assertThat(outcomes.stream().filter("hit"::equals)).hasSize(8);
        clock.advance(Duration.ofSeconds(1));
        assertThat(names.stream().map(name -> field(wish(name), "X-Cache")).filter("revalidated"::equals))
                .hasSize(2);
        assertThat(upstream.asked(anything -> true)).isEqualTo(10 + 4);
    }

    @Test
    void aWishIsNotWaitedForWhileUpstreamIsKnownToFail() {
        upstream.offer("other", "other-1.0-py3-none-any.whl", WHEEL);
        mirror.get(PAGE);
        mirror.get("/simple/other/");
        upstream.failWith(503);
        clock.advance(Duration.ofSeconds(61));
        var failed = wish(PAGE);
        assertThat(failed.statusCode()).isEqualTo(200);
        assertThat(field(failed, "X-Cache")).as("it is still fresh").isEqualTo("hit");
        int asked = upstream.asked(anything -> true);
        assertThat(field(wish(PAGE), "X-Cache")).isEqualTo("hit");
        assertThat(field(wish("/simple/other/"), "X-Cache")).isEqualTo("hit");
        assertThat(upstream.asked(anything -> true)).isEqualTo(asked);
    }

    @Test
    void aWishThatUpstreamHoldsUpIsAnsweredWithWhatIsHere() {
        mirror.close();
        mirror = started("200 ms");
        mirror.get(PAGE);
        clock.advance(Duration.ofSeconds(61));
        upstream.holdUntil(new CountDownLatch(1));
        var kept = wish(PAGE);
        assertThat(kept.statusCode()).isEqualTo(200);
        assertThat(field(kept, "X-Cache")).isEqualTo("hit");
        assertThat(field(kept, "X-Flotilla-Age")).isEqualTo("61");
    }

    @Test
    void aWishForAStalePageIsGrantedToo() {
        mirror.get(PAGE);
        upstream.offer("sample-one", "sample_one-2.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofMinutes(11));
        assertThat(text(wish(PAGE))).contains("sample_one-2.0");
    }

    @Test
    void anOverduePageIsServedStaleAlsoWhereNoMoreFetchesMayBegin() {
        var open = new CountDownLatch(1);
        upstream.offer("other", "other-1.0-py3-none-any.whl", WHEEL);
        try (var narrow = RunningMirror.start(upstream, folder.resolve("narrow"), clock, """
                pages { concurrent-fetches = 1, waiting-fetches = 0, patience = 100 ms }
                outbound { retries = 0 }
                """)) {
            for (String path : List.of(PAGE, "/simple/other/")) {
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> narrow.get(path).statusCode() == 200);
            }
            clock.advance(Duration.ofHours(30));
            upstream.holdUntil(open);
            for (String path : List.of(PAGE, "/simple/other/")) {
                var kept = narrow.get(path);
                assertThat(kept.statusCode()).as(path).isEqualTo(200);
                assertThat(field(kept, "X-Cache")).as(path).isEqualTo("stale");
            }
            open.countDown();
        }
    }

    @Test
    void aWishForWhatIsAbsentIsNoQuestionEither() {
        assertThat(mirror.get("/simple/to-come/").statusCode()).isEqualTo(404);
        assertThat(wish("/simple/to-come/").statusCode()).isEqualTo(404);
        assertThat(upstream.asked("/simple/to-come/")).isEqualTo(1);
    }
}
