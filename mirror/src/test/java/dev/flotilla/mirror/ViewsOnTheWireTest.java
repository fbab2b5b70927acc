package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Views of the index at another age: {@code /cooldown/{n}d/} and {@code /asof/{date}/}. The clock begins on 2026-03-01 at noon. */
class ViewsOnTheWireTest {
    private static final String OLD = "sample_one-1.0-py3-none-any.whl";
    private static final String NEW = "sample_one-2.0-py3-none-any.whl";
    private static final String UNDATED = "sample_one-3.0-py3-none-any.whl";
    private static final String PLAIN = "/simple/sample-one/";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json();
        offer(OLD, "2026-01-01T00:00:00Z");
        offer(NEW, "2026-02-24T13:00:00Z");
        offer(UNDATED, "");
        mirror = started("");
    }

    private void offer(String filename, String uploaded) throws IOException {
        upstream.offer("sample-one", filename, content(filename)).uploaded(filename, uploaded);
    }

    private static byte[] content(String filename) throws IOException {
        return new SampleWheel("sample-one", filename.split("-", 3)[1], List.of()).content();
    }

    private RunningMirror started(String more) {
        return RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "pages { patience = 20 s }\n outbound { page-deadline = 25 s, retries = 0 }\n" + more);
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

    private static String file(String view, String filename) throws IOException {
        return view + "/packages/sha256/" + Sha256.of(content(filename)) + "/" + filename;
    }

    private HttpResponse<byte[]> page(String view, String... headers) {
        return headers.length == 0 ? mirror.get(view + PLAIN, "Accept", JSON) : mirror.get(view + PLAIN, headers);
    }

    private List<String> filenames(String view) {
        var answer = page(view);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        return new JsonObject(text(answer))
                .getJsonArray("files").stream()
                        .map(file -> ((JsonObject) file).getString("filename"))
                        .toList();
    }

    @Test
    void aViewShowsWhatIsOldEnoughOrHadComeByItsDateAndNothingOfUnknownAge() {
        assertThat(filenames("")).containsExactly(OLD, NEW, UNDATED);
        assertThat(filenames("/cooldown/4d")).containsExactly(OLD, NEW);
        assertThat(filenames("/cooldown/5d")).containsExactly(OLD);
        assertThat(filenames("/cooldown/3650d")).isEmpty();
        assertThat(filenames("/asof/2025-12-31")).isEmpty();
        assertThat(filenames("/asof/2026-01-01")).containsExactly(OLD);
        assertThat(filenames("/asof/2026-02-24")).containsExactly(OLD, NEW);
        assertThat(upstream.asked(PLAIN)).as("a view is never fetched").isEqualTo(1);
    }

    @Test
    void aDateThatIsNotOverYetStandsForNowAndFollowsThePage() throws IOException {
        assertThat(filenames("/asof/2026-03-01")).containsExactly(OLD, NEW);
        assertThat(filenames("/asof/9999-12-31")).containsExactly(OLD, NEW);
        offer("sample_one-2.1-py3-none-any.whl", "2026-03-02T00:30:00Z");
        clock.advance(Duration.ofHours(13));
        await().until(() -> filenames("").size() == 4);
        assertThat(filenames("/asof/9999-12-31")).hasSize(3);
        assertThat(field(page("/asof/9999-12-31"), "Cache-Control")).isEqualTo("max-age=600");
        assertThat(filenames("/asof/2026-03-01")).containsExactly(OLD, NEW);
    }

    @Test
    void aViewChangesExactlyWhenTheNextFileComesOfAgeAndIsFreshNoLonger() {
        page("");
        clock.advance(Duration.ofMinutes(58));
        await().until(() -> field(page(""), "Cache-Control").equals("max-age=600"));
        int asked = upstream.asked(PLAIN);
        var before = page("/cooldown/5d");
        assertThat(field(before, "Cache-Control")).isEqualTo("max-age=120");
        clock.advance(Duration.ofSeconds(119));
        assertThat(field(page("/cooldown/5d"), "Cache-Control")).isEqualTo("max-age=1");
        clock.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(filenames("/cooldown/5d")).containsExactly(OLD);
        assertThat(field(page("/cooldown/5d"), "ETag")).isEqualTo(field(before, "ETag"));
        clock.advance(Duration.ofNanos(1));
        var after = page("/cooldown/5d");
        assertThat(filenames("/cooldown/5d")).containsExactly(OLD, NEW);
        assertThat(field(after, "ETag")).isNotEqualTo(field(before, "ETag"));
        assertThat(field(after, "Cache-Control")).isEqualTo("max-age=480");
        assertThat(field(after, "X-Cache")).isEqualTo("hit");
        assertThat(upstream.asked(PLAIN))
                .as("coming of age asks upstream nothing")
                .isEqualTo(asked);
    }

    @Test
    void aViewHasTheLifetimeAgeAndSerialOfThePage() {
        page("/asof/2026-02-01");
        clock.advance(Duration.ofMinutes(4));
        var answer = page("/asof/2026-02-01");
        var plain = page("");
        for (String name : List.of("Cache-Control", "X-Flotilla-Age", "X-PyPI-Last-Serial", "X-Cache", "Vary")) {
            assertThat(field(answer, name)).as(name).isNotEmpty().isEqualTo(field(plain, name));
        }
        assertThat(field(answer, "Cache-Control")).isEqualTo("max-age=360");
        assertThat(answer.headers().firstValue("Age")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"gzip, gzip", "zstd, zstd", "identity, ''"})
    void everyRepresentationOfAViewHasItsOwnStrongTagAndIs304Later(String accepted, String coding) {
        for (String form : List.of(JSON, "text/html")) {
            var first = page("/cooldown/5d", "Accept", form, "Accept-Encoding", accepted);
            assertThat(field(first, "Content-Encoding")).isEqualTo(coding);
            assertThat(field(first, "Content-Type")).startsWith(form);
            String tag = field(first, "ETag");
            assertThat(tag).matches("\"[0-9a-f]{32}\"");
            clock.advance(Duration.ofMinutes(11));
            var again = page("/cooldown/5d", "Accept", form, "Accept-Encoding", accepted, "If-None-Match", tag);
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(field(again, "ETag")).isEqualTo(tag);
            var head = mirror.head("/cooldown/5d" + PLAIN, "Accept", form, "Accept-Encoding", accepted);
            assertThat(field(head, "Content-Length")).isEqualTo(Integer.toString(first.body().length));
            assertThat(head.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/vnd.pypi.simple.v1+json", "text/html"})
    void theLinksOfAViewLeadToItsOwnFiles(String form) {
        for (String view : List.of("/cooldown/4d", "/asof/2026-02-24")) {
            var answer = page(view, "Accept", form);
            var links = Pattern.compile("\"(\\.\\./[^\"#]+)")
                    .matcher(text(answer))
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            assertThat(links).hasSize(2);
            for (String link : links) {
                URI resolved = answer.uri().resolve(link);
                assertThat(resolved.getPath()).startsWith(view + "/packages/");
                assertThat(mirror.send("GET", resolved).statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aFileThatAViewHidesIsAbsentThereThoughItIsStoredAndServedPlainly() throws IOException {
        await().until(() -> field(mirror.get(file("", NEW)), "X-Cache").equals("hit"));
        await().until(() -> field(mirror.get(file("", UNDATED)), "X-Cache").equals("hit"));
        for (String view : List.of("/cooldown/5d", "/asof/2026-02-23")) {
            for (String suffix : List.of("", ".metadata")) {
                assertThat(mirror.get(file(view, NEW) + suffix).statusCode()).isEqualTo(404);
                assertThat(mirror.head(file(view, NEW) + suffix).statusCode()).isEqualTo(404);
            }
        }
        for (String view : List.of("/cooldown/1d", "/asof/9999-01-01")) {
            assertThat(mirror.get(file(view, UNDATED)).statusCode()).isEqualTo(404);
        }
        assertThat(mirror.get(file("", NEW)).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofHours(1));
        assertThat(mirror.get(file("/cooldown/5d", NEW)).statusCode()).isEqualTo(200);
    }

    @Test
    void anOldAddressBelowAViewLeadsToTheFileOfThatView() throws IOException {
        var old = mirror.get("/cooldown/5d/packages/py3/s/sample-one/" + OLD);
        assertThat(old.statusCode()).isEqualTo(302);
        URI file = old.uri().resolve(field(old, "Location"));
        assertThat(file.getPath()).isEqualTo(file("/cooldown/5d", OLD));
        assertThat(mirror.send("GET", file).statusCode()).isEqualTo(200);
        assertThat(mirror.get("/cooldown/5d/packages/py3/s/sample-one/" + NEW).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aFileIsTheSameInEveryViewAndDownloadedOnce() throws IOException {
        var plain = mirror.get(file("", OLD));
        await().until(() -> field(mirror.get(file("", OLD)), "X-Cache").equals("hit"));
        String tag = field(mirror.get(file("", OLD)), "ETag");
        for (String view : List.of("/cooldown/5d", "/asof/2026-02-23")) {
            var viewed = mirror.get(file(view, OLD));
            assertThat(viewed.body()).isEqualTo(plain.body());
            assertThat(field(viewed, "X-Cache")).isEqualTo("hit");
            assertThat(field(viewed, "ETag")).isEqualTo(tag);
            assertThat(field(mirror.head(file(view, OLD)), "Content-Length"))
                    .isEqualTo(Integer.toString(plain.body().length));
            var part = mirror.get(file(view, OLD), "Range", "bytes=5-9");
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(plain.body(), 5, 10));
            assertThat(text(mirror.get(file(view, OLD) + ".metadata"))).contains("Name: sample-one");
        }
        assertThat(upstream.asked("/files/" + OLD)).isEqualTo(1);
    }

    @Test
    void aFileThatNoPageNamesIsAbsentInAViewAndWhereThePageCannotBeHadItIsNot() throws IOException {
        String unnamed = "/packages/sha256/" + "0".repeat(64) + "/" + OLD;
        assertThat(mirror.get("/cooldown/5d" + unnamed).statusCode()).isEqualTo(404);
        String nobodys = "/packages/aa/bb/" + "0".repeat(60) + "/never_seen-1.0-py3-none-any.whl";
        assertThat(mirror.get("/cooldown/5d" + nobodys).statusCode()).isEqualTo(404);

        await().until(() -> field(mirror.get(file("", OLD)), "X-Cache").equals("hit"));
        mirror.close();
        forgetPages();
        upstream.failWith(500);
        mirror = started("");
        assertThat(mirror.get(file("/cooldown/5d", OLD)).statusCode()).isEqualTo(502);
        var again = mirror.get(file("/asof/2026-02-01", OLD) + ".metadata");
        assertThat(again.statusCode()).as("it failed a moment ago").isEqualTo(503);
        assertThat(field(again, "Retry-After")).matches("[1-9]");
        assertThat(mirror.get(file("", OLD)).statusCode())
                .as("the store has it")
                .isEqualTo(200);
    }

    private void forgetPages() throws IOException {
        try (var stored = Files.walk(folder.resolve("store").resolve("pages"))) {
            for (Path page : stored.filter(Files::isRegularFile).toList()) {
                Files.delete(page);
            }
        }
    }

    @Test
    void aChangeOfThePageReachesItsViewsAtOnce() throws IOException {
        restart("pages { patience = 20 s }");
        assertThat(filenames("/cooldown/5d")).containsExactly(OLD);
        offer("sample_one-1.1-py3-none-any.whl", "2026-01-02T00:00:00Z");
        clock.advance(Duration.ofSeconds(61));
        assertThat(filenames("/cooldown/5d")).as("the page is fresh").containsExactly(OLD);
        var wish = page("/cooldown/5d", "Accept", JSON, "Cache-Control", "no-cache");
        assertThat(text(wish)).contains("sample_one-1.1");
        assertThat(field(wish, "X-Cache")).isEqualTo("miss");
        assertThat(filenames("/asof/2026-01-02")).hasSize(2);
        assertThat(filenames("/cooldown/5d")).hasSize(2);
    }

    @Test
    void quarantineAndRemovalReachViewsAndTheirFiles() throws IOException {
        await().until(() ->
                field(mirror.get(file("/cooldown/5d", OLD)), "X-Cache").equals("hit"));
        assertThat(filenames("/asof/2026-02-01")).containsExactly(OLD);
        upstream.status("sample-one", "quarantined");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> filenames("/asof/2026-02-01").isEmpty());
        assertThat(text(page("/cooldown/5d"))).contains("quarantined").doesNotContain(OLD);
        assertThat(mirror.get(file("/cooldown/5d", OLD)).statusCode()).isEqualTo(404);
        upstream.remove("sample-one");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> page("/cooldown/5d").statusCode() == 404);
        assertThat(mirror.get(file("/cooldown/5d", OLD)).statusCode()).isEqualTo(404);
    }

    @Test
    void aStalePageServesItsViewsStaleAlsoAfterARestart() throws IOException {
        var fresh = page("/cooldown/5d");
        await().until(() ->
                field(mirror.get(file("/cooldown/5d", OLD)), "X-Cache").equals("hit"));
        upstream.failWith(503);
        clock.advance(Duration.ofMinutes(30));
        for (int start = 0; start < 2; start++) {
            var stale = page("/cooldown/5d");
            assertThat(stale.statusCode()).isEqualTo(200);
            assertThat(field(stale, "X-Cache")).isEqualTo("stale");
            assertThat(field(stale, "Cache-Control")).isEqualTo("max-age=0");
            assertThat(field(stale, "X-Flotilla-Age")).isEqualTo("1800");
            assertThat(field(stale, "ETag")).isEqualTo(field(fresh, "ETag"));
            assertThat(field(mirror.get(file("/cooldown/5d", OLD)), "X-Cache")).isEqualTo("hit");
            assertThat(mirror.get(file("/cooldown/5d", NEW)).statusCode()).isEqualTo(404);
            assertThat(mirror.get("/cooldown/5d/simple/never-seen/").statusCode())
                    .isEqualTo(502);
            restart("");
        }
        clock.advance(Duration.ofMinutes(30));
        assertThat(filenames("/cooldown/5d"))
                .as("files come of age in an outage, too")
                .containsExactly(OLD, NEW);
    }

    @Test
    void whatPolicyRefusesIsRefusedInViewsToo() throws IOException {
        page("");
        restart("policy { block = [\"sample-*\"], private-names = [acme] }");
        assertThat(page("/cooldown/5d").statusCode()).isEqualTo(403);
        assertThat(mirror.get(file("/cooldown/5d", OLD)).statusCode()).isEqualTo(403);
        assertThat(mirror.get("/asof/2026-01-01/simple/acme/").statusCode()).isEqualTo(404);
        assertThat(upstream.asked("/simple/acme/")).isZero();
        restart("policy { cooldown = 5 days }");
        assertThat(filenames("/cooldown/1d")).as("the longer cool-down counts").containsExactly(OLD);
        assertThat(filenames("/asof/2026-02-24")).containsExactly(OLD);
        assertThat(mirror.get(file("/asof/2026-02-24", NEW)).statusCode()).isEqualTo(404);
    }

    @Test
    void anIndexThatTellsNoTimesHasEmptyViews() throws IOException {
        try (var html = SampleUpstream.htmlOnly().offer("sample-one", OLD, content(OLD));
                var plain = RunningMirror.start(html, folder.resolve("html"), clock, "")) {
            assertThat(text(plain.get(PLAIN))).contains(OLD);
            var viewed = plain.get("/asof/2099-01-01" + PLAIN);
            assertThat(viewed.statusCode()).isEqualTo(200);
            assertThat(text(viewed)).contains("Links for sample-one").doesNotContain(OLD);
        }
    }

    @Test
    void theRootListIsTheSameInAViewAndSpellingsAreRedirectedInside() {
        assertThat(mirror.get("/cooldown/5d/simple/").body())
                .isEqualTo(mirror.get("/simple/").body());
        var other = mirror.get("/cooldown/5d/simple/Sample_One/");
        assertThat(other.statusCode()).isEqualTo(302);
        assertThat(other.uri().resolve(field(other, "Location")).getPath()).isEqualTo("/cooldown/5d" + PLAIN);
        var slash = mirror.get("/asof/2026-01-01/simple");
        assertThat(slash.uri().resolve(field(slash, "Location")).getPath()).isEqualTo("/asof/2026-01-01/simple/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cooldown/0d", "/cooldown/7", "/cooldown/07d", "/asof/2026-02-30", "/asof/today"})
    void aViewThatIsNoneIsAbsentAndToldWhatWouldBeRight(String view) throws IOException {
        var answer = page(view);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(text(answer)).contains("/cooldown/7d/", "1 to 3650 days", "/asof/2026-01-31/");
        assertThat(mirror.get(file(view, OLD)).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(path -> true)).isZero();
    }

    /** Clients choose views freely: what that costs is bounded, and nobody else pays for it. */
    @Test
    void aStormOfViewsLeavesThePlainPagesWhereTheyAre() {
        var names =
                IntStream.range(0, 20).mapToObj(i -> "/simple/plain-" + i + "/").toList();
        for (int i = 0; i < 20; i++) {
            upstream.offer("plain-" + i, "plain_" + i + "-1.0.tar.gz", new byte[] {1});
        }
        for (int i = 0; i < 300; i++) {
            upstream.offer("large", "large-1." + i + ".tar.gz", new byte[] {1});
        }
        mirror.close();
        mirror = RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "pages { view-memory = 64 KiB, concurrent-views = 1, waiting-views = 20 }");
        names.forEach(mirror::get);
        mirror.get("/simple/large/");
        int asked = upstream.asked(path -> true);
        long prepared = mirror.figures().prepared();
        var storm = IntStream.rangeClosed(1, 400)
                .mapToObj(days ->
                        mirror.begin("GET", mirror.url("/cooldown/" + days + "d/simple/large/"), "Accept", JSON))
                .toList();
        for (String name : names) {
            assertThat(field(mirror.get(name), "X-Cache")).isEqualTo("hit");
        }
        int refused = 0;
        for (var request : storm) {
            var answer = request.join();
            if (answer.statusCode() == 503) {
                refused++;
                assertThat(field(answer, "Retry-After")).matches("[1-9][0-9]?");
            } else {
                assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
                assertThat(text(answer)).contains("\"name\":\"large\"");
            }
        }
        assertThat(refused).as("of 400 at once").isPositive();
        assertThat(mirror.figures().prepared()).isEqualTo(prepared);
        await().until(() -> mirror.figures().viewBytes() <= 64 * 1024);
        assertThat(upstream.asked(path -> true)).isEqualTo(asked);
        assertThat(mirror.get("/cooldown/400d/simple/large/").statusCode()).isEqualTo(200);
    }
}
