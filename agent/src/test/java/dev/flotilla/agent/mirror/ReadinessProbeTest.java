package dev.flotilla.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.mirror.ReadinessProbe.Answer;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadinessProbeTest {
    private static ReadinessProbe probe(int port) {
        return new ReadinessProbe(
                URI.create("http://127.0.0.1:" + port + "/readyz"),
                new RegionName("east"),
                new NodeName("east-1"),
                Duration.ofMillis(300));
    }

    private static Answer answerTo(int status, String body) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            return probe(server.getAddress().getPort()).ask(4711);
        } finally {
            server.stop(0);
        }
    }

    private static String reason(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.NotReady.class);
        return ((Answer.NotReady) answer).reason();
    }

    @Test
    void theNodesOwnMirrorIsReady() throws Exception {
        assertThat(answerTo(200, "ready east east-1\n")).isEqualTo(new Answer.Ready(false));
    }

    @Test
    void anotherProcessThatAnswersInItsPlaceIsNotReady() throws Exception {
        assertThat(answerTo(200, "ready east east-1\nprocess 4711\n")).isEqualTo(new Answer.Ready(false));
        assertThat(reason(answerTo(200, "ready east east-1\nprocess 47\n")))
                .contains("process 47 answers", "not process 4711");
    }

    @Test
    void aDrainedMirrorOfThisNodeIsReadyAndSaysSoWhileOneThatEndsIsNot() throws Exception {
        assertThat(answerTo(503, "drained east east-1\nprocess 4711\n")).isEqualTo(new Answer.Ready(true));
        assertThat(reason(answerTo(503, "drained east east-1\nprocess 47\n"))).contains("not process 4711");
        assertThat(reason(answerTo(503, "drained west west-1\n"))).contains("503");
        assertThat(reason(answerTo(200, "drained east east-1\n"))).contains("something else answers");
        assertThat(reason(answerTo(503, "draining\n"))).contains("draining");
    }

    @Test
    void aMirrorThatIsNotReadySaysWhy() throws Exception {
        assertThat(reason(answerTo(503, "not ready: store\n"))).contains("503", "not ready: store");
    }

    @Test
    void anotherProgramOrAnotherNodesMirrorOnThePortIsNotReady() throws Exception {
        assertThat(reason(answerTo(200, "<html>hello"))).contains("something else answers");
        assertThat(reason(answerTo(200, "ready west west-1\n"))).contains("something else answers");
        assertThat(reason(answerTo(302, ""))).contains("302");
    }

    @Test
    void aPortThatAcceptsAndSaysNothingIsNotReadyInTime() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertThat(reason(probe(silent.getLocalPort()).ask(4711))).contains("doesn't answer");
        }
    }
}
