package dev.flotilla.controller.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private final Queue<Integer> statuses = new ArrayDeque<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Duration> pauses = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            Integer status = statuses.poll();
            try (exchange) {
                if (status == null || status != 0) {
                    exchange.sendResponseHeaders(status == null ? 200 : status, -1);
                }
            }
        });
        server.start();
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private Patience.Ended get(Names.Answer answer) throws InterruptedException {
        return new Patience(host -> answer, ByteSize.ofKiB(1), pauses::add)
                .get(
                        URI.create("http://mirror.test:" + server.getAddress().getPort() + "/simple/"),
                        Map.of(),
                        found -> true);
    }

    private Patience.Ended get() throws InterruptedException {
        return get(new Names.Answer.Addresses(List.of(InetAddress.getLoopbackAddress()), Duration.ZERO));
    }

    @Test
    void whatGoesWellAtOnceIsOneTry() throws Exception {
        assertThat(get().tries()).isEqualTo(1);
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatBreaksOrIsBusyIsTriedAgainAndTellsWhatWasWrong() throws Exception {
        statuses.addAll(List.of(0, 503));
        Patience.Ended ended = get();
        assertThat(ended.tries()).isEqualTo(3);
        assertThat(ended.failure()).isEmpty();
        assertThat(ended.led()).contains(InetAddress.getLoopbackAddress());
        assertThat(ended.trouble().orElseThrow()).contains("without a word");
    }

    /** pip retries neither, and says that there is no such thing. */
    @Test
    void whatPipTakesForAnAnswerIsNotTriedAgain() throws Exception {
        for (int status : List.of(404, 504)) {
            asked.set(0);
            statuses.add(status);
            Patience.Ended ended = get();
            assertThat(ended.failure()).contains("127.0.0.1 answers " + status);
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void afterFiveRetriesPipGivesUp() throws Exception {
        statuses.addAll(List.of(500, 502, 503, 520, 527, 500));
        Patience.Ended ended = get();
        assertThat(ended.tries()).isEqualTo(6);
        assertThat(ended.failure()).contains("127.0.0.1 answers 500");
        assertThat(pauses).extracting(Duration::toMillis).containsExactly(0L, 500L, 1_000L, 2_000L, 4_000L);
    }
}
