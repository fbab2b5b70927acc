package dev.flotilla.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as operators meet it: its command line, what it refuses, how it ends. */
class MirrorProgramTest {
    private static final Pattern CLIENTS = Pattern.compile("clients at http://127\\.0\\.0\\.1:([0-9]+)/");

    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {}

    private static Outcome mirror(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private Path configuration(String index, int port, Path store) throws IOException {
        return Files.writeString(folder.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = %d }
                  operations { host = 127.0.0.1, port = 0 }
                  upstreams = [ { name = sample, index = "%s" } ]
                  store { path = "%s" }
                }
                """.formatted(port, index, store));
    }

    @Test
    void checkSaysInOneLineThatAConfigurationIsRight() throws IOException {
        Path file = configuration("http://127.0.0.1:9/simple/", 8080, folder.resolve("store"));
        var outcome = mirror("check", file.toString());
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out().lines()).singleElement().asString().contains("is right", "east-1", "127.0.0.1:8080");
        assertThat(folder.resolve("store")).as("checking touches nothing").doesNotExist();
    }

    @Test
    void checkListsEveryProblemWithItsLine() throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.conf"), """
                flotilla.mirror {
                  region = East
                  listen { port = 99999 }
                  upstreams = [ { name = a, index = "ftp://x/" }, { name = b, index = "http://y/", file-hosts = ["z:x"] } ]
                  stoer { path = /x }
                }
                """);
        var outcome = mirror("check", file.toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err().lines())
                .anyMatch(line -> line.startsWith(file + ":2: flotilla.mirror.region: "))
                .anyMatch(line -> line.startsWith(file + ":1: flotilla.mirror.node: is missing"))
                .anyMatch(line -> line.startsWith(file + ":3: flotilla.mirror.listen.port: "))
                .anyMatch(line -> line.startsWith(file + ":4: flotilla.mirror.upstreams.1.file-hosts: "))
                .anyMatch(line -> line.contains("flotilla.mirror.stoer: unknown key: did you mean store?"));
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void wrongUseIsExplainedAndHasACodeOfItsOwn() {
        var outcome = mirror("--confg", "x");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--confg", "mirror --help");
        assertThat(mirror().code()).isEqualTo(2);
        assertThat(mirror("--help").out()).contains("mirror check mirror.conf", "pip install --index-url");
        assertThat(mirror("--version").out()).startsWith("flotilla mirror ");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws IOException {
        try (var other = new ServerSocket(0, 5, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Path file = configuration("http://127.0.0.1:9/simple/", other.getLocalPort(), folder.resolve("store"));
            var outcome = mirror("--config", file.toString());
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err().lines())
                    .singleElement()
                    .asString()
                    .contains("port " + other.getLocalPort() + " on 127.0.0.1 is in use by another program");
        }
    }

    @Test
    void aStoreThatCanNotBeWrittenIsSaidInOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("a-file"), "");
        var outcome = mirror(
                "--config",
                configuration("http://127.0.0.1:9/simple/", 0, file.resolve("store"))
                        .toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err().lines()).singleElement().asString().contains("the store " + file, "store.path");
    }

    @Test
    void aConfigurationThatIsWrongIsNotRun() throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.conf"), "flotilla.mirror { region = east }");
        var outcome = mirror("--config", file.toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains(":1: flotilla.mirror.node: is missing");
    }

    /** The program in a process of its own. */
    private Process begin(Path configuration, String... more) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.flotilla.mirror.Main",
                "--config",
                configuration.toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    private int port(Process process) {
        await().atMost(60, TimeUnit.SECONDS).until(() -> CLIENTS.matcher(log()).find() || !process.isAlive());
        var matcher = CLIENTS.matcher(log());
        assertThat(matcher.find()).as(log()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            return "";
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Test
    void onSigtermARunningAnswerEndsAndNothingNewIsAccepted() throws Exception {
        try (var upstream = SampleUpstream.json()) {
            upstream.offer("sample-one", "sample_one-1.0-py3-none-any.whl", new byte[] {1});
            var open = new CountDownLatch(1);
            upstream.holdUntil(open);
            var process = begin(configuration(upstream.index(), 0, folder.resolve("store")));
            try {
                int port = port(process);
                try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream()
                            .write("GET /simple/sample-one/ HTTP/1.1\r\nHost: x\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    await().until(() -> upstream.asked("/simple/sample-one/") == 1);
                    process.destroy();
                    await().until(() -> !accepts(port));
                    assertThat(process.isAlive()).as("it waits for the answer").isTrue();
                    open.countDown();
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(answer).startsWith("HTTP/1.1 200").contains("sample_one-1.0");
                }
                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
                assertThat(log()).contains("ending (signal)", "ended").doesNotContain("Exception");
            } finally {
                end(process);
            }
        }
    }

    private static boolean accepts(int port) {
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void itEndsWhenStandardInputClosesWhereItWasAskedTo() throws Exception {
        var process =
                begin(configuration("http://127.0.0.1:9/simple/", 0, folder.resolve("store")), "--until-stdin-closes");
        try {
            port(process);
            assertThat(process.isAlive()).isTrue();
            process.getOutputStream().close();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            end(process);
        }
    }
}
