package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.Mirror.Succession;
import dev.flotilla.mirror.Mirror.Succession.Way;
import dev.flotilla.mirror.configuration.Keeper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A purge while two mirrors have one store: one accepts, the other one still answers those who are connected to it. */
class SharedPurgeTest {
    private static final String PAGE = "/simple/sample-one/";

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private final CountDownLatch dismissed = new CountDownLatch(1);
    private SampleUpstream upstream;
    private OperatorsToken token;
    private Mirror old;

    @BeforeEach
    void start() throws Exception {
        upstream = SampleUpstream.json()
                .offer("sample-one", "sample_one-1.0.tar.gz", new byte[] {1})
                .offer("other", "other-1.0.tar.gz", new byte[] {2});
        token = OperatorsToken.in(folder);
        old = mirror(new Succession(Way.ALONE, () -> {}, dismissed::countDown));
    }

    @AfterEach
    void stop() {
        old.close();
        upstream.close();
    }

    private Mirror mirror(Succession succession) throws Mirror.StartException {
        return Mirror.start(
                RunningMirror.configuration(
                        upstream.index(), folder.resolve("store"), "listen.port = 0\n" + token.setting()),
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

        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(30_000);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        /** Status line, fields and body. */
        String ask(String request, String... fields) throws IOException {
            String sent = request + " HTTP/1.1\r\nHost: x\r\n"
                    + String.join(
                            "", Stream.of(fields).map(field -> field + "\r\n").toList()) + "\r\n";
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
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

        /** What became of the page on its way: {@code hit}, {@code miss} and so on. */
        String page(String path) throws IOException {
            return ask("GET " + path)
                    .lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("x-cache: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("x-cache: ".length());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Client client() throws IOException {
        return new Client(old.clients().port());
    }

    private String purge(String query) throws IOException {
        try (var operator = new Client(old.operations().port())) {
            return operator.ask("POST /purge?" + query, String.join(": ", token.field()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"project=sample-one", "project=sample-one&hard=true", "prefix=samp", "all=true"})
    void whoIsStillConnectedToTheOneBeforeGetsNothingFromBeforeEither(String query) throws Exception {
        try (var early = client()) {
            assertThat(early.page(PAGE)).isEqualTo("miss");
            assertThat(early.page(PAGE)).isEqualTo("hit");
            assertThat(early.page("/simple/other/")).isEqualTo("miss");
            try (var _ = mirror(by(Way.TAKE_OVER))) {
                dismissed.await();
                var end = CompletableFuture.runAsync(old::end);
                assertThat(purge(query)).startsWith("HTTP/1.1 200").contains("\"mirrors-not-told\":0");
                assertThat(upstream.asked(PAGE)).isEqualTo(1);
                assertThat(early.page(PAGE)).isEqualTo("miss");
                assertThat(upstream.asked(PAGE)).isEqualTo(2);
                end.join();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, HTTP/1.1 200", "true, HTTP/1.1 502"})
    void whetherAPageMayBeServedInAnOutageHoldsForTheOneBeforeToo(boolean hard, String answer) throws Exception {
        try (var early = client()) {
            early.page(PAGE);
            try (var _ = mirror(by(Way.TAKE_OVER))) {
                dismissed.await();
                var end = CompletableFuture.runAsync(old::end);
                upstream.failWith(500);
                assertThat(purge("project=sample-one&hard=" + hard)).startsWith("HTTP/1.1 200");
                assertThat(early.ask("GET " + PAGE)).startsWith(answer);
                end.join();
            }
        }
    }

    @Test
    void aPurgeThatAMirrorOnTrialCarriedOutHoldsForTheOneBeforeWhenItServesAgain() throws Exception {
        try (var early = client()) {
            early.page(PAGE);
            early.page("/simple/other/");
            var next = mirror(by(Way.ON_TRIAL));
            await().until(old::isHandedOver);
            assertThat(purge("project=sample-one")).startsWith("HTTP/1.1 200");
            next.close();
            await().until(() -> !old.isHandedOver());
            try (var late = client()) {
                assertThat(late.page(PAGE)).isEqualTo("miss");
                assertThat(late.page("/simple/other/")).isEqualTo("hit");
            }
        }
    }

    @Test
    void aMirrorThatCanNotBeToldIsSaidAndThePurgeCountsAsNotDone() throws Exception {
        Path stranger = Files.createDirectory(folder.resolve("store/temporary/stranger"));
        try (var lock =
                FileChannel.open(stranger.resolve("lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            lock.lock();
            assertThat(purge("all=true"))
                    .startsWith("HTTP/1.1 503")
                    .contains("\"mirrors-not-told\":1", "can't be told");
        }
        assertThat(purge("all=true")).startsWith("HTTP/1.1 200");
    }
}
