package dev.flotilla.mirror;

import static dev.flotilla.mirror.RunningMirror.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.flotilla.testing.TestAuthority;
import dev.flotilla.vocabulary.Sha256;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client may do to a mirror, and what all of them together may: others are served meanwhile. */
class ConnectionLimitsTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int WINDOW_UPDATE = 8;
    private static final byte[] PING = RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);
    private static final int LENGTH = 3 << 20;
    private static final String FILENAME = "sample_one-1.0-py3-none-any.whl";

    /** What is held stays held, on a machine that stands still for a while, too. */
    private static final String PATIENT =
            "outbound { page-deadline = 60 s, idle-time-out = 60 s }\nmisses { patience = 1 h";

    @TempDir
    private static Path keys;

    private static SSLContext believing;

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private SampleUpstream upstream;
    private RunningMirror mirror;
    private String tls = "";

    @BeforeAll
    static void makeKeys() throws Exception {
        var authority = TestAuthority.in(keys, "authority");
        believing = authority.client();
        authority.writeServer(keys.resolve("mirror.pem"), keys.resolve("mirror.key"));
    }

    @BeforeEach
    void start() throws Exception {
        upstream = SampleUpstream.json().offer("sample-one", FILENAME, new byte[LENGTH]);
        clock.advance(Duration.between(clock.instant(), Instant.now()).plus(Duration.ofMinutes(5)));
        tls = """
                tls { host = 127.0.0.1, port = 0, certificate = "%s", key = "%s" }
                """.formatted(keys.resolve("mirror.pem"), keys.resolve("mirror.key"));
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, tls);
    }

    @AfterEach
    void stop() {
        mirror.close();
        upstream.close();
    }

    private void restart(String http) {
        mirror.close();
        mirror = RunningMirror.start(upstream, folder.resolve("store"), clock, tls + "http { " + http + " }\n");
    }

    private int encryptedPort() {
        return mirror.encrypted("/").getPort();
    }

    private RawHttp2 http2() throws IOException {
        return RawHttp2.connect(believing, encryptedPort(), new byte[0]);
    }

    private void othersAreServed() {
        var answer = mirror.get("/simple/sample-one/");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    /** A connection on which {@code request} was sent. */
    private Socket asking(String request) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port());
        socket.setSoTimeout((int) LONG.toMillis());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void aHeadThatTricklesIsGivenUpThoughSomethingMovesAllTheTime() throws IOException {
        restart("head-time-out = 1s");
        try (var socket = asking("GET / HTTP/1.1\r\nHost: x\r\n");
                var sender = Executors.newSingleThreadScheduledExecutor()) {
            var sending = sender.scheduleAtFixedRate(
                    () -> {
                        try {
                            socket.getOutputStream().write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
                        } catch (IOException closed) {
                            throw new IllegalStateException(closed);
                        }
                    },
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            assertThat(RawAnswer.of(socket)).doesNotContain("200");
            sending.cancel(false);
        }
        othersAreServed();
    }

    @Test
    void theHeadOfANextRequestThatWaitsForALongAnswerIsNotToBlame() throws Exception {
        restart("head-time-out = 1s }\n" + PATIENT);
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        try (var socket = asking(get("/simple/long/"));
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            await().atMost(LONG).until(() -> upstream.asked("/simple/long/") == 1);
            // By itself: what comes together with a whole head isn't a new one yet.
            socket.getOutputStream().write("GET /pip.conf HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
            var later = clock.schedule(gate::countDown, 3, TimeUnit.SECONDS);
            assertThat(answered(socket)).startsWith("HTTP/1.1 404");
            assertThat(later.isDone()).isTrue();
        } finally {
            gate.countDown();
        }
    }

    /** Connections whose requests wait for upstream until {@code gate} opens. */
    private List<Socket> answering(int count, CountDownLatch gate) throws IOException {
        upstream.holdUntil(gate);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String path = "/simple/held-" + i + "/";
            sockets.add(asking(get(path)));
            await().atMost(LONG).until(() -> upstream.asked(path) == 1);
        }
        return sockets;
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
    }

    @Test
    void healthChecksAreAnsweredWhileThereAreAsManyConnectionsAsMayBe() throws Exception {
        restart("connections = 3, spare-connections = 2 }\n" + PATIENT);
        var gate = new CountDownLatch(1);
        List<Socket> open = answering(3, gate);
        try {
            for (int i = 0; i < 6; i++) {
                open.add(asking(""));
            }
            await("of those that do nothing the oldest leave").atMost(LONG).until(() -> connections() == 5);
            try (var check = asking(get("/readyz"))) {
                assertThat(RawAnswer.of(check)).startsWith("HTTP/1.1 200");
            }
            try (var client = asking(get("/simple/sample-one/"))) {
                assertThat(RawAnswer.of(client))
                        .startsWith("HTTP/1.1 503")
                        .containsPattern("(?i)retry-after: [4-8]\r\n")
                        .contains("as many connections");
            }
            try (var check = http2()) {
                ask(check, 1, "/readyz");
                assertThat(check.next(RawHttp2.HEADERS, 1).status()).isEqualTo(200);
            }
            assertThat(mirror.send("GET", mirror.operations("/livez")).statusCode())
                    .isEqualTo(200);
        } finally {
            gate.countDown();
            close(open);
        }
        await().atMost(LONG).until(() -> connections() == 0);
        othersAreServed();
    }

    private static void ask(RawHttp2 client, int stream, String path) throws IOException {
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, RawHttp2.head("GET", path));
    }

    /** Reads an answer of HTTP/1.1 on a connection that goes on, and how it begins. */
    private static String answered(Socket socket) throws IOException {
        var input = socket.getInputStream();
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = input.read();
            if (read < 0) {
                throw new AssertionError("the connection has ended after " + head);
            }
            head.append((char) read);
        }
        var length = Pattern.compile("(?i)content-length: ([0-9]+)").matcher(head);
        assertThat(length.find()).isTrue();
        input.skipNBytes(Long.parseLong(length.group(1)));
        return head.toString();
    }

    @Test
    void aNewClientGetsThePlaceOfTheConnectionThatHasBeenIdleLongest() throws Exception {
        othersAreServed();
        restart("connections = 4, spare-connections = 2 }\n" + PATIENT);
        var gate = new CountDownLatch(1);
        List<Socket> open = answering(1, gate);
        try (var multiplexed = http2()) {
            ask(multiplexed, 1, "/pip.conf");
            assertThat(multiplexed.next(RawHttp2.HEADERS, 1).status()).isEqualTo(200);
            await().atMost(LONG).until(() -> connections() == 2);
            for (int i = 0; i < 2; i++) {
                var idle = asking(get("/pip.conf"));
                open.add(idle);
                assertThat(answered(idle)).startsWith("HTTP/1.1 200");
            }
            var first = asking(get("/pip.conf"));
            open.add(first);
            assertThat(answered(first)).startsWith("HTTP/1.1 200");
            assertThat(multiplexed.endsWith(0)).as("a goodbye in HTTP/2").isTrue();
            open.get(1).getOutputStream().write(get("/pip.conf").getBytes(StandardCharsets.US_ASCII));
            assertThat(answered(open.get(1))).as("used again").startsWith("HTTP/1.1 200");
            var second = asking(get("/simple/sample-one/"));
            open.add(second);
            assertThat(answered(second)).startsWith("HTTP/1.1 200");
            assertThat(RawAnswer.of(open.get(2))).as("idle longest by now").isEmpty();
            open.get(1).getOutputStream().write(get("/pip.conf").getBytes(StandardCharsets.US_ASCII));
            assertThat(answered(open.get(1))).startsWith("HTTP/1.1 200");
            gate.countDown();
            assertThat(answered(open.getFirst()))
                    .as("an answer that is under way")
                    .startsWith("HTTP/1.1 404");
        } finally {
            gate.countDown();
            close(open);
        }
    }

    @Test
    void aConnectionThatCameTooManyIsOneLikeAnyOtherWhenThereIsRoomAgain() throws Exception {
        othersAreServed();
        restart("connections = 2, spare-connections = 2 }\n" + PATIENT);
        var gate = new CountDownLatch(1);
        List<Socket> open = answering(2, gate);
        try (var plain = asking("");
                var multiplexed = http2()) {
            await().atMost(LONG).until(() -> connections() == 4);
            gate.countDown();
            for (var socket : open) {
                assertThat(answered(socket)).startsWith("HTTP/1.1 404");
            }
            for (int i = 0; i < 3; i++) {
                plain.getOutputStream().write(get("/simple/sample-one/").getBytes(StandardCharsets.US_ASCII));
                assertThat(answered(plain)).startsWith("HTTP/1.1 200");
                ask(multiplexed, 2 * i + 1, "/simple/sample-one/");
                assertThat(multiplexed.next(RawHttp2.HEADERS, 2 * i + 1).status())
                        .isEqualTo(200);
            }
        } finally {
            gate.countDown();
            close(open);
        }
    }

    @Test
    void healthChecksAreAnsweredThroughoutAFloodOfNewConnections() throws Exception {
        restart("connections = 1, spare-connections = 8 }\n" + PATIENT);
        var gate = new CountDownLatch(1);
        var floods = new AtomicBoolean(true);
        var came = new AtomicInteger();
        List<Socket> open = answering(1, gate);
        try (var flood = Executors.newFixedThreadPool(2);
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            try {
                for (int i = 0; i < 2; i++) {
                    flood.execute(() -> flood(floods, came));
                }
                await().atMost(LONG).until(() -> came.get() > 200);
                var enough = clock.schedule(() -> true, 3, TimeUnit.SECONDS);
                for (int checks = 0; checks < 50 || !enough.isDone(); checks++) {
                    try (var check = new Socket()) {
                        check.setSoTimeout((int) LONG.toMillis());
                        check.bind(new InetSocketAddress("127.0.1.7", 0));
                        check.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mirror.port()));
                        check.getOutputStream().write(get("/readyz").getBytes(StandardCharsets.US_ASCII));
                        assertThat(RawAnswer.of(check)).as("check %d", checks).startsWith("HTTP/1.1 200");
                    }
                }
            } finally {
                floods.set(false);
            }
        } finally {
            gate.countDown();
            close(open);
        }
        assertThat(came).hasValueGreaterThan(1_000);
    }

    /** Connections of which none asks for anything, and each is left to the mirror for a while. */
    private void flood(AtomicBoolean goesOn, AtomicInteger came) {
        var silent = new ArrayDeque<Socket>();
        try {
            while (goesOn.get()) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), mirror.port()));
                came.incrementAndGet();
                if (silent.size() > 200) {
                    reset(silent.remove());
                }
            }
            while (!silent.isEmpty()) {
                reset(silent.remove());
            }
        } catch (IOException refused) {
            throw new IllegalStateException(refused);
        }
    }

    /** Leaves no port behind that waits. */
    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private int connections() {
        return mirror.figure("flotilla_mirror_connections ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void aConnectionEndsAfterSoManyRequestsAndNoneOfThemFails(HttpClient.Version version) throws Exception {
        restart("requests-per-connection = 3");
        try (var client =
                HttpClient.newBuilder().version(version).sslContext(believing).build()) {
            for (int i = 0; i < 10; i++) {
                var answer = client.send(
                        HttpRequest.newBuilder(mirror.encrypted("/simple/sample-one/"))
                                .timeout(LONG)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).isEqualTo(200);
            }
        }
        try (var socket = asking(get("/pip.conf").repeat(5))) {
            assertThat(RawAnswer.of(socket).split("HTTP/1.1 200", -1)).hasSize(3 + 1);
        }
        try (var socket = asking("")) {
            for (int i = 1; i <= 3; i++) {
                socket.getOutputStream().write(get("/pip.conf").getBytes(StandardCharsets.US_ASCII));
                assertThat(answered(socket).toLowerCase(Locale.ROOT).contains("connection: close"))
                        .as("said with answer %d", i)
                        .isEqualTo(i == 3);
            }
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        try (var client = http2()) {
            for (int stream = 1; stream <= 3; stream += 2) {
                ask(client, stream, "/pip.conf");
                assertThat(client.next(RawHttp2.HEADERS, stream).status()).isEqualTo(200);
            }
            client.send(RawHttp2.PING, 0, 0, new byte[8]);
            RawHttp2.Frame frame;
            do {
                frame = client.next();
                assertThat(frame.type()).as("after two of three").isNotEqualTo(RawHttp2.GOAWAY);
            } while (frame.type() != RawHttp2.PING);
            ask(client, 5, "/pip.conf");
            ask(client, 7, "/pip.conf");
            assertThat(client.next(RawHttp2.GOAWAY, 0).number(0))
                    .as("whatever is on its way is answered")
                    .isEqualTo(Integer.MAX_VALUE);
            assertThat(client.endsWith(0)).isTrue();
        }
    }

    /** Clients hear late of the first goodbye, and some take a stream for failed that is left by one that comes with the end. */
    @Test
    void theLastWordComesWhenNoStreamHasComeForAWhileAndTheEndNotWithIt() throws Exception {
        restart("requests-per-connection = 1");
        try (var client = http2();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            for (int stream = 1; stream < 11; stream += 2) {
                ask(client, stream, "/pip.conf");
                assertThat(client.next(RawHttp2.HEADERS, stream).status())
                        .as("stream %d", stream)
                        .isEqualTo(200);
                assertThat(clock.schedule(() -> true, 700, TimeUnit.MILLISECONDS)
                                .get())
                        .isTrue();
            }
            RawHttp2.Frame word;
            do {
                word = client.next(RawHttp2.GOAWAY, 0);
            } while (word.number(0) == Integer.MAX_VALUE);
            assertThat(word.number(0)).isEqualTo(9);
            long said = System.nanoTime();
            client.endsWith(0);
            assertThat(Duration.ofNanos(System.nanoTime() - said)).isGreaterThan(Duration.ofMillis(500));
        }
    }

    @Test
    void aLongAnswerMayEndAfterTheConnectionsLastRequestAsLongAsItGetsOn() throws Exception {
        String path = "/packages/sha256/" + Sha256.of(new byte[LENGTH]) + "/" + FILENAME;
        othersAreServed();
        assertThat(mirror.get(path).statusCode()).isEqualTo(200);
        await().atMost(LONG).until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
        // Longer than a machine stands still, so that nothing is idle before its time.
        restart("requests-per-connection = 1, idle-time-out = 15s, hand-over-limit = 16s");
        try (var client = http2();
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            ask(client, 1, path);
            assertThat(client.next(RawHttp2.HEADERS, 1).status()).isEqualTo(200);
            var later = clock.schedule(() -> true, 20, TimeUnit.SECONDS);
            var taking = clock.scheduleAtFixedRate(() -> client.sendAll(more(10_000)), 0, 500, TimeUnit.MILLISECONDS);
            assertThat(later.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            taking.cancel(false);
            client.sendAll(more(2 * LENGTH));
            long come = 0;
            boolean ended = false;
            boolean said = false;
            while (!ended) {
                var frame = client.next();
                said |= frame.type() == RawHttp2.GOAWAY && frame.number(4) == 0;
                if (frame.type() == RawHttp2.DATA) {
                    come += frame.payload().remaining();
                    ended = (frame.flags() & RawHttp2.END_STREAM) != 0;
                }
            }
            assertThat(come).isEqualTo(LENGTH);
            assertThat(said).isTrue();
            client.endsWith(0);
        }
    }

    /** Lets {@code bytes} more come, on the connection and on its first stream. */
    private static byte[] more(int bytes) {
        byte[] window = ByteBuffer.allocate(4).putInt(bytes).array();
        var frames = new ByteArrayOutputStream();
        frames.writeBytes(RawHttp2.frame(WINDOW_UPDATE, 0, 0, window));
        frames.writeBytes(RawHttp2.frame(WINDOW_UPDATE, 0, 1, window));
        return frames.toByteArray();
    }

    @Test
    void aClientHasNoFileOpenForEachOfItsStreams() throws Exception {
        String path = "/packages/sha256/" + Sha256.of(new byte[LENGTH]) + "/" + FILENAME;
        othersAreServed();
        assertThat(mirror.get(path).statusCode()).isEqualTo(200);
        await().atMost(LONG).until(() -> field(mirror.head(path), "X-Cache").equals("hit"));
        // Leaves 300 descriptors, most of them for connections.
        restart("connections = 1000000, descriptors-held-back = "
                + (((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                                .getMaxFileDescriptorCount()
                        - 300));
        byte[] windowOfStreams =
                ByteBuffer.allocate(6).putShort((short) 4).putInt(1000).array();
        try (var client = RawHttp2.connect(believing, encryptedPort(), windowOfStreams)) {
            int streams = 40;
            for (int i = 0; i < streams; i++) {
                ask(client, 2 * i + 1, path);
            }
            for (int heads = 0; heads < streams; ) {
                var frame = client.next();
                if (frame.type() == RawHttp2.HEADERS) {
                    assertThat(frame.status()).isEqualTo(200);
                    heads++;
                }
            }
            await("others are open while a part is read").atMost(LONG).until(() -> openFiles() <= 300 / 16);
            client.sendAll(more(2 * LENGTH));
            long come = 0;
            boolean ended = false;
            while (!ended) {
                var frame = client.next();
                if (frame.type() == RawHttp2.DATA && frame.stream() == 1) {
                    come += frame.payload().remaining();
                    ended = (frame.flags() & RawHttp2.END_STREAM) != 0;
                }
            }
            assertThat(come).as("in several parts").isBetween(LENGTH - 1000L, (long) LENGTH);
        }
    }

    /** How many files of the store are open that have the content of the sample. */
    private long openFiles() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(descriptor -> {
                        try {
                            var file = Files.readSymbolicLink(descriptor);
                            return file.startsWith(folder.toRealPath()) && Files.size(file) == LENGTH;
                        } catch (IOException closed) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void manyRequestsAtOnceOnOneConnectionAreAnsweredOneAfterTheOther() throws IOException {
        int count = 150;
        try (var socket = asking("");
                var sender = Executors.newSingleThreadExecutor()) {
            var sent = sender.submit(() -> {
                socket.getOutputStream()
                        .write((get("/pip.conf").repeat(count - 1)
                                        + "GET /pip.conf HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                return true;
            });
            assertThat(RawAnswer.of(socket).split("HTTP/1.1 200", -1)).hasSize(count + 1);
            assertThat(sent).succeedsWithin(LONG);
        }
    }

    @Test
    void anEmptyLineBehindARequestIsNoHeadThatTrickles() throws Exception {
        restart("head-time-out = 1s");
        upstream.offer("slow", "slow-1.0.tar.gz", new byte[] {1});
        var gate = new CountDownLatch(1);
        upstream.holdUntil(gate);
        try (var socket = asking("GET /simple/slow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                var clock = Executors.newSingleThreadScheduledExecutor()) {
            await().atMost(LONG).until(() -> upstream.asked("/simple/slow/") == 1);
            socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
            var later = clock.schedule(gate::countDown, 3, TimeUnit.SECONDS);
            assertThat(RawAnswer.of(socket)).contains("200");
            assertThat(later.isDone()).isTrue();
        }
    }

    @Test
    void whoOpensStreamsAndGivesThemUpAtOnceIsLeft() throws IOException {
        try (var client = http2()) {
            var flood = new ByteArrayOutputStream();
            for (int i = 0; i < 1_000; i++) {
                int stream = 2 * i + 1;
                flood.writeBytes(RawHttp2.frame(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                        stream,
                        RawHttp2.head("GET", "/simple/sample-one/")));
                flood.writeBytes(RawHttp2.frame(RawHttp2.RESET, 0, stream, new byte[] {0, 0, 0, 8}));
            }
            client.sendAll(flood.toByteArray());
            assertThat(client.endsWith(RawHttp2.ENHANCE_YOUR_CALM)).isTrue();
        }
        othersAreServed();
    }

    @Test
    void whoNeverEndsAHeadInHttp2IsLeft() throws IOException {
        // That nothing is asked on it is not why the connection ends.
        restart("idle-time-out = 10m");
        try (var client = http2()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/"));
            var flood = new ByteArrayOutputStream();
            for (int i = 0; i < 1_000; i++) {
                flood.writeBytes(RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, RawHttp2.field("x", "y")));
            }
            client.sendAll(flood.toByteArray());
            assertThat(client.endsWith(RawHttp2.ENHANCE_YOUR_CALM)).isTrue();
        }
        try (var client = http2()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/"));
            var flood = new ByteArrayOutputStream();
            byte[] large = RawHttp2.field("x", "y".repeat(8_000));
            for (int i = 0; i < 100; i++) {
                flood.writeBytes(RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, large));
            }
            client.sendAll(flood.toByteArray());
            assertThat(client.endsWith(RawHttp2.PROTOCOL_ERROR)).isTrue();
        }
        othersAreServed();
    }

    @Test
    void whoSaysMuchInHttp2AndAsksForNothingIsLeft() throws IOException {
        // Is kept, so that it can be served soon enough.
        othersAreServed();
        restart(
                "idle-time-out = 2s, hand-over-limit = 1m }, outbound { page-deadline = 1900ms }, files { open-deadline = 1900ms");
        try (var client = http2();
                var sender = Executors.newSingleThreadScheduledExecutor()) {
            var pinging = sender.scheduleAtFixedRate(
                    () -> {
                        try {
                            client.send(RawHttp2.PING, 0, 0, new byte[8]);
                        } catch (IOException closed) {
                            throw new IllegalStateException(closed);
                        }
                    },
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            client.endsWith(0);
            pinging.cancel(false);
        }
        othersAreServed();
    }

    @Test
    void anUploadInHttp2IsRefusedAndItsStreamReset() throws IOException {
        try (var client = http2()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.head("POST", "/simple/"));
            client.send(RawHttp2.DATA, 0, 1, new byte[1000]);
            client.next(RawHttp2.HEADERS, 1);
            assertThat(client.next(RawHttp2.RESET, 1).number(0))
                    .as("no error (RFC 9113, 8.1)")
                    .isZero();
            client.send(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, RawHttp2.head("GET", "/readyz"));
            assertThat(client.next(RawHttp2.HEADERS, 3).status())
                    .as("other streams go on")
                    .isEqualTo(200);
        }
    }

    /** The client lets much come and takes nothing of it, or lets nothing come; meanwhile it says that it is there. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 0})
    void whoTakesNothingInHttp2IsGivenUpThoughItSaysSomethingAllTheTime(int window) throws Exception {
        restart("write-time-out = 5s");
        String path = "/packages/sha256/" + Sha256.of(new byte[LENGTH]) + "/" + FILENAME;
        assertThat(mirror.get(path).statusCode()).isEqualTo(200);
        byte[] windowOfStreams =
                ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array();
        try (var client = RawHttp2.connect(believing, encryptedPort(), windowOfStreams);
                var sender = Executors.newSingleThreadScheduledExecutor()) {
            client.send(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0});
            for (int stream = 1; stream < 40; stream += 2) {
                client.send(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                        stream,
                        RawHttp2.head("GET", path));
            }
            client.next(RawHttp2.HEADERS, 1);
            var pinging = sender.scheduleAtFixedRate(() -> client.sendAll(PING), 0, 100, TimeUnit.MILLISECONDS);
            assertThat(mirror.get(path).body())
                    .as("others are served meanwhile")
                    .hasSize(LENGTH);
            await("that of others alone is left").atMost(LONG).until(() -> connections() == 1);
            assertThat(pinging.isCancelled()).isFalse();
        }
    }

    /** What is read in one piece is answered before anything leaves: the answers mustn't all be made meanwhile. */
    @Test
    void whoAsksForMuchAtOnceInHttp2AndTakesNothingHasLittleMadeForIt() throws Exception {
        byte[] file = new byte[500_000];
        String name = "sample_four-1.0-py3-none-any.whl";
        upstream.offer("sample-four", name, file);
        String path = "/packages/sha256/" + Sha256.of(file) + "/" + name;
        assertThat(mirror.get(path).statusCode()).isEqualTo(200);
        var requests = new ByteArrayOutputStream();
        requests.writeBytes(RawHttp2.frame(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0}));
        for (int stream = 1; stream < 200; stream += 2) {
            requests.writeBytes(RawHttp2.frame(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, stream, RawHttp2.head("GET", path)));
        }
        List<RawHttp2> open = new ArrayList<>();
        try {
            // The first ones make buffers that are used again.
            askAndTakeNothing(requests.toByteArray(), 8, open);
            long memory = PlatformDependent.usedDirectMemory();
            askAndTakeNothing(requests.toByteArray(), 24, open);
            assertThat(PlatformDependent.usedDirectMemory() - memory).isLessThan(35 << 20);
        } finally {
            for (RawHttp2 client : open) {
                client.close();
            }
        }
    }

    private void askAndTakeNothing(byte[] requests, int clients, List<RawHttp2> open) throws Exception {
        byte[] windowOfStreams =
                ByteBuffer.allocate(6).putShort((short) 4).putInt(1 << 20).array();
        for (int client = 0; client < clients; client++) {
            var asking = RawHttp2.connect(believing, encryptedPort(), windowOfStreams);
            open.add(asking);
            asking.sendAll(requests);
            assertThat(asking.next(RawHttp2.HEADERS, 1).status()).isEqualTo(200);
        }
        othersAreServed();
    }

    /** Neither descriptors nor memory stay with a mirror of handshakes that come to nothing. */
    @Test
    void handshakesThatFailLeaveNothing() throws Exception {
        fail(100);
        await().atMost(LONG).until(() -> connections() == 0);
        long descriptors = descriptors();
        long memory = PlatformDependent.usedDirectMemory();
        fail(600);
        await().atMost(LONG).until(() -> descriptors() <= descriptors + 20);
        assertThat(PlatformDependent.usedDirectMemory() - memory).isLessThan(16 << 20);
        try (var client = http2()) {
            client.send(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.head("GET", "/readyz"));
            assertThat(client.next(RawHttp2.HEADERS, 1).status()).isEqualTo(200);
        }
    }

    private void fail(int times) throws IOException {
        byte[] halfOfAHello = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};
        for (int i = 0; i < times; i++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), encryptedPort())) {
                socket.setSoTimeout((int) LONG.toMillis());
                switch (i % 3) {
                    case 0 -> {
                        socket.getOutputStream().write(get("/").getBytes(StandardCharsets.US_ASCII));
                        RawAnswer.of(socket);
                    }
                    case 1 -> socket.getOutputStream().write(halfOfAHello);
                    default -> socket.setSoLinger(true, 0);
                }
            }
        }
    }

    private static long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
