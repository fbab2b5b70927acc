package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A mirror as it is packed, with its own start script and heap, in a process of its own and on free ports of loopback. */
final class PackedMirror implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(30);
    private static final Pattern LISTENING = Pattern.compile(
            "clients at http://127\\.0\\.0\\.1:([0-9]+)/, operations at http://127\\.0\\.0\\.1:([0-9]+)/");

    private static final Pattern LINK = Pattern.compile("href=\"([^\"#]+)");

    private final Process process;
    private final Path log;
    private final int port;
    private final int operationsPort;
    private final HttpClient client = HttpClient.newHttpClient();

    private PackedMirror(Process process, Path log, Matcher listening) {
        this.process = process;
        this.log = log;
        this.port = Integer.parseInt(listening.group(1));
        this.operationsPort = Integer.parseInt(listening.group(2));
    }

    /**
     * Starts a mirror and waits until it serves.
     *
     * @param folder where its configuration, its store and its log are
     * @param more further settings within {@code flotilla.mirror}
     */
    static PackedMirror start(Path folder, URI index, String more) {
        return start(folder, index, more, Map.of());
    }

    static PackedMirror start(Path folder, URI index, String more, Map<String, String> environment) {
        try {
            return awaited(launch(folder, index, more, environment), log(folder));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The same as the end of another command, which becomes the mirror's own process. */
    static PackedMirror startBehind(List<String> command, Path folder, URI index, String more) {
        try {
            configure(folder, index, more);
            Path log = log(folder);
            return awaited(launch(command, folder, log, List.of(), Map.of()), log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The same with further arguments. */
    static PackedMirror start(Path folder, URI index, String more, List<String> arguments) {
        try {
            configure(folder, index, more);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return successor(folder, "mirror.log", arguments);
    }

    /** Starts another mirror with the configuration and the store of the one that {@link #start} left in this folder. */
    static PackedMirror successor(Path folder, String logName, List<String> arguments) {
        try {
            Path log = folder.resolve(logName);
            return awaited(launch(folder, log, arguments, Map.of()), log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static PackedMirror awaited(Process process, Path log) {
        try {
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(START)
                    .until(() ->
                            !process.isAlive() || LISTENING.matcher(read(log)).find());
            Matcher listening = LISTENING.matcher(read(log));
            if (!listening.find()) {
                throw new AssertionError("the mirror did not come up:\n" + read(log));
            }
            return new PackedMirror(process, log, listening);
        } catch (RuntimeException | AssertionError failed) {
            process.destroyForcibly();
            throw failed;
        }
    }

    /** The process of a mirror, of which nothing is awaited. */
    static Process launch(Path folder, URI index, String more, Map<String, String> environment) throws IOException {
        configure(folder, index, more);
        return launch(folder, log(folder), List.of(), environment);
    }

    private static void configure(Path folder, URI index, String more) throws IOException {
        Files.writeString(folder.resolve("mirror.conf"), """
                flotilla.mirror {
                  region = east, node = east-1
                  listen { host = 127.0.0.1, port = 0 }
                  operations { host = 127.0.0.1, port = 0 }
                  upstreams = [ { name = sample, index = "%s" } ]
                  store { path = "%s", budget = 1 GiB }
                  %s
                }
                """.formatted(index, folder.resolve("store"), more));
    }

    private static Process launch(Path folder, Path log, List<String> arguments, Map<String, String> environment)
            throws IOException {
        return launch(List.of(), folder, log, arguments, environment);
    }

    private static Process launch(
            List<String> before, Path folder, Path log, List<String> arguments, Map<String, String> environment)
            throws IOException {
        var command = new ArrayList<>(before);
        command.addAll(List.of(
                program().toString(), "--config", folder.resolve("mirror.conf").toString()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Path log(Path folder) {
        return folder.resolve("mirror.log");
    }

    private static Path program() {
        return home().resolve("bin").resolve("mirror");
    }

    /** The folder that the packed program is in. */
    static Path home() {
        String home = System.getProperty("flotilla.mirror.home");
        if (home == null || !Files.isExecutable(Path.of(home, "bin", "mirror"))) {
            throw new IllegalStateException("the mirror is not packed at " + home + ": run mvn verify, not test");
        }
        return Path.of(home).normalize();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    int port() {
        return port;
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The path of a wheel's file, as the mirror's page of its project has it. */
    String fileOf(Wheel wheel) {
        try {
            Matcher link = LINK.matcher(page(wheel));
            while (link.find()) {
                if (link.group(1).endsWith("/" + wheel.filename())) {
                    return pageOf(wheel).resolve(link.group(1)).getPath();
                }
            }
            throw new AssertionError(pageOf(wheel) + " has no link to " + wheel.filename());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private URI pageOf(Wheel wheel) {
        return url("/simple/" + wheel.project() + "/");
    }

    /** The page of a wheel's project. */
    String page(Wheel wheel) throws IOException {
        try {
            return client.send(HttpRequest.newBuilder(pageOf(wheel)).build(), BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    URI operations(String path) {
        return URI.create("http://127.0.0.1:" + operationsPort + path);
    }

    String log() {
        return read(log);
    }

    long pid() {
        return process.pid();
    }

    /** How many bytes of memory the process has of its own now. */
    long residentBytes() {
        return memory("VmRSS");
    }

    /** Forgets how many bytes it had at most so far. */
    void forgetPeak() {
        try {
            Files.writeString(Path.of("/proc", Long.toString(process.pid()), "clear_refs"), "5");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** How many it had at most since then. */
    long peakBytes() {
        return memory("VmHWM");
    }

    private long memory(String field) {
        return read(Path.of("/proc", Long.toString(process.pid()), "status"))
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** SIGTERM, without waiting. */
    void askToEnd() {
        process.destroy();
    }

    /** Of a mirror that has ended. */
    int exitCode() {
        return process.exitValue();
    }

    /** SIGTERM, and the exit code. */
    int terminate() {
        process.destroy();
        await("the mirror to end").atMost(END).until(() -> !process.isAlive());
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
        client.close();
    }
}
