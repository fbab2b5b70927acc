package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.wheels.WheelIndexText;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wheels that were built for the fleet: {@code /wheel/{platform}/} and {@code /overlay/{platform}/}. */
class WheelsOnTheWireTest {
    private static final String WHEELS = "/wheel/" + SampleWheelhouse.PLATFORM;
    private static final String OVERLAY = "/overlay/" + SampleWheelhouse.PLATFORM;
    private static final SampleWheel BUILT = new SampleWheel("sample-native", "1.0", List.of());
    private static final SampleSdist SOURCE = new SampleSdist("sample-native", "1.0");

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private SampleWheelhouse house;
    private RunningMirror mirror;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json();
        SOURCE.offerOn(upstream);
        new SampleWheel("sample-one", "1.0", List.of()).offerOn(upstream);
        house = new SampleWheelhouse(folder.resolve("wheels")).with(BUILT).publish();
        mirror = started("");
    }

    private RunningMirror started(String more) {
        return RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "pages { patience = 20 s }\n outbound { page-deadline = 25 s, retries = 0 }\n" + house.configuration()
                        + more);
    }

    @AfterEach
    void stop() {
        mirror.close();
        house.close();
        upstream.close();
    }

    private List<String> filenames(String path) {
        var answer = mirror.get(path, "Accept", JSON);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        return new JsonObject(text(answer))
                .getJsonArray("files").stream()
                        .map(file -> ((JsonObject) file).getString("filename"))
                        .toList();
    }

    private List<String> projects(String path) {
        var answer = mirror.get(path, "Accept", JSON);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        return new JsonObject(text(answer))
                .getJsonArray("projects").stream()
                        .map(project -> ((JsonObject) project).getString("name"))
                        .toList();
    }

    private JsonObject file(String page, String filename) {
        return new JsonObject(text(mirror.get(page, "Accept", JSON)))
                .getJsonArray("files").stream()
                        .map(JsonObject.class::cast)
                        .filter(file -> file.getString("filename").equals(filename))
                        .findFirst()
                        .orElseThrow();
    }

    private HttpResponse<byte[]> linked(String page, String link) {
        return mirror.get(mirror.url(page).resolve(link).getPath());
    }

    @Test
    void withoutAFolderOfItsOwnAMirrorTakesTheIndexesThatItsKeeperPlaces() throws IOException {
        mirror.close();
        Path keeper = Files.createDirectory(folder.resolve("keeper"));
        mirror = RunningMirror.kept(upstream, folder.resolve("kept"), clock, keeper, house.sourceAlone());
        assertThat(projects(WHEELS + "/simple/")).isEmpty();
        // The folder is made with the first index, by an agent that lives beside the mirror.
        Path place = Files.createDirectories(keeper.resolve("wheels").resolve(SampleWheelhouse.PLATFORM));
        Files.copy(
                folder.resolve("wheels").resolve(SampleWheelhouse.PLATFORM).resolve("index.json"),
                place.resolve("index.json"));
        await().until(() -> projects(WHEELS + "/simple/").equals(List.of("sample-native")));
        assertThat(filenames(WHEELS + "/simple/sample-native/")).containsExactly(BUILT.filename());
    }

    @Test
    void theWheelsOfAPlatformAreAWholeIndex() throws IOException {
        assertThat(projects(WHEELS + "/simple/")).containsExactly("sample-native");
        String page = WHEELS + "/simple/sample-native/";
        assertThat(filenames(page)).containsExactly(BUILT.filename());
        var file = file(page, BUILT.filename());
        assertThat(file.getJsonObject("hashes").getString("sha256"))
                .isEqualTo(Sha256.of(BUILT.content()).hex());
        assertThat(file.getLong("size")).isEqualTo(BUILT.content().length);
        assertThat(file.getString("requires-python")).isEqualTo(">=3.8");
        assertThat(file.getString("upload-time")).isEqualTo("2026-02-01T00:00:00Z");
        assertThat(file.getJsonObject("flotilla-build").getString("sdist")).isEqualTo("x");

        var wheel = linked(page, file.getString("url"));
        assertThat(wheel.statusCode()).isEqualTo(200);
        assertThat(wheel.body()).isEqualTo(BUILT.content());
        var metadata = linked(page, file.getString("url") + ".metadata");
        assertThat(metadata.statusCode()).isEqualTo(200);
        assertThat(metadata.body()).isEqualTo(BUILT.metadata());
        assertThat(house.bucket().asked(path -> path.endsWith(".metadata")))
                .as("there are none in the bucket")
                .isZero();
        assertThat(file.getJsonObject("_flotilla").getString("last-built"))
                .as("plans go by it")
                .isEqualTo("2026-02-02T00:00:00Z");

        var html = mirror.get(page, "Accept", "text/html");
        assertThat(text(html)).contains(BUILT.filename()).contains("data-core-metadata");
        assertThat(field(html, "Cache-Control")).isEqualTo("max-age=600");
        var again = mirror.get(page, "Accept", "text/html", "If-None-Match", field(html, "ETag"));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(upstream.asked(path -> path.endsWith(".whl")))
                .as("nothing of it is upstream's")
                .isZero();
    }

    @Test
    void theOverlayIsUpstreamsPageWithWheelsWhereItHasNone() throws IOException {
        String page = OVERLAY + "/simple/sample-native/";
        assertThat(filenames(page)).containsExactly(SOURCE.filename(), BUILT.filename());
        assertThat(file(page, SOURCE.filename())).isEqualTo(file("/simple/sample-native/", SOURCE.filename()));
        assertThat(filenames("/simple/sample-native/")).as("the index as it is").containsExactly(SOURCE.filename());
        assertThat(linked(page, file(page, BUILT.filename()).getString("url")).body())
                .isEqualTo(BUILT.content());
        assertThat(linked(page, file(page, SOURCE.filename()).getString("url")).body())
                .isEqualTo(SOURCE.content());
        assertThat(filenames(OVERLAY + "/simple/sample-one/")).isEqualTo(filenames("/simple/sample-one/"));
        assertThat(projects(OVERLAY + "/simple/")).isEqualTo(projects("/simple/"));
        assertThat(mirror.get(OVERLAY + "/simple/never-seen/").statusCode()).isEqualTo(404);
    }

    @Test
    void theOverlayIsFreshAsLongAsThePageAndFollowsThePage() throws IOException {
        String page = OVERLAY + "/simple/sample-native/";
        assertThat(field(mirror.get(page), "Cache-Control")).isEqualTo("max-age=600");
        String fits = "sample_native-1.0-py3-none-any.whl";
        upstream.offer("sample-native", fits, new SampleWheel("sample-native", "1.0", List.of("x")).content());
        clock.advance(Duration.ofMinutes(11));
        mirror.get(page);
        await().until(() -> filenames("/simple/sample-native/").size() == 2);
        assertThat(file(page, fits).getJsonObject("hashes"))
                .as("upstream's of the same name")
                .isEqualTo(file("/simple/sample-native/", fits).getJsonObject("hashes"));
        upstream.status("sample-native", "quarantined");
        clock.advance(Duration.ofMinutes(11));
        mirror.get(page);
        await().until(() -> filenames("/simple/sample-native/").isEmpty());
        assertThat(filenames(page)).as("nothing of a project in quarantine").isEmpty();
        assertThat(linked(page, "../../packages/sha256/" + Sha256.of(BUILT.content()) + "/" + BUILT.filename())
                        .statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ubuntu-24.04-x86_64", "nonsense"})
    void anUnknownPlatformIsAnEmptyIndexAndNeverAnError(String platform) {
        assertThat(projects("/wheel/" + platform + "/simple/")).isEmpty();
        assertThat(mirror.get("/wheel/" + platform + "/simple/sample-native/").statusCode())
                .isEqualTo(404);
        assertThat(filenames("/overlay/" + platform + "/simple/sample-native/")).containsExactly(SOURCE.filename());
    }

    @ParameterizedTest
    @CsvSource({
        "/wheel/debian-12.5-x86_64/simple/sample-native/, ../../../debian-12-x86_64/simple/sample-native/",
        "/overlay/debian-12-amd64/simple/?format=x, ../../debian-12-x86_64/simple/?format=x",
        "/wheel/debian-12-x86_64/sample_Native/, ../simple/sample-native/",
        "/wheel/debian-12-amd64/, ../debian-12-x86_64/",
        "/wheel/debian-12-x86_64/simple, simple/",
        "/overlay/debian-12-x86_64/simple/Sample.Native/, ../sample-native/",
    })
    void otherSpellingsLeadToTheOneOfThePlatformAndTheProject(String path, String location) {
        var answer = mirror.get(path);
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(field(answer, "Location")).isEqualTo(location);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/wheel",
                "/wheel/",
                "/wheel/debian-12-x86_64",
                "/overlay/debian-12-x86_64",
                "/overlay/%2e%2e/simple/",
                "/wheel/a%20b/simple/"
            })
    void whatIsBelowNoPlatformIsNotThere(String path) {
        assertThat(mirror.get(path).statusCode()).isIn(400, 404);
    }

    @Test
    void whatIsKeptIsServedWithoutUpstreamAndWithoutTheBucket() throws IOException {
        String page = WHEELS + "/simple/sample-native/";
        String wheel = file(page, BUILT.filename()).getString("url");
        assertThat(linked(page, wheel).statusCode()).isEqualTo(200);
        filenames(OVERLAY + "/simple/sample-native/");
        mirror.close();
        upstream.failWith(500);
        house.bucket().failWith(403);
        mirror = started("");
        assertThat(linked(page, wheel).body()).isEqualTo(BUILT.content());
        assertThat(filenames(page)).containsExactly(BUILT.filename());
        assertThat(filenames(OVERLAY + "/simple/sample-native/")).hasSize(2);
    }

    @Test
    void aWheelThatIsNotWhatTheIndexSaysIsNeverGivenOut() throws IOException {
        var other = new SampleWheel("sample-native", "2.0", List.of());
        house.with("sample-native", other.filename(), other.content(), other.metadata())
                .bucket()
                .offer("sample-native", other.filename(), "something else".getBytes(StandardCharsets.UTF_8));
        house.publish();
        String page = WHEELS + "/simple/sample-native/";
        await().until(() -> filenames(page).size() == 2);
        String link = file(page, other.filename()).getString("url");
        assertThat(linked(page, link).statusCode()).isGreaterThanOrEqualTo(500);
    }

    @Test
    void clientsHearWhatWentWrongAndNotWhereTheBucketOrAnUpstreamIs() throws IOException {
        String wheel = file(WHEELS + "/simple/sample-native/", BUILT.filename()).getString("url");
        house.bucket().failWith(403);
        upstream.failWith(500);
        var answers = new ArrayList<String>();
        answers.add(text(linked(WHEELS + "/simple/sample-native/", wheel)));
        answers.add(text(mirror.get("/simple/never-seen/")));
        house.bucket().close();
        upstream.close();
        answers.add(text(linked(WHEELS + "/simple/sample-native/", wheel)));
        answers.add(text(mirror.get("/simple/never-seen-either/")));
        answers.add(text(linked(WHEELS + "/simple/sample-native/", wheel + ".metadata")));
        assertThat(answers).allSatisfy(answer -> assertThat(answer).doesNotContain("127.0.0.1", "localhost", "http"));
        assertThat(answers.getFirst()).contains("upstream wheelhouse: status 403");
        assertThat(answers.get(1)).contains("upstream sample: status 500");
    }

    @Test
    void aNewIndexIsTakenUpABadOneIsNotAndOneThatIsGoneIsGone() throws IOException {
        String page = WHEELS + "/simple/sample-native/";
        String before = field(mirror.get(page, "Accept", JSON), "ETag");
        var second = new SampleWheel("sample-native", "1.1", List.of());
        house.with(second).publish();
        await().until(() -> filenames(page).size() == 2);
        assertThat(field(mirror.get(page, "Accept", JSON), "ETag")).isNotEqualTo(before);
        assertThat(filenames(OVERLAY + "/simple/sample-native/"))
                .as("upstream has no 1.1")
                .containsExactly(SOURCE.filename(), BUILT.filename());

        house.publish("{\"format\": 1, nonsense");
        String other = "ubuntu-24.04-x86_64";
        house.publish(
                other,
                WheelIndexText.of(other)
                        .with("sample-other", "sample_other-1.0-py3-none-any.whl", new byte[1], new byte[0])
                        .text());
        await("a look after the bad one")
                .until(() -> !projects("/wheel/" + other + "/simple/").isEmpty());
        assertThat(filenames(page)).hasSize(2);
        house.with(new SampleWheel("sample-other", "1.0", List.of())).publish();
        await().until(() -> projects(WHEELS + "/simple/").size() == 2);

        Files.delete(folder.resolve("wheels").resolve(SampleWheelhouse.PLATFORM).resolve("index.json"));
        await().until(() -> projects(WHEELS + "/simple/").isEmpty());
        assertThat(mirror.get(page).statusCode()).isEqualTo(404);
        assertThat(filenames(OVERLAY + "/simple/sample-native/")).containsExactly(SOURCE.filename());
    }

    @Test
    void anOverlayChangesWithTheIndexThoughThePageStaysTheSame() throws IOException {
        var source = new SampleSdist("sample-late", "1.0");
        source.offerOn(upstream);
        String page = OVERLAY + "/simple/sample-late/";
        assertThat(filenames(page)).containsExactly(source.filename());
        String before = field(mirror.get(page, "Accept", JSON), "ETag");
        var built = new SampleWheel("sample-late", "1.0", List.of());
        house.with(built).publish();
        await().until(() -> filenames(page).equals(List.of(source.filename(), built.filename())));
        assertThat(field(mirror.get(page, "Accept", JSON), "ETag")).isNotEqualTo(before);
        String rebuilt = "sample_late-1.0-1-py3-none-any.whl";
        house.with("sample-late", rebuilt, built.content(), built.metadata()).publish();
        await().until(() -> filenames(page).equals(List.of(source.filename(), built.filename(), rebuilt)));
        assertThat(upstream.asked("/simple/sample-late/")).isEqualTo(1);
    }

    @Test
    void privateAndBlockedNamesHaveNoWheels() throws IOException {
        mirror.close();
        house.with(new SampleWheel("acme-secret", "1.0", List.of()))
                .with(new SampleWheel("acme-bad", "1.0", List.of()))
                .publish();
        mirror = started("policy { private-names = [ \"acme-secret\" ], block = [ \"acme-bad\" ] }\n");
        assertThat(projects(WHEELS + "/simple/")).containsExactly("sample-native");
        assertThat(mirror.get(WHEELS + "/simple/acme-secret/").statusCode()).isEqualTo(404);
        assertThat(mirror.get(OVERLAY + "/simple/acme-secret/").statusCode()).isEqualTo(404);
        assertThat(mirror.get(WHEELS + "/simple/acme-bad/").statusCode()).isEqualTo(403);
        var secret = new SampleWheel("acme-secret", "1.0", List.of());
        assertThat(mirror.get("/packages/sha256/" + Sha256.of(secret.content()) + "/" + secret.filename())
                        .statusCode())
                .isEqualTo(404);
        assertThat(upstream.asked(path -> path.contains("acme"))).isZero();
    }

    @Test
    void aPlatformHasAPageForPeople() throws IOException {
        house.publish(WheelIndexText.of(SampleWheelhouse.PLATFORM)
                .withFile("sample-native", """
                        {"filename": "%s", "url": "sample-native/%s", "hashes": {"sha256": "%s"}, "size": 7,
                         "upload-time": "2026-02-01T00:00:00Z", "core-metadata": {"sha256": "%s"},
                         "_flotilla": {"provenance": {"sdist": {"filename": "<b>.tar.gz", "sha256": "abc"}, "builder": "smith",
                           "python": "3.11", "reproducible": true}, "log": "sample-native/x.log", "last-built": "z"}}""".formatted(
                                BUILT.filename(), BUILT.filename(), "a".repeat(64), "b".repeat(64)))
                .text()
                .replace("\"projects\"", """
                        "failed": [ {"wanted": {"python": "3.12", "sdist": {"project": "sample-odd", "filename": "odd-1.tar.gz"}},
                          "ended": "2026-02-01", "reason": "no <ffi.h>"}, 7, {"wanted": 1} ], "projects\""""));
        await().until(() -> page(WHEELS + "/").contains("smith"));
        var answer = mirror.get(WHEELS + "/", "Accept", "text/html");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(page(WHEELS + "/"))
                .contains("Wheels for debian-12-x86_64", "<a href=\"simple/sample-native/\">" + BUILT.filename())
                .contains("&lt;b&gt;.tar.gz", "sha256 abc", "2026-02-01 00:00", "the same bytes")
                .contains("odd-1.tar.gz", "no &lt;ffi.h&gt;", "/overlay/debian-12-x86_64/simple/")
                .as("the place of wheels is on loopback here")
                .doesNotContain("x.log\">log")
                .contains("wheels/debian-12-x86_64/sample-native/x.log");
        assertThat(page("/wheel/ubuntu-24.04-x86_64/")).contains("Nothing is built for this platform.");
        mirror.close();
        mirror = started("policy { private-names = [ \"sample-native\" ], block = [ \"sample-odd\" ] }\n");
        assertThat(page(WHEELS + "/")).doesNotContain("sample-native", "odd-1.tar.gz");
    }

    @Test
    void thePageForPeopleIsMadeOnceForEachStateOfItsIndex() throws IOException {
        var first = mirror.get(WHEELS + "/");
        String tag = field(first, "ETag");
        assertThat(tag).startsWith("\"");
        assertThat(field(mirror.get(WHEELS + "/"), "ETag")).isEqualTo(tag);
        var again = mirror.get(WHEELS + "/", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        house.with(new SampleWheel("sample-other", "1.0", List.of())).publish();
        await().until(() -> mirror.get(WHEELS + "/", "If-None-Match", tag).statusCode() == 200);
        assertThat(page(WHEELS + "/")).contains("sample-other");
    }

    /** A bucket whose requests the agent has to sign gives people nothing. */
    @Test
    void aLogIsALinkOnlyWhereNobodyHasToSign() throws IOException {
        Path keeper = Files.createDirectory(folder.resolve("keeper"));
        String elsewhere = "wheels { source = \"https://wheels.example.org/wheels/\", path = \""
                + folder.resolve("wheels") + "\", look = 100 ms }\n";
        mirror.close();
        mirror = RunningMirror.start(upstream, folder.resolve("open"), clock, elsewhere);
        await().until(() -> page(WHEELS + "/").contains(BUILT.filename()));
        assertThat(page(WHEELS + "/"))
                .contains("href=\"https://wheels.example.org/wheels/debian-12-x86_64/sample-native/a.log\"");
        mirror.close();
        mirror = RunningMirror.kept(upstream, folder.resolve("kept"), clock, keeper, elsewhere);
        await().until(() -> page(WHEELS + "/").contains(BUILT.filename()));
        assertThat(page(WHEELS + "/"))
                .contains("wheels/debian-12-x86_64/sample-native/a.log in the bucket")
                .doesNotContain("wheels.example.org");
    }

    private String page(String path) {
        return new String(mirror.get(path).body(), StandardCharsets.UTF_8);
    }

    @Test
    void withoutAWheelhouseTheRoutesAreThereAndEmpty() {
        mirror.close();
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, "");
        assertThat(projects(WHEELS + "/simple/")).isEmpty();
        assertThat(filenames(OVERLAY + "/simple/sample-native/")).containsExactly(SOURCE.filename());
    }
}
