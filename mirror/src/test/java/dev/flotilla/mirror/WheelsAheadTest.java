package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wheels that are fetched before anybody asks. */
class WheelsAheadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final SampleWheel FIRST = new SampleWheel("sample-native", "1.0", List.of());
    private static final SampleWheel SECOND = new SampleWheel("sample-native", "1.1", List.of());
    private static final SampleWheel OTHER = new SampleWheel("other-native", "1.0", List.of());

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private SampleWheelhouse house;
    private @Nullable RunningMirror running;

    @BeforeEach
    void start() throws IOException {
        upstream = SampleUpstream.json();
        house = new SampleWheelhouse(folder.resolve("wheels")).with(FIRST);
    }

    private RunningMirror mirrorWith(String prefetch, String more) {
        if (running != null) {
            running.close();
        }
        var mirror = RunningMirror.start(
                upstream,
                folder.resolve("store"),
                clock,
                "outbound { retries = 0 }\n" + house.configuration() + "wheels.prefetch { again = 100 ms, " + prefetch
                        + " }\n" + more);
        running = mirror;
        return mirror;
    }

    @AfterEach
    void stop() {
        if (running != null) {
            running.close();
        }
        house.close();
        upstream.close();
    }

    private int asked(SampleWheel wheel) {
        return house.bucket().asked(path -> path.endsWith(wheel.filename()));
    }

    private String path(SampleWheel wheel) throws IOException {
        return "/packages/sha256/" + Sha256.of(wheel.content()) + "/" + wheel.filename();
    }

    private static void awaitCounts(RunningMirror mirror, String state, int count) {
        String line = "flotilla_mirror_wheels_ahead{state=\"" + state + "\"} " + count + ".0\n";
        await(line)
                .atMost(PATIENCE)
                .until(() -> text(mirror.send("GET", mirror.operations("/metrics")))
                        .replace("node=\"east-1\",", "")
                        .replace("region=\"east\",", "")
                        .contains(line));
    }

    @Test
    void pinnedWheelsAreHereBeforeAnybodyAsksAndServedWithoutTheBucket() throws IOException {
        house.with(OTHER).publish();
        var mirror = mirrorWith("projects = [ \"sample-*\" ]", "");
        awaitCounts(mirror, "here", 1);
        house.with(SECOND).publish();
        awaitCounts(mirror, "here", 2);
        house.bucket().failWith(500);
        assertThat(mirror.get(path(FIRST)).body()).isEqualTo(FIRST.content());
        assertThat(mirror.get(path(SECOND)).body()).isEqualTo(SECOND.content());
        assertThat(asked(FIRST)).isEqualTo(1);
        assertThat(asked(OTHER)).as("nobody wants it ahead of time").isZero();
        mirror = mirrorWith("projects = [ \"sample-*\" ]", "");
        awaitCounts(mirror, "here", 2);
        assertThat(asked(FIRST)).as("it is here after a start, too").isEqualTo(1);
    }

    @Test
    void whatABucketThatIsAwayDoesNotGiveComesOnceItIsThere() throws IOException {
        house.publish().bucket().failWith(500);
        var mirror = mirrorWith("projects = [ \"*\" ], platforms = [ debian-12-amd64 ]", "");
        awaitCounts(mirror, "failed", 1);
        house.bucket().failWith(0);
        awaitCounts(mirror, "here", 1);
        assertThat(mirror.get(path(FIRST)).body()).isEqualTo(FIRST.content());
    }

    @Test
    void anotherPlatformsWheelsAndWhatThePolicyWithholdsDoNotCome() throws IOException {
        house.with(OTHER).publish();
        var mirror = mirrorWith("projects = [ \"*\" ], platforms = [ debian-12-aarch64 ]", "");
        awaitCounts(mirror, "waiting", 0);
        mirror = mirrorWith("projects = [ \"*\" ]", "policy { block = [ \"other-*\" ] }");
        awaitCounts(mirror, "here", 1);
        awaitCounts(mirror, "failed", 1);
        assertThat(asked(OTHER)).isZero();
        assertThat(asked(FIRST)).as("not in vain by the first one either").isEqualTo(1);
    }

    @Test
    void nothingLeavesTheStoreForWhatNobodyHasAskedFor() throws IOException {
        byte[] used = random(7 << 20);
        byte[] large = random(2 << 20);
        upstream.offer("sample-used", "sample_used-1.0-py3-none-any.whl", used);
        String usedPath = "/packages/sha256/" + Sha256.of(used) + "/sample_used-1.0-py3-none-any.whl";
        var mirror = mirrorWith("projects = [ \"*\" ], percent = 100", "store { budget = 10 MiB }");
        assertThat(mirror.get("/simple/sample-used/").statusCode()).isEqualTo(200);
        assertThat(mirror.get(usedPath).statusCode()).isEqualTo(200);
        house.with("sample-large", "sample_large-1.0-py3-none-any.whl", large, new byte[0])
                .with("sample-large", "sample_large-1.1-py3-none-any.whl", random((2 << 20) + 1), new byte[0])
                .publish();
        awaitCounts(mirror, "no-room", 2);
        awaitCounts(mirror, "here", 1);
        upstream.failWith(500);
        assertThat(mirror.get(usedPath).body()).isEqualTo(used);
        String asked = "/packages/sha256/" + Sha256.of(large) + "/sample_large-1.0-py3-none-any.whl";
        assertThat(mirror.get(asked).body()).as("room is made for whoever asks").isEqualTo(large);
    }

    @Test
    void whatClientsWaitForGoesFirst() throws IOException {
        house.publish();
        var mirror = mirrorWith("projects = [ \"sample-native\" ]", "files { concurrent-downloads = 2 }");
        awaitCounts(mirror, "here", 1);
        var held = new CountDownLatch(1);
        house.bucket().holdUntil(held);
        CompletableFuture<HttpResponse<byte[]>> client;
        try {
            house.with(OTHER).publish();
            await().atMost(PATIENCE)
                    .until(() -> mirror.get("/wheel/debian-12-x86_64/simple/other-native/")
                                    .statusCode()
                            == 200);
            client = mirror.begin("GET", mirror.url(path(OTHER)));
            await().atMost(PATIENCE).until(() -> asked(OTHER) == 1);
            house.with(SECOND).publish();
            awaitCounts(mirror, "waiting", 1);
            awaitCounts(mirror, "here", 1);
            assertThat(asked(SECOND)).isZero();
        } finally {
            held.countDown();
        }
        awaitCounts(mirror, "here", 2);
        assertThat(client.join().body()).isEqualTo(OTHER.content());
    }

    private static byte[] random(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
