package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagesOnTheWireTest {
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
        mirror = startMirror();
    }

    private RunningMirror startMirror() {
        return startMirror("");
    }

    private RunningMirror startMirror(String more) {
        return RunningMirror.start(upstream, folder.resolve("store"), clock, """
                pages { lifetime-limit = 10m, background-limit = 1h, patience = 20 s,
                        failure-pause = 1 s, stale-pause = 5 s, stale-limit = 30 days }
                outbound { page-deadline = 25 s, retries = 0 }
                """ + more);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private HttpResponse<byte[]> page(String... headers) {
        return mirror.get(PAGE, headers);
    }

    @Test
    void aColdPageIsFetchedAndAWarmOneIsNot() {
        var cold = page("Accept", JSON);
        assertThat(cold.statusCode()).isEqualTo(200);
        assertThat(field(cold, "X-Cache")).isEqualTo("miss");
        assertThat(field(cold, "X-Flotilla-Region")).isEqualTo("east");
        assertThat(field(cold, "X-PyPI-Last-Serial")).isEqualTo("1");
        assertThat(field(cold, "Cache-Control")).isEqualTo("max-age=600");
        assertThat(field(cold, "Vary")).isEqualTo("Accept, Accept-Encoding");
        assertThat(field(cold, "Date")).isEqualTo("Sun, 01 Mar 2026 12:00:00 GMT");
        assertThat(field(cold, "Age")).isEmpty();
        assertThat(text(cold)).contains("\"url\":\"../../packages/sha256/", "\"upload-time\":\"2026-01-01T00:00:00Z\"");

        clock.advance(Duration.ofSeconds(61));
        var warm = page("Accept", JSON);
        assertThat(field(warm, "X-Cache")).isEqualTo("hit");
        assertThat(field(warm, "Cache-Control")).isEqualTo("max-age=539");
        assertThat(field(warm, "X-Flotilla-Age")).isEqualTo("61");
        assertThat(warm.body()).isEqualTo(cold.body());
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
    }

    /** Heads that several clients get within a second are kept as they were written. */
    @Test
    void aHeadThatIsGivenOutAgainSaysWhatItSaidAndNoLonger() {
        page("Accept", JSON);
        var first = page("Accept", JSON);
        assertThat(field(first, "X-Cache")).isEqualTo("hit");
        for (int again = 0; again < 3; again++) {
            assertThat(page("Accept", JSON).headers().map())
                    .isEqualTo(first.headers().map());
        }
        var html = page("Accept", "text/html");
        assertThat(field(html, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        String headers = mirror.raw("HEAD " + PAGE + " HTTP/1.1\r\nHost: x\r\nAccept: " + JSON + "\r\n\r\nGET " + PAGE
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: " + JSON + "\r\n\r\n");
        assertThat(headers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
        assertThat(headers.split("(?i)connection: close", -1)).as(headers).hasSize(2);
        var unchanged = page("Accept", JSON, "If-None-Match", field(first, "ETag"));
        assertThat(unchanged.statusCode()).isEqualTo(304);
        assertThat(unchanged.headers().map()).doesNotContainKeys("content-length", "content-type", "content-encoding");

        clock.advance(Duration.ofSeconds(1));
        var later = page("Accept", JSON);
        assertThat(field(later, "Date")).isEqualTo("Sun, 01 Mar 2026 12:00:01 GMT");
        assertThat(field(later, "Cache-Control")).isEqualTo("max-age=599");
        assertThat(field(later, "X-Flotilla-Age")).isEqualTo("1");
        upstream.offer("sample-one", "sample_one-2.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofMinutes(11));
        await("the newer page").untilAsserted(() -> {
            var newer = page("Accept", JSON);
            assertThat(text(newer)).contains("sample_one-2.0");
            assertThat(field(newer, "X-Cache")).isEqualTo("hit");
            assertThat(field(newer, "ETag")).isNotEqualTo(field(first, "ETag"));
            assertThat(field(newer, "Content-Length")).isEqualTo(Integer.toString(newer.body().length));
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01 | 200 | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01 | 200 | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.latest+json | 200 | application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.v1+html | 200 | application/vnd.pypi.simple.v1+html",
                "text/html | 200 | text/html; charset=utf-8",
                "*/* | 200 | text/html; charset=utf-8",
                "application/xml | 406 | text/plain; charset=utf-8"
            })
    void theFormIsWhatTheClientAccepts(String accept, int status, String contentType) {
        var answer = page("Accept", accept);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(field(answer, "Content-Type")).isEqualTo(contentType);
        assertThat(field(answer, "Vary")).isEqualTo("Accept, Accept-Encoding");
    }

    @Test
    void withoutAcceptTheFormIsHtmlAndTheQuerysFormatGoesFirst() {
        assertThat(mirror.raw("GET " + PAGE + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .containsIgnoringCase("content-type: text/html; charset=utf-8");
        var chosen = mirror.get(PAGE + "?format=application%2Fvnd.pypi.simple.v1%2Bjson", "Accept", "text/html");
        assertThat(field(chosen, "Content-Type")).isEqualTo(JSON);
    }

    @Test
    void everyCodingCarriesTheSamePageUnderATagOfItsOwn() throws IOException {
        var plain = page("Accept", JSON);
        var gzip = page("Accept", JSON, "Accept-Encoding", "gzip, deflate");
        var zstd = page("Accept", JSON, "Accept-Encoding", "gzip, zstd");
        assertThat(field(plain, "Content-Encoding")).isEmpty();
        assertThat(field(gzip, "Content-Encoding")).isEqualTo("gzip");
        assertThat(field(zstd, "Content-Encoding")).isEqualTo("zstd");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(new ZstdInputStream(new ByteArrayInputStream(zstd.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(field(plain, "ETag")).startsWith("\"").isNotEqualTo(field(gzip, "ETag"));
        assertThat(field(gzip, "ETag")).isNotEqualTo(field(zstd, "ETag"));
    }

    @Test
    void aKnownTagIsAnsweredWith304AndTheIdenticalTag() {
        var whole = page("Accept", JSON, "Accept-Encoding", "gzip");
        String etag = field(whole, "ETag");
        var known = page("Accept", JSON, "Accept-Encoding", "gzip", "If-None-Match", "\"other\", " + etag);
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(field(known, "ETag")).isEqualTo(etag);
        assertThat(field(known, "Cache-Control")).isEqualTo("max-age=600");
        assertThat(page("Accept", JSON, "If-None-Match", etag).statusCode())
                .as("the tag of another coding")
                .isEqualTo(200);
    }

    @Test
    void theTagIsTheSameInEveryRegion() {
        String here = field(page("Accept", JSON, "Accept-Encoding", "gzip"), "ETag");
        clock.advance(Duration.ofDays(2));
        try (var elsewhere = RunningMirror.start(upstream, folder.resolve("west"), clock, "")) {
            assertThat(field(elsewhere.get(PAGE, "Accept", JSON, "Accept-Encoding", "gzip"), "ETag"))
                    .isEqualTo(here);
        }
    }

    @Test
    void headTellsTheLengthAndSendsNothing() {
        var whole = page("Accept", JSON);
        var head = mirror.head(PAGE, "Accept", JSON);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(field(head, "Content-Length")).isEqualTo(Integer.toString(whole.body().length));
        assertThat(field(head, "ETag")).isEqualTo(field(whole, "ETag"));
    }

    @ParameterizedTest
    @CsvSource({
        "/simple/Sample.One/, ../sample-one/",
        "/simple/sample_one, sample-one/",
        "/simple/sample-one, sample-one/",
        "/simple, simple/"
    })
    void anotherSpellingIsRedirectedForNowOnly(String path, String location) {
        var answer = mirror.get(path);
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(field(answer, "Location")).isEqualTo(location);
        assertThat(mirror.url(path).resolve(location).getPath()).isIn(PAGE, "/simple/");
        assertThat(upstream.asked(anything -> true)).isZero();
    }

    @Test
    void fiftyClientsOfAColdPageCauseOneFetch() {
        var open = new CountDownLatch(1);
        upstream.holdUntil(open);
        var answers = IntStream.range(0, 50)
                .mapToObj(i -> mirror.begin("GET", mirror.url(PAGE), "Accept", JSON))
                .toList();
        await().until(() -> upstream.asked(PAGE) == 1);
        open.countDown();
        assertThat(answers.stream().map(CompletableFuture::join)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(field(answer, "X-Cache")).isIn("miss", "coalesced", "hit");
        });
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
        assertThat(answers.stream()
                        .filter(answer -> field(answer.join(), "X-Cache").equals("miss")))
                .hasSize(1);
    }

    @Test
    void aStalePageIsServedAtOnceAndRenewedInTheBackground() {
        page();
        upstream.offer("sample-one", "sample_one-2.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofMinutes(11));
        var stale = page("Accept", JSON);
        assertThat(field(stale, "X-Cache")).isEqualTo("stale");
        assertThat(field(stale, "Cache-Control")).isEqualTo("max-age=0");
        assertThat(field(stale, "X-Flotilla-Age")).isEqualTo("660");
        assertThat(text(stale)).doesNotContain("2.0");
        await().untilAsserted(() -> assertThat(text(page("Accept", JSON))).contains("sample_one-2.0"));
        assertThat(field(page("Accept", JSON), "X-Cache")).isEqualTo("hit");
    }

    @Test
    void aPageThatIsLongOverdueIsRenewedBeforeItIsServed() {
        page();
        upstream.offer("sample-one", "sample_one-2.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofHours(30));
        var renewed = page("Accept", JSON);
        assertThat(field(renewed, "X-Cache")).isEqualTo("miss");
        assertThat(text(renewed)).contains("sample_one-2.0");
    }

    @Test
    void anUnchangedPageIsConfirmedWithItsValidatorAndKeepsItsTag() {
        String etag = field(page("Accept", JSON), "ETag");
        clock.advance(Duration.ofHours(30));
        var confirmed = page("Accept", JSON);
        assertThat(field(confirmed, "X-Cache")).isEqualTo("revalidated");
        assertThat(field(confirmed, "ETag")).isEqualTo(etag);
        assertThat(field(confirmed, "Cache-Control")).isEqualTo("max-age=600");
        assertThat(field(confirmed, "X-Flotilla-Age")).isEqualTo("0");
        assertThat(upstream.conditions()).hasSize(1);
        assertThat(mirror.figures().directBytes())
                .as("the page is not held twice")
                .isLessThanOrEqualTo(mirror.figures().preparedBytes());
    }

    @Test
    void aPageThatUpstreamHoldsUpIsServedStaleAfterShortPatience() {
        page();
        mirror.close();
        mirror = startMirror("pages.patience = 200 ms");
        clock.advance(Duration.ofHours(30));
        upstream.holdUntil(new CountDownLatch(1));
        var stale = page("Accept", JSON);
        assertThat(stale.statusCode()).isEqualTo(200);
        assertThat(field(stale, "X-Cache")).isEqualTo("stale");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 429, 500, 502, 503, 504})
    void whateverUpstreamAnswersAKnownPageIsServedStale(int status) {
        page();
        upstream.failWith(status);
        clock.advance(Duration.ofDays(20));
        var stale = page("Accept", JSON);
        assertThat(stale.statusCode()).isEqualTo(200);
        assertThat(field(stale, "X-Cache")).isEqualTo("stale");
        assertThat(field(stale, "X-Flotilla-Age"))
                .isEqualTo(Long.toString(Duration.ofDays(20).toSeconds()));
    }

    @Test
    void aPageThatIsNonsenseNeverReplacesAGoodOne() {
        page();
        upstream.talkNonsense(true);
        clock.advance(Duration.ofHours(30));
        assertThat(field(page("Accept", JSON), "X-Cache")).isEqualTo("stale");
        upstream.talkNonsense(false);
        clock.advance(Duration.ofSeconds(6));
        assertThat(field(page("Accept", JSON), "X-Cache")).isEqualTo("revalidated");
    }

    @Test
    void afterItsStaleLimitAPageIsNotServedAndNotSaidToBeAbsent() {
        page();
        upstream.failWith(500);
        clock.advance(Duration.ofDays(31));
        assertThat(page().statusCode()).isEqualTo(502);
        upstream.failWith(0);
        clock.advance(Duration.ofSeconds(2));
        assertThat(page().statusCode()).isEqualTo(200);
    }

    @Test
    void anOutageOfUpstreamIsNoAbsence() {
        upstream.failWith(503);
        var answer = mirror.get("/simple/never-seen/");
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(text(answer)).contains("503");
        upstream.failWith(0);
        clock.advance(Duration.ofSeconds(2));
        assertThat(mirror.get("/simple/never-seen/").statusCode()).isEqualTo(404);
    }

    @Test
    void absenceIsUpstreamsOwnWordAndBelievedForAWhile() {
        assertThat(mirror.get("/simple/to-come/").statusCode()).isEqualTo(404);
        assertThat(mirror.get("/simple/to-come/").statusCode()).isEqualTo(404);
        assertThat(upstream.asked("/simple/to-come/")).isEqualTo(1);
        upstream.offer("to-come", "to_come-1.0-py3-none-any.whl", WHEEL);
        clock.advance(Duration.ofSeconds(61));
        assertThat(mirror.get("/simple/to-come/").statusCode()).isEqualTo(200);
    }

    @Test
    void whatUpstreamTookDownIsGoneHereToo() {
        page();
        upstream.remove("sample-one");
        clock.advance(Duration.ofHours(30));
        assertThat(page().statusCode()).isEqualTo(404);
        upstream.failWith(500);
        clock.advance(Duration.ofMinutes(2));
        assertThat(page().statusCode()).as("nothing is kept of it").isEqualTo(502);
    }

    @Test
    void anOlderSerialDoesNotReplaceANewerOneUntilUpstreamInsists() {
        upstream.serial("sample-one", 20);
        page();
        upstream.offer("sample-one", "sample_one-0.1-py3-none-any.whl", WHEEL);
        upstream.serial("sample-one", 10);
        clock.advance(Duration.ofHours(30));
        var kept = page("Accept", JSON);
        assertThat(field(kept, "X-Cache")).isEqualTo("stale");
        assertThat(field(kept, "X-PyPI-Last-Serial")).isEqualTo("20");
        clock.advance(Duration.ofMinutes(16));
        await().untilAsserted(() -> {
            var answer = page("Accept", JSON);
            assertThat(field(answer, "X-PyPI-Last-Serial")).isEqualTo("10");
            assertThat(text(answer)).contains("sample_one-0.1");
        });
    }

    @Test
    void aRestartDuringAnOutageServesEveryPageAndNoneAsAbsent() {
        for (int i = 0; i < 20; i++) {
            upstream.offer("project-" + i, "project_" + i + "-1.0-py3-none-any.whl", WHEEL);
            assertThat(mirror.get("/simple/project-" + i + "/").statusCode()).isEqualTo(200);
        }
        String etag = field(mirror.get("/simple/project-7/", "Accept", JSON), "ETag");
        assertThat(mirror.get("/simple/").statusCode()).isEqualTo(200);
        mirror.close();
        upstream.close();
        clock.advance(Duration.ofHours(5));
        mirror = startMirror();
        for (int i = 0; i < 20; i++) {
            var answer = mirror.get("/simple/project-" + i + "/", "Accept", JSON);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(field(answer, "X-Cache")).isEqualTo("stale");
        }
        assertThat(field(mirror.get("/simple/project-7/", "Accept", JSON), "ETag"))
                .isEqualTo(etag);
        assertThat(text(mirror.get("/simple/"))).contains("project-19");
        assertThat(mirror.get("/simple/never-seen/").statusCode()).isIn(502, 503);
    }

    @Test
    void aRestartKeepsTheValidatorsOfAPage() {
        page();
        mirror.close();
        mirror = startMirror();
        assertThat(field(page("Accept", JSON), "X-Cache")).isEqualTo("hit");
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
        clock.advance(Duration.ofHours(30));
        assertThat(field(page("Accept", JSON), "X-Cache")).isEqualTo("revalidated");
    }

    @Test
    void theListOfAllProjectsIsServedInBothForms() {
        upstream.offer("another-one", "another_one-1.0.tar.gz", WHEEL);
        assertThat(text(mirror.get("/simple/", "Accept", "text/html"))).contains("<a href=\"another-one/\">");
        var json = mirror.get("/simple/", "Accept", JSON, "Accept-Encoding", "gzip");
        assertThat(json.statusCode()).isEqualTo(200);
        assertThat(field(json, "Content-Encoding")).isEqualTo("gzip");
        assertThat(upstream.asked("/simple/")).isEqualTo(1);
    }

    @Test
    void anUpstreamWithHtmlAloneGivesBothForms() throws IOException {
        try (var plain = SampleUpstream.htmlOnly().offer("sample-one", "sample_one-1.0-py3-none-any.whl", WHEEL);
                var other = RunningMirror.start(plain, folder.resolve("html"), clock, "")) {
            var json = other.get(PAGE, "Accept", JSON);
            assertThat(text(json)).contains("\"api-version\":\"1.0\"", "../../packages/sha256/");
            assertThat(text(other.get(PAGE, "Accept", "text/html"))).contains("href=\"../../packages/sha256/");
        }
    }

    @Test
    void pagesThatDoNotFitIntoMemoryAreStillServedAndTheirMemoryIsFreed() {
        for (int i = 0; i < 30; i++) {
            for (int version = 0; version < 300; version++) {
                upstream.offer("large-" + i, "large_" + i + "-" + version + ".0-py3-none-any.whl", WHEEL);
            }
        }
        try (var small = RunningMirror.start(upstream, folder.resolve("small"), clock, "pages { memory = 1 MiB }")) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 30; i++) {
                    assertThat(small.get("/simple/large-" + i + "/", "Accept", JSON)
                                    .statusCode())
                            .isEqualTo(200);
                }
            }
            assertThat(upstream.asked(path -> path.startsWith("/simple/large-")))
                    .isEqualTo(30);
            await().untilAsserted(
                            () -> assertThat(small.figures().directBytes()).isLessThanOrEqualTo(1 << 20));
        }
    }
}
