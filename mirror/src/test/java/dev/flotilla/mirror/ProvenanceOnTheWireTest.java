package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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

/** Provenance objects (PEP 740), as PyPI's Integrity API has them. */
class ProvenanceOnTheWireTest {
    private static final String INTEGRITY = "application/vnd.pypi.integrity.v1+json";
    private static final String PAGE = "/simple/sample-one/";
    private static final String FILE = "sample_one-1.0-py3-none-any.whl";
    private static final String OTHER = "sample_one-2.0-py3-none-any.whl";
    private static final byte[] WHEEL = "a wheel".getBytes(StandardCharsets.UTF_8);
    private static final String ROUTE = "/integrity/sample-one/1.0/" + FILE + "/provenance";
    private static final String UPSTREAM = "/integrity/" + FILE;

    /** With white space, an escape and a key of the future: none of it may change. */
    private static final byte[] OBJECT = """
            { "version":1,
              "attestation_bundles" : [ {"publisher":{"kind":"\\u0047itHub"},"attestations":[{"a":1e2}]} ], "x-new":[ ] }
            """.getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json()
                .offer("sample-one", FILE, WHEEL)
                .offer("sample-one", OTHER, WHEEL)
                .attest(FILE, OBJECT);
        mirror = started("");
    }

    private RunningMirror started(String more) {
        return RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "outbound { page-deadline = 30 s, retries = 0 }\n http { idle-time-out = 60 s }\n" + more);
    }

    private void restart(String more) {
        mirror.close();
        mirror = started(more);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private void isServed(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(OBJECT);
    }

    @Test
    void bothFormsOfThePageLinkToOurOwnRouteWhereUpstreamNamesAnObject() throws IOException {
        String link = "../.." + ROUTE;
        assertThat(text(mirror.get(PAGE, "Accept", JSON)))
                .containsOnlyOnce("\"provenance\":\"" + link + "\"")
                .containsOnlyOnce("provenance\":");
        assertThat(text(mirror.get(PAGE, "Accept", "text/html")))
                .containsOnlyOnce("data-provenance=\"" + link + "\"")
                .containsOnlyOnce("data-provenance");
        try (var html = SampleUpstream.htmlOnly()
                        .offer("sample-one", FILE, WHEEL)
                        .attest(FILE, OBJECT);
                var follower = RunningMirror.start(html, folder.resolve("html"), clock, "")) {
            assertThat(text(follower.get(PAGE, "Accept", JSON))).contains("\"provenance\":\"" + link + "\"");
            isServed(follower.get(ROUTE));
        }
    }

    @Test
    void upstreamsBytesAreHandedOnAndKept() throws IOException {
        var cold = mirror.get(ROUTE);
        isServed(cold);
        assertThat(field(cold, "X-Cache")).isEqualTo("miss");
        assertThat(field(cold, "Content-Type")).isEqualTo(INTEGRITY);
        assertThat(field(cold, "Cache-Control")).isEqualTo("max-age=600");
        assertThat(field(cold, "Vary")).isEqualTo("Accept, Accept-Encoding");
        clock.advance(Duration.ofSeconds(100));
        var warm = mirror.get(ROUTE, "Accept-Encoding", "gzip");
        assertThat(field(warm, "X-Cache")).isEqualTo("hit");
        assertThat(field(warm, "Cache-Control")).isEqualTo("max-age=500");
        try (var plain = new GZIPInputStream(new ByteArrayInputStream(warm.body()))) {
            assertThat(plain.readAllBytes()).isEqualTo(OBJECT);
        }
        var known = mirror.get(ROUTE, "If-None-Match", field(cold, "ETag"));
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(field(known, "ETag")).isEqualTo(field(cold, "ETag"));
        var head = mirror.head(ROUTE);
        assertThat(field(head, "Content-Length")).isEqualTo(Integer.toString(OBJECT.length));
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(1);
        assertThat(upstream.accepted()).containsExactly(INTEGRITY + ", application/json;q=0.5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | 200 | " + INTEGRITY,
                "application/* | 200 | " + INTEGRITY,
                INTEGRITY + " | 200 | " + INTEGRITY,
                "application/json | 200 | application/json",
                "application/json, " + INTEGRITY + ";q=0.5 | 200 | application/json",
                "application/json;q=0.5, */* | 200 | " + INTEGRITY,
                "text/html | 406 | text/plain; charset=utf-8",
                INTEGRITY + ";q=0 | 406 | text/plain; charset=utf-8",
                "application/vnd.pypi.simple.v1+json | 406 | text/plain; charset=utf-8"
            })
    void theContentTypeIsNegotiatedAsTheIntegrityApiDoes(String accept, int status, String type) {
        var answer = mirror.get(ROUTE, "Accept", accept);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(field(answer, "Content-Type")).isEqualTo(type);
        assertThat(field(answer, "Vary")).contains("Accept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/integrity/sample-one/2.0/" + OTHER + "/provenance",
                "/integrity/sample-one/9.0/sample_one-9.0-py3-none-any.whl/provenance",
                "/integrity/sample-one/1.1/" + FILE + "/provenance",
                "/integrity/sample-two/1.0/sample_two-1.0-py3-none-any.whl/provenance",
                "/integrity/sample-one/1.0/" + FILE,
                "/integrity/"
            })
    void whatHasNoProvenanceIsAbsent(String path) {
        assertThat(mirror.get(path).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(asked -> asked.startsWith("/integrity/"))).isZero();
    }

    @Test
    void otherSpellingsOfProjectAndVersionReachItToo() {
        isServed(mirror.get("/integrity/Sample.One/1.0.0/" + FILE + "/provenance"));
        isServed(mirror.get("/integrity/sample_one/v1/" + FILE + "/provenance"));
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(1);
    }

    @Test
    void upstreamsWordThatThereIsNoneIsBelievedForAWhile() {
        upstream.withdraw(FILE);
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(404);
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(1);
        upstream.attest(FILE, OBJECT);
        clock.advance(Duration.ofSeconds(61));
        isServed(mirror.get(ROUTE));
    }

    @Test
    void itIsFetchedOnceForAllWhoWait() {
        mirror.get(PAGE);
        var open = new CountDownLatch(1);
        upstream.holdUntil(open);
        var waiting = IntStream.range(0, 20)
                .mapToObj(i -> mirror.begin("GET", mirror.url(ROUTE)))
                .toList();
        await().until(() -> upstream.asked(UPSTREAM) == 1);
        open.countDown();
        waiting.forEach(answer -> isServed(answer.join()));
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(1);
    }

    @Test
    void afterItsLifetimeItIsServedStaleAndAskedForWithItsValidators() {
        mirror.get(ROUTE);
        clock.advance(Duration.ofMinutes(11));
        var stale = mirror.get(ROUTE);
        isServed(stale);
        assertThat(field(stale, "X-Cache")).isEqualTo("stale");
        await().until(() -> field(mirror.get(ROUTE), "X-Cache").equals("hit"));
        assertThat(upstream.conditions()).contains('"' + Sha256.of(OBJECT).hex().substring(0, 16) + '"');
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(2);
    }

    @Test
    void aNewObjectReplacesTheOldOne() {
        mirror.get(ROUTE);
        byte[] other = "{\"version\":1,\"attestation_bundles\":[]}".getBytes(StandardCharsets.UTF_8);
        upstream.attest(FILE, other);
        clock.advance(Duration.ofMinutes(11));
        await().untilAsserted(() -> assertThat(mirror.get(ROUTE).body()).isEqualTo(other));
    }

    @Test
    void itOutlivesAnOutageAndARestart() {
        mirror.get(ROUTE);
        upstream.failWith(503);
        clock.advance(Duration.ofDays(2));
        restart("");
        var kept = mirror.get(ROUTE);
        isServed(kept);
        assertThat(field(kept, "X-Cache")).isEqualTo("stale");
    }

    @Test
    void whatCanNotBeHadIsNotSaidToBeAbsent() {
        mirror.get(PAGE);
        upstream.failWith(503);
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(502);
        upstream.failWith(0);
        clock.advance(Duration.ofSeconds(60));
        isServed(mirror.get(ROUTE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>an error page that came as 200</html>",
                "{\"version\":2,\"attestation_bundles\":[]}",
                "{\"version\":1,\"attestation_bundles\":{}}",
                "{\"version\":1,\"attestation_bundles\":[]"
            })
    void whatIsNoProvenanceObjectIsRefusedWithTheReasonAndNotKept(String body) {
        upstream.attest(FILE, body.getBytes(StandardCharsets.UTF_8));
        var refused = mirror.get(ROUTE);
        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(text(refused)).contains("as a provenance object, it");
        upstream.failWith(503);
        restart("");
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(502);
    }

    @Test
    void oneThatIsTooLargeIsRefused() {
        restart("outbound { largest-provenance = 2 KiB }");
        isServed(mirror.get(ROUTE));
        upstream.attest(
                OTHER,
                ("{\"version\":1,\"attestation_bundles\":[]" + " ".repeat(2048) + "}")
                        .getBytes(StandardCharsets.UTF_8));
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> text(mirror.get(PAGE, "Accept", JSON)).contains("/2.0/"));
        var refused = mirror.get(ROUTE.replace("1.0", "2.0"));
        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(text(refused)).contains("more than 2048 bytes");
    }

    @Test
    void noOtherHostIsEverAskedForIt() throws IOException {
        try (var stranger = SampleUpstream.json().attest(FILE, OBJECT)) {
            String elsewhere = stranger.index().replace("/simple/", "/integrity/" + FILE);
            upstream.attest(FILE, elsewhere, OBJECT);
            var refused = mirror.get(ROUTE);
            assertThat(refused.statusCode()).isEqualTo(502);
            assertThat(text(refused)).contains("none of the configured ones");
            assertThat(stranger.asked(anything -> true)).isZero();
        }
    }

    @Test
    void policyAppliesToProvenanceToo() {
        isServed(mirror.get(ROUTE));
        restart("policy { block = [sample-one] }");
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(403);
        int asked = upstream.asked(anything -> true);
        restart("policy { private-names = [sample-one] }");
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(anything -> true)).isEqualTo(asked);
        restart("policy { largest-file = 3 }");
        assertThat(mirror.get(ROUTE).statusCode()).isEqualTo(404);
        restart("");
        isServed(mirror.get(ROUTE));
        upstream.status("sample-one", "quarantined");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> mirror.get(ROUTE).statusCode() == 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cooldown/3d", "/asof/2026-02-20"})
    void aViewHasTheProvenanceOfTheFilesThatItShows(String view) {
        upstream.attest(OTHER, OBJECT).uploaded(OTHER, "2026-02-28T00:00:00Z");
        assertThat(text(mirror.get(view + PAGE, "Accept", JSON)))
                .containsOnlyOnce("provenance\":")
                .contains("../.." + ROUTE);
        isServed(mirror.get(view + ROUTE));
        assertThat(mirror.get(view + ROUTE.replace("1.0", "2.0")).statusCode()).isEqualTo(404);
        isServed(mirror.get(ROUTE.replace("1.0", "2.0")));
        isServed(mirror.get(ROUTE));
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=sample-one", "all=true&hard=true"})
    void aPurgeOfItsProjectPurgesItToo(String query) throws IOException {
        var token = OperatorsToken.in(folder);
        restart(token.setting());
        isServed(mirror.get(ROUTE));
        mirror.get("/simple/");
        var purge = mirror.send("POST", mirror.operations("/purge?" + query), token.field());
        assertThat(text(purge)).contains("\"pages-on-disk\":" + (query.startsWith("all") ? 3 : 2));
        isServed(mirror.get(ROUTE));
        assertThat(upstream.asked(UPSTREAM)).isEqualTo(2);
        assertThat(upstream.conditions()).isEmpty();
    }

    @Test
    void aMirrorOfThisMirrorHasItTooAndKeepsItOnItsOwn() {
        try (var second = mirror.mirrored("second", folder.resolve("second"), clock);
                var third = second.mirrored("third", folder.resolve("third"), clock)) {
            assertThat(text(third.get(PAGE, "Accept", JSON))).contains("\"provenance\":\"../.." + ROUTE + "\"");
            isServed(third.get(ROUTE));
            assertThat(field(third.get(ROUTE), "ETag")).isEqualTo(field(mirror.get(ROUTE), "ETag"));
            mirror.close();
            isServed(second.get(ROUTE));
        }
    }
}
