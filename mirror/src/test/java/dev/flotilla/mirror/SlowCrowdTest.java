package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.mirror.configuration.DescriptorShares;
import dev.flotilla.vocabulary.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand connections that send and take next to nothing, held by {@code bench/slow.py}, and others beside them: real pips, health
 * checks, pages and files, each on a new connection. Where the process may not have enough files open for all of them, the mirror has as many connections as may be, and
 * whoever is slow has to give way all the time.
 */
@Tag("campaign")
class SlowCrowdTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int SLOW = 10_000;

    /** Those whose time is up are away until they have connected anew. */
    private static final double STANDING = 0.9;

    private static final int PIPS = 5;
    private static final int CLIENTS = 4;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: ([0-9]+)\r\n");
    private static final String LARGE = "/simple/many/";
    private static final SampleWheel LEAF = new SampleWheel("flotilla-test-leaf", "1.2", List.of());
    private static final SampleWheel ROOT = new SampleWheel("flotilla-test-root", "2.0", List.of("flotilla-test-leaf"));

    @TempDir
    private Path folder;

    private final AtomicInteger standing = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();

    @Test
    void nobodyElseFailsWhileTenThousandAreSlow() throws Exception {
        try (var upstream = SampleUpstream.json()) {
            LEAF.offerOn(upstream);
            ROOT.offerOn(upstream);
            for (int version = 0; version < 3_600; version++) {
                upstream.offer("many", "many-" + version + ".0-py3-none-any.whl", new byte[] {1});
            }
            try (var mirror = RunningMirror.start(upstream, folder.resolve("store"), new MovableClock(), "")) {
                assertThat(mirror.get(LARGE).statusCode()).isEqualTo(200);
                int wanted = (int) (STANDING * Math.min(SLOW, mayBe()));
                Process slow = slow(mirror.port());
                try {
                    await().atMost(LONG).until(() -> standing.get() >= wanted && connections(mirror) >= wanted);
                    serveOthers(mirror);
                    assertThat(standing.get()).isGreaterThanOrEqualTo(wanted);
                    assertThat(connections(mirror)).isGreaterThanOrEqualTo(wanted);
                } finally {
                    slow.getOutputStream().close();
                    slow.destroyForcibly();
                }
                await().atMost(LONG).until(() -> connections(mirror) == 0);
            }
        }
    }

    /** How many connections a mirror in this process may have. */
    private int mayBe() {
        var http = RunningMirror.configuration("http://127.0.0.1/simple/", folder.resolve("none"), "")
                .http();
        int connections = DescriptorShares.ofThisProcess(http).connections();
        assertThat(connections)
                .as("connections that there may be: raise the limit of open files (ulimit -n 20000, or more)")
                .isGreaterThan(9_000);
        return connections;
    }

    private Process slow(int port) throws IOException, InterruptedException {
        Path errors = folder.resolve("slow.txt");
        var process = new ProcessBuilder(
                        MachinePython.executable().toString(),
                        Path.of("..", "bench", "slow.py").toString(),
                        Integer.toString(port),
                        Integer.toString(SLOW),
                        "/simple/" + LEAF.project() + "/",
                        LARGE)
                .redirectError(errors.toFile())
                .start();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader said = process.inputReader(StandardCharsets.US_ASCII)) {
                for (String line = said.readLine(); line != null; line = said.readLine()) {
                    standing.set(Integer.parseInt(line));
                }
            } catch (IOException ended) {
                failed.add("slow.py: " + ended);
            }
        });
        return process;
    }

    private void serveOthers(RunningMirror mirror) throws Exception {
        String file = "/packages/sha256/" + Sha256.of(LEAF.content()) + "/" + LEAF.filename();
        List<String> paths = List.of("/readyz", "/simple/" + LEAF.project() + "/", LARGE, file);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int client = 0; client < CLIENTS; client++) {
                String path = paths.get(client % paths.size());
                running.add(threads.submit(() -> {
                    while (!over.get()) {
                        ask(mirror, path);
                    }
                }));
            }
            try {
                for (int number = 0; number < PIPS; number++) {
                    installs(mirror, number);
                }
            } finally {
                over.set(true);
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
        assertThat(failed).as("of %s", answered).isEmpty();
        assertThat(answered.get()).isGreaterThan(CLIENTS);
    }

    private void installs(RunningMirror mirror, int number) throws IOException, InterruptedException {
        Path home = Files.createDirectory(folder.resolve("pip-" + number));
        String index = mirror.url("/simple/").toString();
        Path target = home.resolve("target");
        var outcome = MachinePip.run(
                home,
                "install",
                "--no-cache-dir",
                "--retries=0",
                "--index-url",
                index,
                "--target",
                target.toString(),
                ROOT.project());
        assertThat(outcome.code()).as(outcome.output()).isZero();
        assertThat(target.resolve("flotilla_test_leaf.py")).exists();
    }

    private void ask(RunningMirror mirror, String path) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), mirror.port())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = RawAnswer.of(socket);
            answered.incrementAndGet();
            if (!complete(answer)) {
                failed.add(path + ": " + answer.length() + " bytes, "
                        + answer.lines().findFirst().orElse("nothing"));
            }
        } catch (IOException | AssertionError refused) {
            failed.add(path + ": " + refused);
        }
    }

    private static boolean complete(String answer) {
        Matcher length = LENGTH.matcher(answer);
        return answer.startsWith("HTTP/1.1 200 ")
                && length.find()
                && answer.length() == answer.indexOf("\r\n\r\n") + 4 + Integer.parseInt(length.group(1));
    }

    private static int connections(RunningMirror mirror) {
        return mirror.figure("flotilla_mirror_connections ");
    }
}
