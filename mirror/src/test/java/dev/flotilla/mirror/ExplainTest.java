package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
    private static final String OLD = "sample_one-1.0-py3-none-any.whl";
    private static final String NEW = "sample_one-2.0-py3-none-any.whl";
    private static final String UNDATED = "sample_one-3.0-py3-none-any.whl";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json()
                .offer("sample-one", OLD, new byte[] {1})
                .offer("sample-one", NEW, new byte[] {2})
                .offer("sample-one", UNDATED, new byte[] {3})
                .offer("sample-one", ".bad", new byte[] {4})
                .uploaded(NEW, "2026-02-27T12:00:00Z")
                .uploaded(UNDATED, "");
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, """
                policy { cooldown = 3 days, block = [evil], private-names = ["acme-*"] }
                outbound { page-deadline = 25 s, retries = 0 }
                """);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private String explained(String name) {
        return text(mirror.send("GET", mirror.operations("/explain/" + name)));
    }

    @Test
    void everyFileThatIsMissingIsNamedWithTheRuleAndTheTime() {
        mirror.get("/simple/sample-one/");
        assertThat(explained("Sample_One").lines())
                .contains(
                        "project sample-one",
                        "served: yes",
                        "page: from sample, serial 4, confirmed 2026-03-01T12:00:00Z, age 0 s, fresh",
                        "files: 1 offered, 2 hidden, 1 entries dropped",
                        "hidden: " + NEW + ": cooldown, until 2026-03-02T12:00:00Z",
                        "hidden: " + UNDATED + ": upload-time-missing")
                .anyMatch(line -> line.startsWith("dropped: .bad: "));
    }

    @Test
    void programsGetTheSameAsJson() {
        mirror.get("/simple/sample-one/");
        clock.advance(Duration.ofMinutes(11));
        var answer = mirror.send("GET", mirror.operations("/explain/sample-one"), "Accept", "application/json");
        assertThat(field(answer, "Content-Type")).isEqualTo("application/json");
        var page = new JsonObject(text(answer)).getJsonObject("page");
        assertThat(page.getString("stale-since")).isEqualTo("2026-03-01T12:10:00Z");
        assertThat(page.getInteger("age-seconds")).isEqualTo(660);
        assertThat(page.getLong("serial")).isEqualTo(4);
        assertThat(page.getJsonArray("hidden").getJsonObject(0))
                .isEqualTo(new JsonObject()
                        .put("filename", NEW)
                        .put("rule", "cooldown")
                        .put("until", "2026-03-02T12:00:00Z"));
        assertThat(page.getJsonArray("dropped")).hasSize(1);
    }

    @Test
    void aViewIsExplainedByItsOwnRules() {
        mirror.get("/simple/sample-one/");
        String cooled = text(mirror.send("GET", mirror.operations("/cooldown/7d/explain/sample-one")));
        assertThat(cooled.lines())
                .contains(
                        "view: /cooldown/7d",
                        "hidden: " + NEW + ": cooldown, until 2026-03-06T12:00:00Z",
                        "hidden: " + UNDATED + ": upload-time-missing");
        var dated = mirror.send(
                "GET", mirror.operations("/asof/2026-01-01/explain/sample-one"), "Accept", "application/json");
        var json = new JsonObject(text(dated));
        assertThat(json.getString("view")).isEqualTo("/asof/2026-01-01");
        assertThat(json.getJsonObject("page").getJsonArray("hidden"))
                .contains(new JsonObject().put("filename", NEW).put("rule", "asof"));
        assertThat(explained("sample-one")).doesNotContain("view:");
    }

    @Test
    void aNameThatIsNotServedIsExplainedWithoutAPage() {
        assertThat(explained("evil")).contains("served: no, blocked: the project evil is blocked here (evil)");
        assertThat(explained("acme-tools"))
                .contains("served: no, never asked upstream")
                .contains("no page is kept");
        assertThat(upstream.asked(path -> true)).isZero();
    }

    @Test
    void absenceAndFailureAreToldApartWithTheirTimes() {
        mirror.get("/simple/nowhere/");
        assertThat(explained("nowhere"))
                .contains("unknown upstream since 2026-03-01T12:00:00Z, asked again from 2026-03-01T12:01:00Z on");
        upstream.failWith(500);
        mirror.get("/simple/sample-one/");
        assertThat(explained("sample-one"))
                .contains("not had since 2026-03-01T12:00:00Z")
                .contains("no page is kept");
    }

    @Test
    void aRowOfFailuresIsDatedFromItsFirstAndEndsWithASuccess() {
        upstream.failWith(500);
        for (int i = 0; i < 3; i++) {
            mirror.get("/simple/sample-one/");
            clock.advance(Duration.ofMinutes(1));
        }
        assertThat(explained("sample-one"))
                .contains("not had since 2026-03-01T12:00:00Z, asked last at 2026-03-01T12:02:00Z,"
                        + " asked again with the next request: ");
        upstream.failWith(0);
        mirror.get("/simple/sample-one/");
        assertThat(explained("sample-one")).doesNotContain("not had");
        upstream.failWith(500);
        clock.advance(Duration.ofHours(3));
        mirror.get("/simple/sample-one/");
        await().until(() -> explained("sample-one").contains("not had since 2026-03-01T15:03:00Z, asked again from"));
    }

    @Test
    void aRowOfAbsencesIsDatedFromItsFirstAndIsNotOneOfFailures() {
        upstream.failWith(500);
        mirror.get("/simple/nowhere/");
        upstream.failWith(0);
        clock.advance(Duration.ofMinutes(2));
        mirror.get("/simple/nowhere/");
        clock.advance(Duration.ofMinutes(2));
        mirror.get("/simple/nowhere/");
        var trouble = new JsonObject(
                        text(mirror.send("GET", mirror.operations("/explain/nowhere"), "Accept", "application/json")))
                .getJsonObject("trouble");
        assertThat(trouble.getBoolean("absent")).isTrue();
        assertThat(trouble.getString("since")).isEqualTo("2026-03-01T12:02:00Z");
        assertThat(trouble.getString("latest")).isEqualTo("2026-03-01T12:04:00Z");
        assertThat(trouble.getString("until")).isEqualTo("2026-03-01T12:05:00Z");
    }

    @Test
    void oneVersionIsExplainedByItsFilesAlone() {
        mirror.get("/simple/sample-one/");
        assertThat(explained("sample-one?version=2").lines())
                .contains(
                        "version 2: not listed upstream",
                        "files: 0 offered, 1 hidden, 0 entries dropped",
                        "hidden: " + NEW + ": cooldown, until 2026-03-02T12:00:00Z",
                        "cooldown means: the file is younger than the cool-down of the view, or than policy.cooldown")
                .noneMatch(line -> line.contains(UNDATED));
        assertThat(explained("sample-one?version=1.0").lines())
                .contains("version 1.0: listed upstream", "files: 1 offered, 0 hidden, 0 entries dropped")
                .contains("offered: " + OLD);
        assertThat(explained("sample-one?version=9").lines())
                .contains("version 9: not listed upstream, and the page of 2026-03-01T12:00:00Z names no file of it");
        var page = new JsonObject(text(mirror.send(
                        "GET", mirror.operations("/explain/sample-one?version=3.0"), "Accept", "application/json")))
                .getJsonObject("page");
        assertThat(page.getBoolean("version-listed")).isFalse();
        assertThat(page.getJsonArray("hidden").getJsonObject(0).getString("filename"))
                .isEqualTo(UNDATED);
        assertThat(page.getJsonObject("rules").fieldNames()).containsExactly("upload-time-missing");
    }

    @Test
    void aProjectInQuarantineIsExplainedByItsStatusAndAMissingPageByWhatToDo() {
        assertThat(explained("sample-one"))
                .contains("no page is kept: nobody has asked for it yet", "ask for /simple/sample-one/");
        upstream.status("sample-one", "quarantined");
        mirror.get("/simple/sample-one/");
        assertThat(explained("sample-one").lines()).contains("status: quarantined");
    }

    @Test
    void clientsHaveNoSuchPath() {
        assertThat(mirror.get("/explain/sample-one").statusCode()).isEqualTo(404);
        assertThat(mirror.send("GET", mirror.operations("/explain/-x")).statusCode())
                .isEqualTo(404);
        assertThat(mirror.send("GET", mirror.operations("/explain/a/b")).statusCode())
                .isEqualTo(404);
    }
}
