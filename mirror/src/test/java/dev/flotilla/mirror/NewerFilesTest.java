package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
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

/** Requests for files that the page here is too old to name, as when a client got its page in another region. */
class NewerFilesTest {
    private static final String PAGE = "/simple/sample-one/";
    private static final byte[] OLD_WHEEL = "an old wheel".getBytes(StandardCharsets.UTF_8);
    private static final SampleWheel NEW = new SampleWheel("sample-one", "2.0", List.of());

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private String newPath = "";
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0-py3-none-any.whl", OLD_WHEEL);
        newPath = "/packages/sha256/" + Sha256.of(NEW.content()) + "/" + NEW.filename();
        mirror = started("refreshes-per-second = 1");
    }

    private RunningMirror started(String pages) {
        return RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "pages { patience = 20 s, " + pages
                        + " }\n outbound { page-deadline = 30 s, retries = 0 }\n http { idle-time-out = 60 s }");
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    /** A minute after the page was had here, upstream has a new file. */
    private void aMinuteLater() throws IOException {
        mirror.get(PAGE);
        NEW.offerOn(upstream);
        clock.advance(Duration.ofSeconds(60));
    }

    @Test
    void aFileFromAPageOfAnotherRegionIsServedHereToo() throws IOException {
        aMinuteLater();
        try (var other = RunningMirror.start(upstream, folder.resolve("other"), clock, "")) {
            assertThat(text(other.get(PAGE, "Accept", JSON))).contains("../.." + newPath);
        }
        var file = mirror.get(newPath);
        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.body()).isEqualTo(NEW.content());
    }

    @Test
    void itsMetadataAndItsHeadAreServedToo() throws IOException {
        aMinuteLater();
        assertThat(text(mirror.get(newPath + ".metadata"))).contains("Version: 2.0");
        assertThat(mirror.head(newPath).statusCode()).isEqualTo(200);
    }

    @Test
    void aYoungPageIsBelievedWithoutAnotherQuestion() throws IOException {
        mirror.get(PAGE);
        NEW.offerOn(upstream);
        clock.advance(Duration.ofSeconds(59));
        assertThat(mirror.get(newPath).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
    }

    @Test
    void aFileThatUpstreamDoesNotHaveIsAbsentAndAskedForOnceAMinute() {
        mirror.get(PAGE);
        clock.advance(Duration.ofSeconds(60));
        for (int i = 0; i < 20; i++) {
            assertThat(mirror.get(newPath).statusCode()).isEqualTo(404);
        }
        assertThat(upstream.asked(PAGE)).isEqualTo(2);
    }

    @Test
    void whereThePageCanNotBeRenewedTheFileIsNotSaidToBeAbsent() throws IOException {
        aMinuteLater();
        upstream.failWith(503);
        assertThat(mirror.get(newPath).statusCode()).isEqualTo(502);
        int asked = upstream.asked(PAGE);
        assertThat(mirror.get(newPath).statusCode()).isEqualTo(502);
        assertThat(upstream.asked(PAGE)).as("upstream is known to fail").isEqualTo(asked);
    }

    @Test
    void nobodyWaitsLongForThePage() throws IOException {
        mirror.close();
        mirror = started("patience = 100 ms");
        aMinuteLater();
        upstream.holdUntil(new CountDownLatch(1));
        assertThat(mirror.get(newPath).statusCode()).isEqualTo(502);
    }

    @Test
    void inventedFilesCostUpstreamNoMoreThanTheBudgetOfWishes() {
        for (int i = 0; i < 5; i++) {
            upstream.offer("other-" + i, "other_" + i + "-1.0-py3-none-any.whl", OLD_WHEEL);
            mirror.get("/simple/other-" + i + "/");
        }
        clock.advance(Duration.ofSeconds(60));
        int asked = upstream.asked(anything -> true);
        int absent = 0;
        for (int i = 0; i < 5; i++) {
            String path = "/packages/sha256/" + "0".repeat(64) + "/other_" + i + "-2.0-py3-none-any.whl";
            int status = mirror.get(path).statusCode();
            assertThat(status).isIn(404, 502);
            absent += status == 404 ? 1 : 0;
        }
        assertThat(absent).isEqualTo(1);
        assertThat(upstream.asked(anything -> true)).isEqualTo(asked + 1);
    }

    /** As when a whole region fails over just after a release. */
    @Test
    void aCrowdThatAsksForTheSameNewFileSharesOneRenewal() throws IOException {
        mirror.close();
        mirror = started("refreshes-per-second = 1");
        aMinuteLater();
        var open = new CountDownLatch(1);
        upstream.holdUntil(open);
        var crowd = IntStream.range(0, 30)
                .mapToObj(i -> mirror.begin("GET", mirror.url(newPath)))
                .toList();
        await().until(() -> connections() >= 30 && upstream.asked(PAGE) == 2);
        open.countDown();
        assertThat(crowd.stream().map(answer -> answer.join().statusCode())).containsOnly(200);
        assertThat(upstream.asked(PAGE)).isEqualTo(2);
    }

    private int connections() {
        return text(mirror.send("GET", mirror.operations("/metrics")))
                .lines()
                .filter(line -> line.startsWith("flotilla_mirror_connections"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereNoWishIsGrantedTheFreshPageHasTheLastWord() throws IOException {
        mirror.close();
        mirror = started("refreshes-per-second = 0");
        aMinuteLater();
        assertThat(mirror.get(newPath).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
    }

    @Test
    void aStalePageIsNoWordOfAbsenceAndRenewedForTheNextTry() throws IOException {
        aMinuteLater();
        clock.advance(Duration.ofMinutes(20));
        await().until(() -> {
            int status = mirror.get(newPath).statusCode();
            assertThat(status).isIn(200, 502);
            return status == 200;
        });
    }
}
