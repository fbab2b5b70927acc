package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyOnTheWireTest {
    private static final String OLD = "sample_one-1.0-py3-none-any.whl";
    private static final String NEW = "sample_one-2.0-py3-none-any.whl";
    private static final byte[] OLD_WHEEL = "an old wheel".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NEW_WHEEL = "a new wheel, which is larger".getBytes(StandardCharsets.UTF_8);
    private static final String PAGE = "/simple/sample-one/";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json()
                .offer("sample-one", OLD, OLD_WHEEL)
                .offer("sample-one", NEW, NEW_WHEEL)
                .uploaded(NEW, "2026-02-27T12:00:00Z");
        mirror = started("");
    }

    private RunningMirror started(String policy) {
        return RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "policy { " + policy + " }\n outbound { page-deadline = 25 s, retries = 0 }");
    }

    private void restart(String policy) {
        mirror.close();
        mirror = started(policy);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private static String path(String filename, byte[] content) {
        return "/packages/sha256/" + Sha256.of(content) + "/" + filename;
    }

    private void store(String filename, byte[] content) {
        await().until(() ->
                field(mirror.get(path(filename, content)), "X-Cache").equals("hit"));
    }

    private String page() {
        return text(mirror.get(PAGE, "Accept", JSON));
    }

    @ParameterizedTest
    @ValueSource(strings = {"block = [\"sample-*\"]", "allow = [other]"})
    void aBlockedProjectIsForbiddenAndNotAbsent(String policy) {
        store(OLD, OLD_WHEEL);
        restart(policy);
        int asked = upstream.asked(path -> true);
        var page = mirror.get(PAGE);
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(text(page)).contains("does not serve it: the project sample-one");
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(403);
        assertThat(mirror.head(path(NEW, NEW_WHEEL) + ".metadata").statusCode()).isEqualTo(403);
        assertThat(upstream.asked(path -> true)).isEqualTo(asked);
    }

    @Test
    void aPrivateNameDoesNotExistAndUpstreamNeverHearsOfIt() {
        restart("private-names = [\"sample-*\"]");
        assertThat(mirror.get(PAGE).statusCode()).isEqualTo(404);
        assertThat(text(mirror.get(PAGE))).contains("the name sample-one is private here (sample-*)");
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(404);
        assertThat(mirror.get("/packages/aa/bb/" + "0".repeat(60) + "/" + OLD).statusCode())
                .isEqualTo(404);
        assertThat(upstream.asked(path -> true)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/vnd.pypi.simple.v1+json", "text/html"})
    void theListOfProjectsNamesNoneThatIsNotServed(String form) throws IOException {
        upstream.offer("other", "other-1.0.tar.gz", new byte[] {1}).offer("third", "third-1.0.tar.gz", new byte[] {2});
        assertThat(text(mirror.get("/simple/", "Accept", form))).contains("sample-one", "other", "third");
        restart("private-names = [\"sample-*\"], block = [other]");
        assertThat(text(mirror.get("/simple/", "Accept", form)))
                .contains("third")
                .doesNotContain("sample-one", "other");
        restart("allow = [other]");
        assertThat(text(mirror.get("/simple/", "Accept", form)))
                .contains("other")
                .doesNotContain("sample-one", "third");
    }

    @Test
    void quarantineHidesThePageAndTheStoredFileAsSoonAsUpstreamSaysIt() {
        assertThat(page()).contains(OLD);
        store(OLD, OLD_WHEEL);
        upstream.status("sample-one", "quarantined");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> mirror.get(path(OLD, OLD_WHEEL)).statusCode() == 404);
        assertThat(page()).contains("quarantined").doesNotContain(OLD);
        assertThat(mirror.get(path(OLD, OLD_WHEEL) + ".metadata").statusCode()).isEqualTo(404);
        upstream.status("sample-one", "active");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> mirror.get(path(OLD, OLD_WHEEL)).statusCode() == 200);
    }

    @Test
    void quarantineOutlivesARestartAndAnOutage() {
        store(OLD, OLD_WHEEL);
        upstream.status("sample-one", "quarantined");
        clock.advance(Duration.ofMinutes(11));
        await().until(() -> mirror.get(path(OLD, OLD_WHEEL)).statusCode() == 404);
        upstream.failWith(500);
        restart("");
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(404);
        assertThat(mirror.get(path(NEW, NEW_WHEEL)).statusCode()).isEqualTo(404);
    }

    @Test
    void aFileThatIsAskedForWithoutItsPageHasItRenewedOncePerLifetime() {
        store(OLD, OLD_WHEEL);
        int asked = upstream.asked(PAGE);
        for (int i = 0; i < 20; i++) {
            assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(200);
        }
        assertThat(upstream.asked(PAGE)).isEqualTo(asked);
        clock.advance(Duration.ofMinutes(11));
        mirror.get(path(OLD, OLD_WHEEL));
        await().until(() -> upstream.asked(PAGE) == asked + 1);
        await().until(() -> mirror.figures().waiting() == 0);
        for (int i = 0; i < 20; i++) {
            mirror.get(path(OLD, OLD_WHEEL));
        }
        assertThat(upstream.asked(PAGE)).isEqualTo(asked + 1);
    }

    @Test
    void aStoredFileIsServedInAnOutageEvenIfItsPageIsTooOldToBe() {
        store(OLD, OLD_WHEEL);
        clock.advance(Duration.ofDays(40));
        upstream.failWith(500);
        restart("");
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsTooLargeIsNotOfferedOnThePageNorByItsPath() {
        store(NEW, NEW_WHEEL);
        restart("largest-file = 20");
        assertThat(page()).contains(OLD).doesNotContain(NEW);
        assertThat(mirror.get(path(NEW, NEW_WHEEL)).statusCode()).isEqualTo(404);
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(200);
        restart("largest-project = 20");
        assertThat(page()).doesNotContain(OLD, NEW);
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(404);
    }

    @Test
    void aCoolDownHoldsAFileBackUntilItIsOfAgeWhetherUpstreamAnswersOrNot() {
        restart("cooldown = 3 days");
        var young = mirror.get(PAGE, "Accept", JSON);
        assertThat(text(young)).contains(OLD).doesNotContain(NEW);
        assertThat(mirror.get(path(NEW, NEW_WHEEL)).statusCode()).isEqualTo(404);
        clock.advance(Duration.ofDays(1).minusMinutes(2));
        await().until(() -> field(mirror.get(PAGE), "Cache-Control").equals("max-age=120"));
        upstream.failWith(500);
        clock.advance(Duration.ofMinutes(2));
        await().until(() -> page().contains(NEW));
        upstream.failWith(0);
        assertThat(mirror.get(path(NEW, NEW_WHEEL)).statusCode()).isEqualTo(200);
    }

    @Test
    void withACoolDownAFileOfUnknownAgeIsNotServed() {
        upstream.uploaded(OLD, "");
        restart("cooldown = 3 days");
        assertThat(page()).doesNotContain(OLD, NEW);
        assertThat(mirror.get(path(OLD, OLD_WHEEL)).statusCode()).isEqualTo(404);
    }
}
