package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.upstream.ScriptedServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that was cut off and goes on never joins bytes of two attempts, and gets the rest where it may. What pip from 25.1
 * on sends to go on: {@code Range: bytes=N-} and {@code If-Range} with the tag of its first answer, whatever came since.
 */
@Timeout(60)
class NoSpliceTest {
    private static final int LENGTH = 400_000;
    private static final int SENT = 300_000;
    private static final int HAD = 150_000;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[LENGTH];
    private final CountDownLatch rest = new CountDownLatch(1);
    private final AtomicInteger attempts = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // Every test begins with start.
    private ScriptedIndex upstream;

    @SuppressWarnings("NullAway.Init")
    private RunningMirror mirror;

    @BeforeEach
    void content() {
        RandomGeneratorFactory.of("L64X128MixRandom").create(7).nextBytes(content);
    }

    @AfterEach
    void stop() throws IOException {
        rest.countDown();
        mirror.close();
        upstream.close();
    }

    private void start(boolean sized, ScriptedServer.Script file, String more) throws IOException {
        upstream = new ScriptedIndex(content, sized, file);
        restart(more);
    }

    private void restart(String more) {
        mirror =
                RunningMirror.start(upstream.index(), folder.resolve("store"), new MovableClock(), """
                outbound { page-deadline = 3s, idle-time-out = 30s, retries = 0 }
                files { attempts = 1, %s }
                """.formatted(more));
    }

    /** Sends most of the file, and what is missing once the test says so. */
    private void slowly(ScriptedServer.Request request, ScriptedServer.Reply reply)
            throws IOException, InterruptedException {
        reply.head(200, "Content-Length: " + LENGTH);
        reply.body(Arrays.copyOf(content, SENT));
        rest.await();
        reply.body(Arrays.copyOfRange(content, SENT, LENGTH));
    }

    /** The first attempt has one bit wrong at its very beginning, the others are right. */
    private void wrongAtFirst(ScriptedServer.Request request, ScriptedServer.Reply reply)
            throws IOException, InterruptedException {
        byte[] body = content.clone();
        if (attempts.getAndIncrement() == 0) {
            body[1] ^= 4;
            reply.head(200, "Content-Length: " + LENGTH);
            reply.body(Arrays.copyOf(body, SENT));
            rest.await();
            reply.body(Arrays.copyOfRange(body, SENT, LENGTH));
        } else {
            reply.whole(200, body);
        }
    }

