package dev.flotilla.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real ACME server (Debian: pebble) of a test's own, on loopback. */
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

    /** One that asks that name server, such as {@code 127.0.0.1:5353}, for what proves names. */
    public static Pebble asking(Path folder, String nameServer) throws Exception {
        return start(folder, Map.of(), List.of("-dnsserver", nameServer));
    }

    /** One that believes every name. */
    public static Pebble believing(Path folder) throws Exception {
        return start(folder, Map.of("PEBBLE_VA_ALWAYS_VALID", "1"), List.of());
    }

    /** Ends it and starts its successor in its place, with nothing of what it knew. */
    public Pebble again(String nameServer) throws IOException, InterruptedException {
        close();
        return begun(folder, port, Map.of(), List.of("-dnsserver", nameServer)).up();
    }

    private static Pebble start(Path folder, Map<String, String> environment, List<String> more) throws Exception {
        TestAuthority.in(folder, "pebble").writeServer(folder.resolve("pebble.pem"), folder.resolve("pebble.key"));
        for (int i = 1; ; i++) {
            try {
                return begun(folder, FreePort.choose(), environment, more).up();
            } catch (IllegalStateException ended) {
                // Somebody else may have taken its port meanwhile.
                if (i == TRIES) {
                    throw ended;
                }
            }
        }
    }

    private static Pebble begun(Path folder, int port, Map<String, String> environment, List<String> more)
            throws IOException {
        Path settings = Files.writeString(folder.resolve("pebble.json"), """
                { "pebble": { "listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
                    "certificate": "%s", "privateKey": "%s", "httpPort": 5002, "tlsPort": 5001,
                    "ocspResponderURL": "", "externalAccountBindingRequired": false } }
                """.formatted(
                        port, FreePort.choose(), folder.resolve("pebble.pem"), folder.resolve("pebble.key")));
        var builder = new ProcessBuilder("pebble", "-config", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pebble.log").toFile());
        builder.command().addAll(more);
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().putAll(environment);
        return new Pebble(folder, port, builder.start());
    }

    /** Comes back once it takes connections; {@link IllegalStateException} where it has ended instead. */
    private Pebble up() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
            try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (probe.isConnected()) {
                    return this;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() > end) {
                    close();
                }
            }
        }
        throw new IllegalStateException("pebble doesn't run:\n" + Files.readString(folder.resolve("pebble.log")));
    }

    /** What clients ask first (RFC 8555, section 7.1.1). */
    public URI directory() {
        return URI.create("https://127.0.0.1:" + port + "/dir");
    }

    /** What its own certificate goes by; the certificates that it issues go by others. */
    public Path authority() {
        return folder.resolve("pebble.pem");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
