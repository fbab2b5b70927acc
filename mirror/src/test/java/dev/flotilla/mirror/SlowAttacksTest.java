package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The attacks of slowhttptest: hundreds of connections that send or take next to nothing. Others are served meanwhile, and the mirror ends
 * all of them by its own deadlines: slowhttptest stops as soon as no connection is left to it, and would go on for a minute and a half.
 */
@Tag("real")
class SlowAttacksTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int CONNECTIONS = 400;

    /** More than systems take of an answer whose client doesn't. */
    private static final int LENGTH = 24 << 20;

    private static final String FILENAME = "large-1.0-py3-none-any.whl";

    @TempDir
    private static Path folder;

    private static SampleUpstream upstream;
    private static RunningMirror mirror;
    private static String file = "";

    @BeforeAll
    static void start() throws IOException {
        byte[] content = new byte[LENGTH];
        file = "/packages/sha256/" + Sha256.of(content) + "/" + FILENAME;
        upstream = SampleUpstream.json().offer("large", FILENAME, content);
        mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), """
                http { head-time-out = 2s, idle-time-out = 3s, write-time-out = 2s }
                outbound { page-deadline = 2s }
                files { open-deadline = 2s }
                """);
        await().atMost(LONG).until(() -> mirror.get("/simple/large/").statusCode() == 200);
        await().atMost(LONG).until(() -> mirror.get(file).statusCode() == 200);
        await().atMost(LONG)
                .until(() -> RunningMirror.field(mirror.head(file), "X-Cache").equals("hit"));
    }

    @AfterAll
    static void stop() {
        mirror.close();
        upstream.close();
    }

    /**
     * A kind of attack.
     *
     * @param path what is asked for
     */
    record Attack(String name, String path, List<String> options) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack("heads that never end", "/simple/large/", List.of("-H", "-i", "1", "-x", "24")),
                new Attack("bodies that never end", "/simple/large/", List.of("-B", "-i", "1", "-s", "8192")),
                new Attack("bodies of GET that never end", "/simple/large/", List.of("-B", "-i", "1", "-t", "GET")),
                new Attack("a thousand ranges", file, List.of("-R", "-a", "5", "-b", "1000", "-t", "GET")),
                new Attack(
                        "answers that are hardly taken",
                        file,
                        List.of("-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "4096")));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void othersAreServedThroughoutAnAttackAndTheMirrorEndsIt(Attack attack) throws Exception {
        Path said = folder.resolve("said.txt");
        List<String> command = new ArrayList<>(List.of("slowhttptest", "-c", Integer.toString(CONNECTIONS)));
        command.addAll(List.of("-r", Integer.toString(CONNECTIONS), "-l", Long.toString(LONG.toSeconds())));
        command.addAll(
                List.of("-p", "60", "-v", "1", "-u", mirror.url(attack.path()).toString()));
        command.addAll(attack.options());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            do {
                assertThat(answered("/readyz")).startsWith("HTTP/1.1 200");
                assertThat(answered("/simple/large/")).startsWith("HTTP/1.1 200");
            } while (!process.waitFor(50, TimeUnit.MILLISECONDS));
            assertThat(Files.readString(said).replaceAll("\u001b\\[[0-9;]*m", ""))
                    .containsPattern("number of connections: +" + CONNECTIONS)
                    .contains("Exit status: No open connections left");
        } finally {
            process.destroyForcibly();
        }
    }

    /** What a client gets that comes on a connection of its own. */
    private static String answered(String path) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return RawAnswer.of(socket);
        }
    }
}
