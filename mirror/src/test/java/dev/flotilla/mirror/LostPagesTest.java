package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.JSON;
import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages that the disk has lost while upstream is dead, and pages that are on their way when the mirror stops. */
class LostPagesTest {
    private static final String HTML = "text/html";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();

    private static SampleUpstream upstream() throws IOException {
        return SampleUpstream.json()
                .offer("sample-one", "sample_one-1.0-py3-none-any.whl", new byte[] {1})
                .offer("sample-two", "sample_two-1.0-py3-none-any.whl", new byte[] {2});
    }

    @Test
    void aRootListThatTheDiskHasLostIsServedInEveryFormOfWhatIsInMemory() throws IOException {
        try (var upstream = upstream();
                var mirror = RunningMirror.start(
                        upstream,
                        folder,
                        clock,
                        "outbound { page-deadline = 1 s, root-list-deadline = 1 s, retries = 0 }")) {
            assertThat(mirror.get("/simple/", "Accept", JSON, "Accept-Encoding", "zstd")
                            .statusCode())
                    .isEqualTo(200);
            var whole = mirror.get("/simple/", "Accept", HTML);
            // Only the compressed form is left in memory once another mirror has been started on what is on disk.
            try (var restarted = RunningMirror.start(upstream, folder, clock, "outbound { retries = 0 }")) {
                assertThat(restarted
                                .get("/simple/", "Accept", JSON, "Accept-Encoding", "zstd")
                                .statusCode())
                        .isEqualTo(200);
                Files.delete(folder.resolve("pages").resolve("root-list"));
                upstream.failWith(503);
                clock.advance(Duration.ofHours(3));
                for (String coding : List.of("identity", "gzip", "zstd")) {
                    var json = restarted.get("/simple/", "Accept", JSON, "Accept-Encoding", coding);
                    assertThat(json.statusCode()).as(coding).isEqualTo(200);
                    assertThat(field(json, "X-Cache")).as(coding).isEqualTo("stale");
                    assertThat(field(json, "X-Flotilla-Age")).as(coding).isEqualTo("10800");
                }
                var html = restarted.get("/simple/", "Accept", HTML);
                assertThat(text(html)).isEqualTo(text(whole)).contains("sample-one", "sample-two");
                assertThat(field(html, "ETag")).isEqualTo(field(whole, "ETag"));
            }
        }
    }

    @Test
    void aMirrorThatStopsWhilePagesAreOnTheirWayStopsWithoutAWord() throws Exception {
        for (int round = 0; round < 5; round++) {
            var gate = new CountDownLatch(1);
            try (var upstream = upstream()) {
                var mirror = RunningMirror.start(upstream, folder.resolve("store-" + round), clock, "");
                mirror.get("/simple/sample-one/");
                mirror.get("/simple/sample-two/");
                upstream.holdUntil(gate);
                clock.advance(Duration.ofMinutes(20));
                for (String name : List.of("sample-one", "sample-two")) {
                    assertThat(field(mirror.get("/simple/" + name + "/"), "X-Cache"))
                            .isEqualTo("stale");
                    await().until(() -> upstream.asked("/simple/" + name + "/") == 2);
                }
                try (var logged = Logged.byAll()) {
                    var release = Thread.ofVirtual().start(gate::countDown);
                    mirror.close();
                    release.join();
                    assertThat(logged.warnings()).isEmpty();
                }
            }
        }
    }
}
