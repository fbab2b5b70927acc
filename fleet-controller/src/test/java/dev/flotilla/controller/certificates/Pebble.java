package dev.flotilla.controller.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An ACME server (Debian: pebble, openssl), on ports of its own. */
public final class Pebble implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int TRIES = 5;

    private final Path folder;
    private final int port;
    private final Process process;

    private Pebble(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** One that asks that name server, {@code 127.0.0.1:‹port›}, for what proves names. */
    public static Pebble asking(Path folder, String nameServer) throws Exception {
        return start(folder, Map.of(), "-dnsserver", nameServer);
    }

    /** One that believes every name. */
    static Pebble believing(Path folder) throws Exception {
        return start(folder, Map.of("PEBBLE_VA_ALWAYS_VALID", "1"));
    }

    /** The same one's successor, on its port. */
    public Pebble again(String nameServer) throws Exception {
        close();
        Process successor = run(folder, port, Map.of(), "-dnsserver", nameServer);
        var pebble = new Pebble(folder, port, successor);
        assertThat(pebble.isUp()).as(pebble.log()).isTrue();
        return pebble;
    }

    public URI directory() {
        return URI.create("https://127.0.0.1:" + port + "/dir");
    }

    /** What its own certificate goes by. */
    public Path authority() {
        return folder.resolve("pebble.pem");
    }

    private static Pebble start(Path folder, Map<String, String> environment, String... more) throws Exception {
        certify(folder);
        for (int i = 1; ; i++) {
            // Somebody else may take the port before Pebble does.
            int port = freePort();
            var pebble = new Pebble(folder, port, run(folder, port, environment, more));
            if (pebble.isUp()) {
                return pebble;
            }
            assertThat(i).as(pebble.log()).isLessThan(TRIES);
        }
    }

    private static void certify(Path folder) throws Exception {
        var made = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "7",
                        "-subj",
                        "/CN=pebble",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        folder.resolve("pebble.key").toString(),
                        "-out",
                        folder.resolve("pebble.pem").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(made.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue()).isZero();
    }

    private static Process run(Path folder, int port, Map<String, String> environment, String... more)
            throws IOException {
        Path settings = Files.writeString(folder.resolve("pebble.json"), """
                { "pebble": { "listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
                    "certificate": "%s", "privateKey": "%s", "httpPort": 5002, "tlsPort": 5001,
                    "ocspResponderURL": "", "externalAccountBindingRequired": false } }
                """.formatted(
                        port, freePort(), folder.resolve("pebble.pem"), folder.resolve("pebble.key")));
        var builder = new ProcessBuilder("pebble", "-config", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pebble.log").toFile());
        builder.command().addAll(List.of(more));
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Waits until it takes connections; false where it ended instead. */
    private boolean isUp() {
        await().atMost(PATIENCE).until(() -> !process.isAlive() || answers());
        return process.isAlive();
    }

    private boolean answers() {
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("pebble.log"));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** A port of this machine at which nobody listens now. */
    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
