package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise that an outage of upstream passes unnoticed, whatever its kind, and that a restart amid it loses nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageTest {
    private static final int PROJECTS = 200;
    private static final List<String> NAMES =
            IntStream.range(0, PROJECTS).mapToObj(i -> "project-" + i).toList();
    private static final String IMPATIENT = """
            pages { patience = 100 ms, stale-pause = 30 s }
            outbound { page-deadline = 100 ms, root-list-deadline = 100 ms, retries = 0 }
            """;

    private Path folder = Path.of("");
    private Map<String, String> tags = Map.of();

    /** Every project is had once while upstream is well. */
    @BeforeAll
    void warm(@TempDir Path shared) throws IOException {
        folder = shared;
        try (var upstream = SampleUpstream.json();
                var mirror = RunningMirror.start(upstream, folder.resolve("warm"), new MovableClock(), "")) {
            for (String name : NAMES) {
                upstream.offer(name, filename(name), name.getBytes(StandardCharsets.UTF_8));
            }
            tags = pages(mirror).entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> field(entry.getValue(), "ETag")));
            assertThat(mirror.get("/simple/").statusCode()).isEqualTo(200);
        }
        assertThat(tags).hasSize(PROJECTS).doesNotContainValue("");
    }

    private static String filename(String project) {
        return project.replace('-', '_') + "-1.0-py3-none-any.whl";
    }

    private static Map<String, HttpResponse<byte[]>> pages(RunningMirror mirror) {
        var asked = NAMES.stream()
                .collect(Collectors.toMap(
                        name -> name,
                        name -> mirror.begin("GET", mirror.url("/simple/" + name + "/"), "Accept", JSON)));
        return asked.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().join()));
    }

    /** A store of its own, as the warm mirror left it. */
    private Path copyOfTheWarmStore(String name) throws IOException {
        Path warm = folder.resolve("warm");
        Path copy = folder.resolve(name);
        try (var files = Files.walk(warm)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(warm.relativize(file).toString()));
            }
        }
        return copy;
    }

    @ParameterizedTest
    @EnumSource(Outage.class)
    void everyWarmPageIsServedInAnOutageOfAnyKindAlsoAfterARestart(Outage outage) throws Exception {
        Path store = copyOfTheWarmStore(outage.name());
        var clock = new MovableClock();
        try (var upstream = outage.begin(folder.resolve(outage.name()))) {
            for (Duration since : List.of(Duration.ofMinutes(30), Duration.ofDays(20))) {
                try (var mirror = RunningMirror.start(upstream.index(), store, clock, IMPATIENT)) {
                    clock.advance(since);
                    everyPageIsServedStale(mirror, clock);
                    var list = mirror.get("/simple/", "Accept", JSON);
                    assertThat(field(list, "X-Cache")).isEqualTo("stale");
                    assertThat(text(list)).contains("\"project-0\"", "\"project-199\"");
                    assertThat(mirror.get("/simple/never-seen/").statusCode()).isIn(502, 503);
                }
            }
        }
    }

    private void everyPageIsServedStale(RunningMirror mirror, MovableClock clock) {
        String age = Long.toString(
                Duration.between(new MovableClock().instant(), clock.instant()).toSeconds());
        pages(mirror).forEach((name, answer) -> {
            assertThat(answer.statusCode()).as(name).isEqualTo(200);
            assertThat(field(answer, "X-Cache")).as(name).isEqualTo("stale");
            assertThat(field(answer, "X-Flotilla-Age")).as(name).isEqualTo(age);
            assertThat(field(answer, "Cache-Control")).as(name).isEqualTo("max-age=0");
            assertThat(field(answer, "ETag")).as(name).isEqualTo(tags.get(name));
            assertThat(text(answer)).as(name).contains(filename(name));
        });
        var metrics = mirror.send("GET", mirror.operations("/metrics"));
        assertThat(text(metrics)).contains("{cache=\"stale\",route=\"page\",status=\"200\"}");
    }

    @Test
    void afterTheOutageEveryPageIsFreshAgain() throws IOException {
        Path store = copyOfTheWarmStore("recovered");
        var clock = new MovableClock();
        clock.advance(Duration.ofHours(5));
        try (var upstream = SampleUpstream.json()) {
            NAMES.forEach(name -> upstream.offer(name, filename(name), name.getBytes(StandardCharsets.UTF_8)));
            upstream.failWith(503);
            try (var mirror = RunningMirror.start(upstream, store, clock, "pages { patience = 20 s }")) {
                everyPageIsServedStale(mirror, clock);
                // Who fails behind a stale answer remembers that by the clock, which jumps next.
                await().until(() -> mirror.figures().waiting() == 0);
                upstream.failWith(0);
                clock.advance(Duration.ofSeconds(31));
                await().untilAsserted(() -> assertThat(pages(mirror)).allSatisfy((name, answer) -> {
                    assertThat(field(answer, "X-Cache")).isIn("revalidated", "miss", "hit", "coalesced");
                    assertThat(field(answer, "Cache-Control")).isEqualTo("max-age=600");
                }));
            }
        }
    }
}
