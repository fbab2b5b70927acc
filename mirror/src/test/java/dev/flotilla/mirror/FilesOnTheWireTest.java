package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static dev.flotilla.mirror.RunningMirror.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilesOnTheWireTest {
    private static final String FILENAME = "sample_one-1.0-py3-none-any.whl";
    private static final int LENGTH = 300_000;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[LENGTH];
    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private String path = "";
    private String etag = "";

    @BeforeEach
    void start() throws IOException {
        RandomGeneratorFactory.of("L64X128MixRandom").create(1).nextBytes(content);
        var digest = Sha256.of(content);
        path = "/packages/sha256/" + digest + "/" + FILENAME;
        etag = "\"" + digest + "\"";
        upstream = SampleUpstream.json().offer("sample-one", FILENAME, content);
        mirror = RunningMirror.start(
                upstream, folder.resolve("store"), clock, "outbound { page-deadline = 25 s, retries = 0 }");
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    /** Asks until the file comes from the store and no more from a download that is just ending. */
    private HttpResponse<byte[]> stored(String... headers) {
        await().until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
        return mirror.get(path, headers);
    }

    @Test
    void aColdFileIsFetchedOnceAndIsByteForByteUpstreams() {
        var cold = mirror.get(path);
        assertThat(cold.body()).isEqualTo(content);
        assertThat(field(cold, "X-Cache")).isEqualTo("miss");
        assertThat(field(cold, "ETag")).as("not verified yet when it is sent").isNotEqualTo(etag);
        var warm = stored();
        assertThat(warm.body()).isEqualTo(content);
        assertThat(field(warm, "ETag")).isEqualTo(etag);
        assertThat(field(warm, "X-Cache")).isEqualTo("hit");
        assertThat(field(warm, "Cache-Control")).isEqualTo("max-age=365000000, immutable");
        assertThat(field(warm, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(field(warm, "Content-Encoding")).isEmpty();
        assertThat(field(warm, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(upstream.asked("/files/" + FILENAME)).isEqualTo(1);
    }

    @Test
    void aHeadThatIsGivenOutAgainHasTheDateOfItsAnswer() {
        var first = stored();
        for (int again = 0; again < 3; again++) {
            var same = mirror.get(path);
            assertThat(same.headers().map()).isEqualTo(first.headers().map());
            assertThat(same.body()).isEqualTo(content);
        }
        var part = mirror.get(path, "Range", "bytes=1-2");
        assertThat(field(part, "Content-Length")).isEqualTo("2");
        clock.advance(Duration.ofSeconds(1));
        assertThat(field(mirror.get(path), "Date")).isNotEqualTo(field(first, "Date"));
    }

    @Test
    void aFileIsNeverCodedWhateverTheClientAccepts() {
        var answer = stored("Accept-Encoding", "gzip, zstd, br");
        assertThat(field(answer, "Content-Encoding")).isEmpty();
        assertThat(answer.body()).isEqualTo(content);
    }

    /** What is blocked or in quarantine under its own name could be had under any other. */
    @Test
    void aStoredFileIsThereUnderItsOwnNameAlone() {
        assertThat(stored().statusCode()).isEqualTo(200);
        upstream.offer("sample-two", "sample_two-1.0-py3-none-any.whl", new byte[] {2});
        for (String other : List.of("sampl_one-1.0-py3-none-any.whl", "sample_two-1.0-py3-none-any.whl")) {
            assertThat(mirror.get(path.replace(FILENAME, other)).statusCode())
                    .as(other)
                    .isEqualTo(404);
        }
    }

    @Test
    void coreMetadataComesThroughAMirrorOfThisMirrorAndStaysThere() throws IOException {
        var wheel = new SampleWheel("sample-three", "1.0", List.of("sample-one"));
        wheel.offerOn(upstream);
        String metadata = "/packages/sha256/" + Sha256.of(wheel.content()) + "/" + wheel.filename() + ".metadata";
        try (var second = mirror.mirrored("second", folder.resolve("second"), new MovableClock())) {
            var answer = second.get(metadata);
            assertThat(text(answer)).contains("Name: sample-three", "Requires-Dist: sample-one");
            await().until(() -> field(second.head(metadata), "X-Cache").equals("hit"));
            assertThat(field(second.get(metadata), "ETag"))
                    .isEqualTo("\"" + Sha256.of(answer.body()) + "\"")
                    .isEqualTo(field(mirror.get(metadata), "ETag"));
            assertThat(upstream.asked("/files/" + wheel.filename())).isEqualTo(1);
            mirror.close();
            assertThat(second.get(metadata).body()).isEqualTo(answer.body());
        }
    }

    @Test
    void fiftyClientsOfAColdFileCauseOneFetch() {
        var answers = IntStream.range(0, 50)
                .mapToObj(i -> mirror.begin("GET", mirror.url(path)))
                .toList();
        assertThat(answers.stream().map(CompletableFuture::join)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(content);
        });
        assertThat(upstream.asked("/files/" + FILENAME)).isEqualTo(1);
        assertThat(upstream.asked("/simple/sample-one/")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-99, 0, 100",
        "bytes=100-, 100, 299900",
        "bytes=-16384, 283616, 16384",
        "bytes=-999999999, 0, 300000",
        "bytes=299999-300005, 299999, 1",
        "bytes=5-99999999999999999999, 5, 299995"
    })
    void aRangeIsThatPartOfTheFile(String range, int offset, int length) {
        var part = stored("Range", range);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(field(part, "Content-Range"))
                .isEqualTo("bytes " + offset + "-" + (offset + length - 1) + "/" + LENGTH);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
        assertThat(field(part, "ETag")).isEqualTo(etag);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=0-1,5-9",
                "bytes=9-5",
                "bytes=-",
                "bytes=x-y",
                "lines=1-2",
                "bytes=1",
                "nonsense",
                "bytes=--5"
            })
    void whatIsNoSingleRangeIsAnsweredWithTheWholeFile(String range) {
        var whole = stored("Range", range);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=300000-", "bytes=300000-300001", "bytes=-0"})
    void aRangeBehindTheEndIsRefusedWithTheLength(String range) {
        var refusal = stored("Range", range);
        assertThat(refusal.statusCode()).isEqualTo(416);
        assertThat(field(refusal, "Content-Range")).isEqualTo("bytes */" + LENGTH);
    }

    @Test
    void aRangeOfAnotherFileThanIfRangeNamesIsTheWholeFile() {
        assertThat(stored("Range", "bytes=0-9", "If-Range", etag).statusCode()).isEqualTo(206);
        assertThat(stored("Range", "bytes=0-9", "If-Range", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(stored("Range", "bytes=0-9", "If-Range", "W/" + etag).statusCode())
                .isEqualTo(200);
        assertThat(stored("Range", "bytes=0-9", "If-Range", "Sun, 01 Mar 2026 12:00:00 GMT")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aKnownFileIsAnsweredWith304() {
        var known = stored("If-None-Match", etag);
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(field(known, "ETag")).isEqualTo(etag);
        assertThat(known.body()).isEmpty();
    }

    @Test
    void whoMeansAnotherFileIsToldSo() {
        assertThat(stored("If-Match", "\"x\", " + etag).statusCode()).isEqualTo(200);
        assertThat(stored("If-Match", "*").statusCode()).isEqualTo(200);
        assertThat(stored("If-Match", "\"x\"").statusCode()).isEqualTo(412);
        var weak = stored("If-Match", "W/" + etag);
        assertThat(weak.statusCode()).isEqualTo(412);
        assertThat(field(weak, "ETag")).isEmpty();
        assertThat(stored("If-Match", "\"x\"", "If-None-Match", etag).statusCode())
                .as("If-Match is looked at first")
                .isEqualTo(412);
    }

    /** Files have no date of modification: RFC 9110 has fields with dates passed over then. */
    @Test
    void datesSayNothingAboutAFile() {
        var answer = stored("If-Modified-Since", "Sun, 01 Mar 2099 12:00:00 GMT");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "Last-Modified")).isEmpty();
        assertThat(stored("If-Unmodified-Since", "Sun, 01 Mar 1998 12:00:00 GMT")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void severalRangeFieldsAreSeveralRanges() {
        var answer = stored("Range", "bytes=0-1", "Range", "bytes=5-6");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(content);
    }

    @Test
    void headTellsLengthAndRangesEvenOfAColdFile() {
        var cold = mirror.head(path);
        assertThat(cold.statusCode()).isEqualTo(200);
        assertThat(field(cold, "Content-Length")).isEqualTo(Integer.toString(LENGTH));
        assertThat(field(cold, "Accept-Ranges")).isEqualTo("bytes");
        stored();
        var warm = mirror.head(path, "Range", "bytes=0-9");
        assertThat(warm.statusCode()).isEqualTo(200);
        assertThat(field(warm, "Content-Length")).isEqualTo(Integer.toString(LENGTH));
    }

    @Test
    void aStoredFileOutlivesUpstreamAndARestart() {
        stored();
        upstream.close();
        mirror.close();
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "");
        assertThat(mirror.get(path).body()).isEqualTo(content);
    }

    /** The one stored file of this size, behind the store's back. */
    private Path blob() throws IOException {
        try (var files = Files.walk(folder.resolve("store"))) {
            return files.filter(file -> file.toString().contains(etag.substring(3, 65)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aFileThatVanishedFromTheDiskIsFetchedAgainForThatVeryRequest() throws IOException {
        stored();
        Files.delete(blob());
        var again = mirror.get(path, "Range", "bytes=0-9");
        assertThat(again.statusCode()).isEqualTo(206);
        assertThat(field(again, "Content-Range")).isEqualTo("bytes 0-9/" + LENGTH);
        assertThat(again.body()).isEqualTo(Arrays.copyOf(content, 10));
        assertThat(stored().body()).isEqualTo(content);
        assertThat(upstream.asked("/files/" + FILENAME)).isEqualTo(2);
    }

    @Test
    void aFileThatBecameShorterOnDiskCutsTheConnectionAndIsFetchedAgain() throws IOException {
        stored();
        try (var channel = FileChannel.open(blob(), StandardOpenOption.WRITE)) {
            channel.truncate(1_000);
        }
        assertThat(mirror.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .as("the client is not left waiting for the rest")
                .endsWith("<closed>");
        await().untilAsserted(() -> assertThat(stored().body()).isEqualTo(content));
        assertThat(upstream.asked("/files/" + FILENAME)).isEqualTo(2);
    }

    /** The bytes on disk are others by then, so that it shows where an answer comes from. */
    @Test
    void aSmallFileThatIsAskedForAgainAndAgainIsGivenOutFromMemoryWholeAndInParts() throws IOException {
        byte[] small = Arrays.copyOf(content, 73_000);
        String name = "sample_four-1.0-py3-none-any.whl";
        upstream.offer("sample-four", name, small);
        path = "/packages/sha256/" + Sha256.of(small) + "/" + name;
        etag = "\"" + Sha256.of(small) + "\"";
        stored();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            mirror.get(path);
            return text(mirror.send("GET", mirror.operations("/metrics"))).contains("flotilla_mirror_hot_files 1.0");
        });
        Files.write(blob(), new byte[small.length]);
        var whole = mirror.get(path);
        assertThat(whole.body()).isEqualTo(small);
        assertThat(field(whole, "ETag")).isEqualTo(etag);
        assertThat(field(whole, "Content-Length")).isEqualTo("73000");
        assertThat(field(whole, "X-Cache")).isEqualTo("hit");
        var part = mirror.get(path, "Range", "bytes=72990-");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(field(part, "Content-Range")).isEqualTo("bytes 72990-72999/73000");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(small, 72_990, 73_000));
        assertThat(mirror.head(path).body()).isEmpty();
        assertThat(mirror.get(path, "If-None-Match", etag).statusCode()).isEqualTo(304);
    }

    @Test
    void aFileThatNoPageNamesDoesNotExistAndAnUnreachableUpstreamIsNoAbsence() {
        String other = "/packages/sha256/" + Sha256.of(new byte[] {1}) + "/" + FILENAME;
        assertThat(mirror.get(other).statusCode()).isEqualTo(404);
        upstream.failWith(500);
        String unknown = "/packages/sha256/" + Sha256.of(new byte[] {2}) + "/never_seen-1.0-py3-none-any.whl";
        assertThat(mirror.get(unknown).statusCode()).isEqualTo(502);
        assertThat(mirror.get(path).statusCode()).isEqualTo(502);
        assertThat(mirror.get(path + ".metadata").statusCode()).isIn(404, 502, 503);
    }

    @Test
    void aClientThatLeavesInTheMiddleHarmsNobody() throws IOException {
        stored();
        for (int i = 0; i < 20; i++) {
            assertThat(mirror.raw(
                            "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes=0-9\r\n\r\n"))
                    .startsWith("HTTP/1.1 206");
        }
        assertThat(mirror.get(path).body()).isEqualTo(content);
    }
}
