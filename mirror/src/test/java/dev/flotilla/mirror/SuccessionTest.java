package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.Mirror.Succession;
import dev.flotilla.mirror.Mirror.Succession.Way;
import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Predecessors;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One mirror takes the place of another. What clients notice of it, in {@code ReplacedMirrorIT}. */
class SuccessionTest {
    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private final CountDownLatch dismissed = new CountDownLatch(1);
    private SampleUpstream upstream;
    private Mirror old;

    @BeforeEach
    void start() throws Exception {
        upstream = SampleUpstream.json().offer("sample-one", "sample_one-1.0.tar.gz", new byte[] {1});
        old = mirror("store", 0, "old", new Succession(Way.ALONE, () -> {}, dismissed::countDown));
    }

    @AfterEach
    void stop() {
        old.close();
        upstream.close();
    }

    private Mirror mirror(String store, int port, String node, Succession succession) throws Mirror.StartException {
        String more = "node = " + node + ", listen.port = " + port + ", http.idle-time-out = 20s";
        return Mirror.start(
                RunningMirror.configuration(upstream.index(), folder.resolve(store), more),
                clock,
                "test",
                succession,
                Keeper.NONE);
    }

    private static Succession by(Way way) {
        return new Succession(way, () -> {}, () -> {});
    }

    /** A client that keeps its connection. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader answers;

        Client(Mirror mirror) throws IOException {
            socket = new Socket(
                    InetAddress.getLoopbackAddress(), mirror.clients().port());
            socket.setSoTimeout(20_000);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        Client ask() throws IOException {
            socket.getOutputStream()
                    .write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        /** Header fields and body of the next answer. */
        String answer() throws IOException {
            var head = new StringBuilder();
            int length = 0;
            for (String line = answers.readLine(); line != null && !line.isEmpty(); line = answers.readLine()) {
                head.append(line).append('\n');
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
                    length = Integer.parseInt(line.substring("content-length: ".length()));
                }
            }
            var body = new char[length];
            for (int read = 0; read < length; read++) {
                body[read] = (char) answers.read();
            }
            return head + new String(body);
        }

        boolean isAtItsEnd() throws IOException {
            return answers.read() < 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String asked(Mirror mirror) throws IOException {
        try (var client = new Client(mirror)) {
            return client.ask().answer();
        }
    }

    private static boolean bidsFarewell(String answer) {
        assertThat(answer).contains("ready east old");
        return answer.toLowerCase(Locale.ROOT).contains("\nconnection: close\n");
    }

    @Test
    void aMirrorInAnothersPlaceIsRefused() {
        for (Way way : new Way[] {Way.ALONE, Way.TAKE_OVER, Way.ON_TRIAL}) {
            String store = way == Way.ALONE ? "store" : "another";
            assertThatExceptionOfType(Mirror.StartException.class)
                    .isThrownBy(() -> mirror(store, old.clients().port(), "stranger", by(way))
                            .close())
                    .withMessageContaining("is in use")
                    .matches(Mirror.StartException::isPlaceTaken);
        }
        assertThat(old.isHandedOver()).isFalse();
    }

    @Test
    void whoTakesOverAcceptsAndTheOneBeforeEndsWithItsConnections() throws Exception {
        try (var early = new Client(old);
                var idle = new Client(old)) {
            assertThat(early.ask().answer())
                    .contains("ready east old")
                    .doesNotContainIgnoringCase("\nconnection: close\n");
            idle.ask().answer();
            try (var next = mirror("store", 0, "new", by(Way.TAKE_OVER))) {
                assertThat(next.clients()).isEqualTo(old.clients());
                assertThat(next.operations()).isEqualTo(old.operations());
                dismissed.await();
                var end = CompletableFuture.runAsync(old::end);
                assertThat(asked(next)).contains("ready east new");
                // The connection is the old one's, which answers, and bids farewell; never does it hang up on who is
                // idle.
                await().until(() -> bidsFarewell(early.ask().answer()));
                assertThat(early.isAtItsEnd()).isTrue();
                assertThat(end).isNotDone();
                assertThat(idle.ask().answer()).contains("ready east old");
                end.join();
                assertThat(asked(next)).contains("ready east new");
            }
        }
    }

    @Test
    void onTrialTheOneBeforeServesAgainWhenTheNewOneEnds() throws Exception {
        for (int trial = 0; trial < 3; trial++) {
            var next = mirror("store", 0, "new", by(Way.ON_TRIAL));
            await().until(old::isHandedOver);
            for (int request = 0; request < 20; request++) {
                assertThat(asked(next)).contains("ready east new");
            }
            next.close();
            await().until(() -> !old.isHandedOver());
            assertThat(asked(old)).contains("ready east old");
        }
        assertThat(dismissed.getCount()).isEqualTo(1);
    }

    @Test
    void whoConnectsWhileNobodyAcceptsWaitsForWhoeverAcceptsNext() throws Exception {
        var sockets = new ListeningSockets();
        var vertx = sockets.vertx(new VertxOptions());
        try (Stream<Path> files = Files.walk(folder.resolve("store/temporary"))) {
            var doors = files.filter(file -> file.endsWith("listeners")).toList();
            assertThat(doors).hasSize(1);
            var silent = Predecessors.ask(vertx, sockets, doors);
            silent.serving();
            await().until(old::isHandedOver);
            try (var first = new Client(old).ask();
                    var second = new Client(old).ask()) {
                silent.close();
                assertThat(first.answer()).contains("ready east old");
                assertThat(second.answer()).contains("ready east old");
            }
        } finally {
            sockets.closeUnused();
            vertx.close().await();
        }
    }

    @Test
    void aStartThatFailsBehindTheHandOverDisturbsNobody() throws Exception {
        var over = new AtomicBoolean();
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = Stream.generate(() -> threads.submit(() -> askUntil(over)))
                    .limit(4)
                    .toList();
            String more = "listen.port = 0, operations.port = " + taken.getLocalPort();
            for (int start = 0; start < 5; start++) {
                assertThatExceptionOfType(Mirror.StartException.class)
                        .isThrownBy(() -> Mirror.start(
                                        RunningMirror.configuration(upstream.index(), folder.resolve("store"), more),
                                        clock,
                                        "test",
                                        by(Way.TAKE_OVER),
                                        Keeper.NONE)
                                .close())
                        .withMessageContaining("is in use");
            }
            over.set(true);
            for (var client : clients) {
                assertThat(client.get()).isPositive();
            }
        }
        assertThat(old.isHandedOver()).isFalse();
        assertThat(dismissed.getCount()).isEqualTo(1);
    }

    /** Asks on new connections; all answers are the old one's. */
    private int askUntil(AtomicBoolean over) throws IOException {
        int answers = 0;
        while (!over.get() || answers == 0) {
            assertThat(asked(old)).contains("ready east old");
            answers++;
        }
        return answers;
    }

    @Test
    void aPathThatIsTooLongForASocketIsNoHindrance() throws Exception {
        String deep = "deep-".repeat(30) + "/store";
        Files.createDirectories(folder.resolve(deep));
        try (var first = mirror(deep, 0, "first", by(Way.ALONE));
                var second = mirror(deep, 0, "second", by(Way.ON_TRIAL))) {
            assertThat(second.clients()).isEqualTo(first.clients());
        }
    }
}
