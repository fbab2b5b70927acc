package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is purged doesn't come back: not from memory, not from disk, not by a confirmation, not with a fetch under way. */
class PurgeTest {
    private static final String PAGE = "/simple/sample-one/";
    private static final String OTHER_PAGE = "/simple/other/";
    private static final String FILE = "sample_one-1.0-py3-none-any.whl";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private OperatorsToken token;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json()
                .offer("sample-one", FILE, new byte[] {1})
                .offer("other", "other-1.0.tar.gz", new byte[] {2});
        token = OperatorsToken.in(folder);
        mirror = started("");
    }

    private RunningMirror started(String ofPages) {
        return RunningMirror.start(upstream, folder.resolve("store"), clock, token.setting() + """

                outbound { page-deadline = 20 s, idle-time-out = 19 s, retries = 0, care { circuit-failures = 1000 } }
                http { idle-time-out = 60 s }
                pages { patience = 1 ms, refreshes-per-second = 10000, refresh-age = 1 s%s }
                """.formatted(ofPages));
    }

    private void restart() {
        mirror.close();
        mirror = started("");
    }

    @AfterEach
    void stop() {
        upstream.close();
        mirror.close();
    }

    private JsonObject purge(String query) {
        var answer = mirror.send("POST", mirror.operations("/purge?" + query), token.field());
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(field(answer, "Content-Type")).isEqualTo("application/json");
        return new JsonObject(text(answer));
    }

    private HttpResponse<byte[]> page() {
        return mirror.get(PAGE, "Accept", JSON);
    }

    private String outcome(String page) {
        var answer = mirror.get(page, "Accept", JSON);
        return answer.statusCode() + " " + field(answer, "X-Cache");
    }

    /** How often upstream was asked for the page without a condition. */
    private int plainQuestions() {
        return upstream.asked(PAGE) - upstream.conditions().size();
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=Sample.One", "prefix=sam", "all=true", "project=sample-one&hard=true"})
    void theNextRequestAsksUpstreamWithoutACondition(String query) {
        assertThat(outcome(PAGE)).isEqualTo("200 miss");
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
        var account = purge(query);
        assertThat(account.getInteger("pages-in-memory")).isEqualTo(1);
        assertThat(account.getInteger("pages-on-disk")).isEqualTo(1);
        assertThat(account.getBoolean("hard")).isEqualTo(query.endsWith("hard=true"));
        assertThat(outcome(PAGE)).isEqualTo("200 miss");
        assertThat(plainQuestions()).isEqualTo(2);
        assertThat(upstream.conditions()).isEmpty();
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
        assertThat(purge("project=nowhere").getInteger("pages-on-disk")).isZero();
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=sample-one", "prefix=sample-"})
    void otherPagesStay(String query) {
        outcome(PAGE);
        outcome(OTHER_PAGE);
        outcome("/simple/");
        purge(query);
        assertThat(outcome(OTHER_PAGE)).isEqualTo("200 hit");
        assertThat(outcome("/simple/")).isEqualTo("200 hit");
        assertThat(purge("all=true").getInteger("pages-on-disk")).isEqualTo(3);
        assertThat(outcome(OTHER_PAGE)).isEqualTo("200 miss");
        assertThat(outcome("/simple/")).isEqualTo("200 miss");
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=sample-one", "all=true", "all=true&hard=true"})
    void aRestartBringsNothingBack(String query) {
        outcome(PAGE);
        purge(query);
        restart();
        assertThat(outcome(PAGE)).isEqualTo("200 miss");
        assertThat(plainQuestions()).isEqualTo(2);
        restart();
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
    }

    @Test
    void whileUpstreamFailsASoftlyPurgedPageIsServedAndAHardOneIsNot() {
        String before = text(page());
        upstream.failWith(500);
        purge("project=sample-one");
        for (int i = 0; i < 3; i++) {
            var answer = page();
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(field(answer, "X-Cache")).isEqualTo("stale");
            assertThat(field(answer, "Cache-Control")).isEqualTo("max-age=0");
            assertThat(text(answer)).isEqualTo(before);
            restart();
        }
        upstream.failWith(0);
        clock.advance(Duration.ofMinutes(1));
        assertThat(outcome(PAGE)).isEqualTo("200 miss");
        assertThat(upstream.conditions()).isEmpty();
        upstream.failWith(500);
        purge("project=sample-one&hard=true");
        assertThat(page().statusCode()).isEqualTo(502);
        restart();
        assertThat(page().statusCode()).isEqualTo(502);
    }

    @Test
    void thatAnotherPageFailsIsNoReasonToServeWhatWasPurged() {
        outcome(PAGE);
        upstream.failWith(500);
        outcome("/simple/third/");
        upstream.failWith(0);
        purge("project=sample-one");
        assertThat(outcome(PAGE)).isEqualTo("200 miss");
    }

    @Test
    void whoWaitsForASlowUpstreamIsNotGivenWhatWasPurged() {
        outcome(PAGE);
        purge("project=sample-one");
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        var waiting = mirror.begin("GET", mirror.url(PAGE));
        await().until(() -> upstream.asked(PAGE) == 2);
        var another = mirror.begin("GET", mirror.url(PAGE));
        await().until(() -> mirror.figures().waiting() == 1);
        gate.countDown();
        assertThat(field(waiting.join(), "X-Cache")).isEqualTo("miss");
        assertThat(field(another.join(), "X-Cache")).isIn("coalesced", "hit");
    }

    @Test
    void whatIsRememberedOfAbsenceAndFailureIsForgotten() {
        assertThat(outcome("/simple/new/")).isEqualTo("404 ");
        upstream.offer("new", "new-1.0.tar.gz", new byte[] {3});
        assertThat(outcome("/simple/new/")).isEqualTo("404 ");
        assertThat(purge("project=new").getInteger("failures-forgotten")).isEqualTo(1);
        assertThat(outcome("/simple/new/")).isEqualTo("200 miss");
        upstream.failWith(500);
        assertThat(outcome("/simple/newer/")).isEqualTo("502 ");
        upstream.failWith(0);
        assertThat(outcome("/simple/newer/")).isEqualTo("503 ");
        assertThat(purge("all=true").getInteger("failures-forgotten")).isEqualTo(1);
        assertThat(outcome("/simple/newer/")).isEqualTo("404 ");
    }

    /** A wrong page may have come with a wrong serial: the right one must not wait until upstream has insisted. */
    @Test
    void anOlderSerialIsTakenAfterAPurge() {
        upstream.serial("sample-one", 900);
        assertThat(field(page(), "X-PyPI-Last-Serial")).isEqualTo("900");
        upstream.serial("sample-one", 7);
        purge("project=sample-one");
        assertThat(field(page(), "X-PyPI-Last-Serial")).isEqualTo("7");
    }

    /** The answer to a question from before the purge, which upstream gives afterwards: the page is unchanged. */
    @ParameterizedTest
    @ValueSource(strings = {"project=sample-one", "project=sample-one&hard=true"})
    void aFetchThatWasUnderWayConfirmsNothing(String query) {
        outcome(PAGE);
        clock.advance(Duration.ofMinutes(11));
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        assertThat(outcome(PAGE)).isEqualTo("200 stale");
        await().until(() -> upstream.asked(PAGE) == 2);
        assertThat(purge(query).getInteger("fetches-interrupted")).isEqualTo(1);
        gate.countDown();
        await().until(() -> upstream.conditions().size() == 1);
        assertThat(outcome(PAGE)).isIn("200 miss", "200 coalesced");
        assertThat(plainQuestions()).isEqualTo(2);
        await().until(() -> mirror.figures().waiting() == 0);
        restart();
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
    }

    @Test
    void thatThisMirrorIsBusyIsNoReasonToServeAPurgedPage() {
        outcome(PAGE);
        mirror.close();
        mirror = started(", concurrent-fetches = 1, waiting-fetches = 0");
        assertThat(outcome(PAGE)).isEqualTo("200 hit");
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        var held = mirror.begin("GET", mirror.url("/simple/held/"), "Accept", JSON);
        await().until(() -> upstream.asked("/simple/held/") == 1);
        purge("project=sample-one");
        assertThat(mirror.get(PAGE).statusCode()).isEqualTo(503);
        gate.countDown();
        assertThat(held.join().statusCode()).isEqualTo(404);
        await().until(() -> mirror.get(PAGE).statusCode() == 200);
    }

    @Test
    void whoWaitedForAFetchFromBeforeGetsTheOneFromAfter() {
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        var waiting = mirror.begin("GET", mirror.url(PAGE), "Accept", JSON);
        await().until(() -> upstream.asked(PAGE) == 1);
        purge("project=sample-one");
        await().until(() -> upstream.asked(PAGE) == 2);
        gate.countDown();
        assertThat(waiting.join().statusCode()).isEqualTo(200);
        assertThat(upstream.asked(PAGE)).isEqualTo(2);
    }

    @Test
    void theAbsenceThatAFetchFromBeforeBringsIsNotRemembered() {
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        var waiting = mirror.begin("GET", mirror.url("/simple/new/"));
        await().until(() -> upstream.asked("/simple/new/") == 1);
        purge("project=new");
        await().until(() -> upstream.asked("/simple/new/") == 2);
        gate.countDown();
        assertThat(waiting.join().statusCode()).isEqualTo(404);
        await().until(() -> mirror.figures().waiting() == 0);
        upstream.offer("new", "new-1.0.tar.gz", new byte[] {3});
        purge("project=new");
        assertThat(outcome("/simple/new/")).isEqualTo("200 miss");
    }

    /** Whoever asks after the purge sees what upstream had before it, whatever others fetch meanwhile. */
    @Test
    void inAnyCrowdTheAnswerAfterAPurgeIsUpstreamsOfThatTime() {
        var over = new AtomicBoolean();
        List<Thread> crowd = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            crowd.add(Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    mirror.get(PAGE, "Accept", JSON, "Cache-Control", "no-cache");
                }
            }));
        }
        try {
            for (int round = 0; round < 150; round++) {
                String filename = "sample_one-2." + round + ".tar.gz";
                clock.advance(Duration.ofSeconds(2));
                upstream.offer("sample-one", filename, new byte[] {4});
                purge(round % 3 == 0 ? "project=sample-one" : round % 3 == 1 ? "prefix=sample" : "all=true&hard=true");
                assertThat(text(page())).as("round " + round).contains('"' + filename + '"');
            }
        } finally {
            over.set(true);
            crowd.forEach(thread -> {
                try {
                    thread.join();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        await().until(() -> mirror.figures().waiting() == 0);
        long prepared = preparedBytes();
        await().until(() -> mirror.figures().directBytes() == prepared);
    }

    /** The bytes of the prepared page, by asking for each representation. */
    private long preparedBytes() {
        long bytes = 0;
        for (String form : List.of(JSON, "text/html")) {
            for (String coding : List.of("identity", "gzip", "zstd")) {
                bytes += mirror.get(PAGE, "Accept", form, "Accept-Encoding", coding)
                        .body()
                        .length;
            }
        }
        return bytes;
    }

    @Test
    void filesStayAndTheirProjectsPageIsAskedForAgain() {
        String file = "/packages/sha256/" + Sha256.of(new byte[] {1}) + "/" + FILE;
        await().until(() -> field(mirror.get(file), "X-Cache").equals("hit"));
        int asked = upstream.asked(PAGE);
        purge("project=sample-one");
        assertThat(field(mirror.get(file), "X-Cache")).isEqualTo("hit");
        await().until(() -> upstream.asked(PAGE) > asked);
    }

    /** A view is made of the page, so what is purged is gone from it, too. */
    @Test
    void aViewShowsThePageFromAfter() {
        String view = "/cooldown/1d" + PAGE;
        assertThat(text(mirror.get(view, "Accept", JSON))).contains(FILE);
        upstream.offer("sample-one", "sample_one-2.0.tar.gz", new byte[] {5});
        assertThat(text(mirror.get(view, "Accept", JSON))).doesNotContain("sample_one-2.0.tar.gz");
        purge("project=sample-one");
        assertThat(text(mirror.get(view, "Accept", JSON))).contains("sample_one-2.0.tar.gz");
    }

    @Test
    void anExplanationSaysThatThePageIsPurged() {
        outcome(PAGE);
        purge("all=true");
        assertThat(text(mirror.send("GET", mirror.operations("/explain/sample-one"))))
                .contains("purged: it is fetched anew before it is served");
        outcome(PAGE);
        assertThat(text(mirror.send("GET", mirror.operations("/explain/sample-one"))))
                .doesNotContain("purged");
    }

    @Test
    void operatorsSeeHowMuchWasPurged() {
        outcome(PAGE);
        outcome(OTHER_PAGE);
        purge("all=true");
        purge("all=true");
        assertThat(text(mirror.send("GET", mirror.operations("/metrics"))))
                .contains("flotilla_mirror_purges_total{outcome=\"done\"} 2.0")
                .contains("flotilla_mirror_purged_pages_total 4.0");
    }
}