    /** Sends a part of a body without length; an empty one ends it. */
    private static void chunk(ScriptedServer.Reply reply, byte[] part) throws IOException {
        reply.body((Integer.toHexString(part.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        reply.body(part);
        reply.body("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** All that comes for this request until the mirror closes the connection. */
    private String untilClosed(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** What a client has that was cut off. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Part(String etag, byte[] bytes) {}

    /** Asks as pip does, and leaves when it has a part; {@code then} runs in between. */
    private Part part(Runnable then) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            socket.getOutputStream()
                    .write(("GET " + upstream.path() + " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            String etag = head.toString()
                    .lines()
                    .filter(line -> line.regionMatches(true, 0, "etag:", 0, 5))
                    .findFirst()
                    .orElseThrow()
                    .substring(5)
                    .strip();
            byte[] bytes = in.readNBytes(HAD);
            then.run();
            return new Part(etag, bytes);
        }
    }

    private void stored() {
        await().until(() -> field(mirror.head(upstream.path()), "X-Cache").equals("hit"));
    }

    private String tag() {
        return "\"" + upstream.digest() + "\"";
    }

    private HttpResponse<byte[]> goOn(Part part) {
        return mirror.get(
                upstream.path(),
                "Range",
                "bytes=" + part.bytes().length + "-",
                "If-Range",
                part.etag(),
                "Accept-Encoding",
                "identity");
    }

    /** What the client has in the end, going on as pip does. */
    private static byte[] joined(Part part, HttpResponse<byte[]> answer) {
        if (answer.statusCode() == 200) {
            return answer.body();
        }
        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(field(answer, "Content-Range")).isEqualTo("bytes " + HAD + "-" + (LENGTH - 1) + "/" + LENGTH);
        byte[] joined = Arrays.copyOf(part.bytes(), LENGTH);
        System.arraycopy(answer.body(), 0, joined, part.bytes().length, answer.body().length);
        return joined;
    }

    @Test
    void whoWasCutOffGoesOnWithTheTagOfHisAttemptOnceThatHasBecomeTheFile() throws IOException {
        start(true, this::slowly, "");
        Part part = part(() -> {});
        assertThat(part.etag()).startsWith("\"attempt-");
        rest.countDown();
        stored();
        var answer = goOn(part);
        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(field(answer, "ETag")).isEqualTo(tag());
        assertThat(joined(part, answer)).isEqualTo(content);
        assertThat(upstream.asked()).isEqualTo(1);
        assertThat(mirror.get(upstream.path(), "If-None-Match", "\"x\", W/" + part.etag())
                        .statusCode())
                .isEqualTo(304);
        assertThat(mirror.get(upstream.path(), "If-Match", part.etag()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void whoHasBytesOfAnAttemptThatFailedGetsTheWholeFile() throws IOException {
        start(true, this::wrongAtFirst, "");
        Part part = part(() -> {});
        assertThat(part.bytes()).isNotEqualTo(Arrays.copyOf(content, HAD));
        rest.countDown();
        await().untilAsserted(
                        () -> assertThat(mirror.get(upstream.path()).body()).isEqualTo(content));
        stored();
        var answer = goOn(part);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(joined(part, answer)).isEqualTo(content);
        assertThat(mirror.get(upstream.path(), "If-None-Match", part.etag()).statusCode())
                .isEqualTo(200);
        assertThat(mirror.get(upstream.path(), "If-Match", part.etag()).statusCode())
                .isEqualTo(412);
    }

    @Test
    void whoGoesOnWhileTheSecondAttemptRunsGetsTheWholeFileOfThat() throws IOException {
        start(true, this::wrongAtFirst, "");
        Part part = part(rest::countDown);
        await().until(() ->
                field(mirror.head(upstream.path()), "Content-Length").equals("" + LENGTH));
        assertThat(joined(part, goOn(part))).isEqualTo(content);
    }

    @Test
    void aRangeOfAFileOnItsWayWaitsUntilItIsVerified() throws IOException {
        start(true, this::slowly, "");
        Part part = part(() -> {});
        CompletableFuture<HttpResponse<byte[]>> tail =
                mirror.begin("GET", mirror.url(upstream.path()), "Range", "bytes=-16384");
        CompletableFuture<HttpResponse<byte[]>> resumed = mirror.begin(
                "GET", mirror.url(upstream.path()), "Range", "bytes=" + HAD + "-", "If-Range", part.etag());
        CompletableFuture<HttpResponse<byte[]>> known =
                mirror.begin("GET", mirror.url(upstream.path()), "If-None-Match", tag());
        await().until(() -> mirror.followers() == 3);
        assertThat(tail).isNotDone();
        assertThat(resumed).isNotDone();
        rest.countDown();
        assertThat(tail.join().statusCode()).isEqualTo(206);
        assertThat(tail.join().body()).isEqualTo(Arrays.copyOfRange(content, LENGTH - 16384, LENGTH));
        assertThat(field(tail.join(), "ETag")).isEqualTo(tag());
        assertThat(joined(part, resumed.join())).isEqualTo(content);
        assertThat(resumed.join().statusCode()).isEqualTo(206);
        assertThat(known.join().statusCode()).isEqualTo(304);
        assertThat(upstream.asked()).isEqualTo(1);
    }

    @Test
    void aRangeOfAFileThatTakesTooLongIsTheWholeFileFromItsStart() throws IOException {
        start(true, this::slowly, "open-deadline = 400ms");
        Part part = part(() -> {});
        CompletableFuture<HttpResponse<byte[]>> resumed = mirror.begin(
                "GET", mirror.url(upstream.path()), "Range", "bytes=" + HAD + "-", "If-Range", part.etag());
        try (var ranged = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            ranged.setSoTimeout(20_000);
            ranged.getOutputStream()
                    .write(("GET " + upstream.path() + " HTTP/1.1\r\nHost: x\r\nRange: bytes=5-9\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var head = new String(ranged.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(head).as("answered before the rest comes").isEqualTo("HTTP/1.1 200");
        }
        assertThat(mirror.get(upstream.path(), "If-Match", tag()).statusCode())
                .as("whether it is that file isn't known")
                .isEqualTo(502);
        rest.countDown();
        assertThat(resumed.join().statusCode()).isEqualTo(200);
        assertThat(resumed.join().body()).isEqualTo(content);
    }

    @Test
    void aRangeOfAFileThatTurnsOutWrongFailsVisibly() throws IOException {
        start(true, this::wrongAtFirst, "");
        Part part = part(() -> {});
        CompletableFuture<HttpResponse<byte[]>> tail =
                mirror.begin("GET", mirror.url(upstream.path()), "Range", "bytes=-10");
        await().until(() -> mirror.followers() == 1);
        rest.countDown();
        assertThat(tail.join().statusCode()).isEqualTo(502);
        assertThat(joined(part, goOn(part))).isEqualTo(content);
    }

    @Test
    void anAttemptIsForgottenWithTheProcessAndBeyondTheBoundAndThenTheFileComesWhole() throws IOException {
        start(true, this::slowly, "");
        Part part = part(() -> {});
        rest.countDown();
        stored();
        mirror.close();
        restart("remembered-attempts = 0");
        var answer = goOn(part);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(joined(part, answer)).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"attempt-", "attempt-x", "\"attempt-00000000-0000-0000-0000-000000000000\"", "\"\"", "\""})
    void aTagThatNobodyGaveIsAnotherFile(String tag) throws IOException {
        start(true, (request, reply) -> reply.whole(200, content), "");
        assertThat(mirror.get(upstream.path()).body()).isEqualTo(content);
        stored();
        assertThat(mirror.get(upstream.path(), "Range", "bytes=5-", "If-Range", tag)
                        .statusCode())
                .isEqualTo(200);
        assertThat(mirror.get(upstream.path(), "If-None-Match", tag).statusCode())
                .isEqualTo(200);
        assertThat(mirror.get(upstream.path(), "If-Match", tag).statusCode()).isEqualTo(412);
    }

    @Test
    void headOfAFileOnItsWayTellsTheLengthAlsoWhereNobodyKnewIt() throws IOException {
        start(
                false,
                (request, reply) -> {
                    reply.head(200, "Transfer-Encoding: chunked");
                    chunk(reply, Arrays.copyOf(content, SENT));
                    rest.await();
                    chunk(reply, Arrays.copyOfRange(content, SENT, LENGTH));
                    chunk(reply, new byte[0]);
                },
                "");
        CompletableFuture<HttpResponse<byte[]>> head = mirror.begin("HEAD", mirror.url(upstream.path()));
        await().until(() -> mirror.followers() == 1);
        assertThat(head).isNotDone();
        rest.countDown();
        assertThat(head.join().statusCode()).isEqualTo(200);
        assertThat(field(head.join(), "Content-Length")).isEqualTo("" + LENGTH);
        assertThat(field(head.join(), "ETag")).isEqualTo(tag());
    }

    /** Such a client takes the end of the connection for the end of the file. */
    @Test
    void aClientBeforeHttp11NeverGetsABodyWithoutLength() throws IOException {
        start(
                false,
                (request, reply) -> {
                    boolean wrong = attempts.getAndIncrement() == 0;
                    reply.head(200, "Transfer-Encoding: chunked");
                    chunk(reply, Arrays.copyOf(content, SENT));
                    chunk(reply, wrong ? new byte[LENGTH - SENT] : Arrays.copyOfRange(content, SENT, LENGTH));
                    chunk(reply, new byte[0]);
                },
                "");
        String request = "GET " + upstream.path() + " HTTP/1.0\r\nHost: x\r\n\r\n";
        assertThat(untilClosed(request)).startsWith("HTTP/1.0 502");
        assertThat(untilClosed(request)).startsWith("HTTP/1.0 200").containsIgnoringCase("content-length: " + LENGTH);
    }

    @Test
    void aClientThatLeavesWhileNothingComesFreesItsPlaceAtOnce() throws IOException {
        start(true, this::slowly, "followers = 1");
        part(() -> assertThat(mirror.followers()).isEqualTo(1));
        await().until(() -> mirror.followers() == 0);
        // With one place alone, this one has it only if the first has left it.
        CompletableFuture<HttpResponse<byte[]>> second = mirror.begin("GET", mirror.url(upstream.path()));
        await().until(() -> mirror.followers() == 1);
        rest.countDown();
        assertThat(second.join().body()).isEqualTo(content);
    }
}
