package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses that files had before their digests stood in them. */
class OldPathsOnTheWireTest {
    private static final String PAGE = "/simple/sample-one/";
    private static final String SDIST = "sample_one-1.0.tar.gz";
    private static final byte[] CONTENT = "an sdist".getBytes(StandardCharsets.UTF_8);
    private static final String OLD = "/packages/source/s/sample-one/" + SDIST;
    private static final SampleWheel WHEEL = new SampleWheel("sample-one", "1.0", List.of());

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json().offer("sample-one", SDIST, CONTENT);
        WHEEL.offerOn(upstream);
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

    /** Goes where the answer to {@code path} leads, as clients do. */
    private HttpResponse<byte[]> follow(String path) {
        var redirect = mirror.get(path);
        assertThat(redirect.statusCode()).as(text(redirect)).isEqualTo(302);
        return mirror.send("GET", mirror.url(path).resolve(field(redirect, "Location")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OLD,
                "/packages/source/S/Sample_One/" + SDIST,
                "/packages/source/s/sample.one/Sample.One-1.0.tar.gz"
            })
    void anOldPathLeadsToTheFileForNowOnly(String path) {
        var redirect = mirror.get(path);
        assertThat(redirect.statusCode()).isEqualTo(302);
        assertThat(field(redirect, "Location")).isEqualTo("../../../sha256/" + Sha256.of(CONTENT) + "/" + SDIST);
        assertThat(field(redirect, "Cache-Control")).isEqualTo("max-age=600");
        assertThat(follow(path).body()).isEqualTo(CONTENT);
        var head = mirror.head(path);
        assertThat(head.statusCode()).isEqualTo(302);
        assertThat(field(head, "Location")).isEqualTo(field(redirect, "Location"));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void aWheelsTagIsInItsPathAndItsMetadataBesideIt() throws IOException {
        assertThat(follow("/packages/py3/s/sample-one/" + WHEEL.filename()).body())
                .isEqualTo(WHEEL.content());
        assertThat(text(follow("/packages/py3/s/sample-one/" + WHEEL.filename() + ".metadata")))
                .contains("Name: sample-one");
    }

    @Test
    void theTimeForWhichItHoldsEndsWithThePages() {
        mirror.get(PAGE);
        clock.advance(Duration.ofSeconds(200));
        assertThat(field(mirror.get(OLD), "Cache-Control")).isEqualTo("max-age=400");
        assertThat(upstream.asked(PAGE)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/packages/source/s/sample-one/sample_one-9.0.tar.gz",
                "/packages/source/n/never-seen/never_seen-1.0.tar.gz",
                "/packages/source/x/sample-one/" + SDIST,
                OLD + ".asc",
                OLD + ".metadata"
            })
    void whatIsNotThereIsAbsentAndTheAnswerSaysWhy(String path) {
        var answer = mirror.get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(text(answer)).hasSizeGreaterThan(40);
    }

    @Test
    void whatCanNotBeFoundOutIsNotSaidToBeAbsent() {
        upstream.failWith(503);
        assertThat(mirror.get(OLD).statusCode()).isEqualTo(502);
    }

    @Test
    void aKeptPageLeadsThereInAnOutageAlsoAfterARestart() {
        follow(OLD);
        upstream.failWith(503);
        clock.advance(Duration.ofHours(12));
        restart("");
        assertThat(follow(OLD).body()).isEqualTo(CONTENT);
        assertThat(field(mirror.get(OLD), "Cache-Control")).isEqualTo("max-age=0");
        assertThat(mirror.get(OLD.replace("1.0", "2.0")).statusCode()).isEqualTo(502);
    }

    @Test
    void aFileThatIsNewerThanThePageIsFound() {
        mirror.get(PAGE);
        upstream.offer("sample-one", "sample_one-2.0.tar.gz", CONTENT);
        clock.advance(Duration.ofSeconds(60));
        assertThat(follow(OLD.replace("1.0", "2.0")).body()).isEqualTo(CONTENT);
    }

    @Test
    void policyAppliesToOldPathsToo() {
        restart("policy { block = [sample-one] }");
        assertThat(mirror.get(OLD).statusCode()).isEqualTo(403);
        restart("policy { private-names = [sample-one] }");
        int asked = upstream.asked(anything -> true);
        assertThat(mirror.get(OLD).statusCode()).isEqualTo(404);
        assertThat(upstream.asked(anything -> true)).isEqualTo(asked);
        restart("policy { largest-file = 3 }");
        assertThat(mirror.get(OLD).statusCode()).isEqualTo(404);
        upstream.status("sample-one", "quarantined");
        restart("");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> mirror.get(OLD).statusCode() == 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cooldown/3d", "/asof/2026-02-20"})
    void anOldPathLeadsWithinItsView(String view) {
        String young = "sample_one-2.0.tar.gz";
        upstream.offer("sample-one", young, CONTENT).uploaded(young, "2026-02-28T00:00:00Z");
        assertThat(follow(view + OLD).body()).isEqualTo(CONTENT);
        assertThat(mirror.get(view + OLD.replace(SDIST, young)).statusCode()).isEqualTo(404);
        assertThat(follow(OLD.replace(SDIST, young)).body()).isEqualTo(CONTENT);
    }

    @Test
    void anUpstreamThatHasSuchPathsItselfDoesNotConfuse() {
        upstream.filesIn("packages/source/s/sample-one");
        assertThat(follow(OLD).body()).isEqualTo(CONTENT);
        assertThat(upstream.asked(OLD)).as("that is where upstream has it").isEqualTo(1);
        assertThat(text(mirror.get(PAGE))).contains("../../packages/sha256/" + Sha256.of(CONTENT) + "/" + SDIST);
    }
}
