package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Lookup;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * {@code flotilla local} as a process of its own, on free ports, in a folder of the test. Closing it ends the command and
 * fails if it leaves a process behind.
 */
final class Fleet implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration END = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path state;
    private final Path log;
    private final Process process;
    private final JsonNode ready;

    private Fleet(Path state, Path log, Process process, JsonNode ready) {
        this.state = state;
        this.log = log;
        this.process = process;
        this.ready = ready;
    }

    /** Starts a fleet with its state below {@code folder} and waits until everything serves. */
    static Fleet start(Path folder, String... options) {
        Path state = folder.resolve("state");
        Path readyFile = folder.resolve("ready-" + System.nanoTime() + ".json");
        Path log = folder.resolve("local.log");
        var line = new ArrayList<String>();
        // A build that runs in the background hands down an ignored SIGINT, which a Java program then keeps.
        line.addAll(List.of("env", "--default-signal=INT"));
        line.addAll(Command.flotilla("local", "--state", state.toString(), "--port", "0", "--dns-port", "0"));
        line.addAll(List.of("--ready-file", readyFile.toString()));
        line.addAll(List.of(options));
        try {
            var builder = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment()
                    .put(
                            "FLOTILLA_TEMPORARY",
                            Files.createDirectories(temporary(folder)).toString());
            Process process = builder.start();
            try {
                await().atMost(START)
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> Files.exists(readyFile) || !process.isAlive());
                if (!process.isAlive()) {
                    throw new AssertionError("the fleet did not come up:\n" + Files.readString(log));
                }
                return new Fleet(state, log, process, JSON.readTree(readyFile.toFile()));
            } catch (RuntimeException | Error failed) {
                process.destroy();
                throw new AssertionError("the fleet did not come up:\n" + Files.readString(log), failed);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where the command of a fleet below {@code folder} has what it needs for a moment; its agents and mirrors have that in the state. */
    static Path temporary(Path folder) {
        return folder.resolve("temporary");
    }

    Path state() {
        return state;
    }

    /** What the command has said so far. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    URI url(String region) {
        return URI.create(ready.at("/regions/" + region + "/url").asText());
    }

    URI index(String region) {
        return url(region).resolve("simple/");
    }

    URI operations(String region) {
        return URI.create(ready.at("/regions/" + region + "/operations").asText());
    }

    String address(String region) {
        return url(region).getHost();
    }

    JsonNode ready() {
        return ready;
    }

    /** What {@code flotilla status --json} says now. */
    JsonNode status() {
        Command status = Command.run(Command.flotilla("status", "--state", state.toString(), "--json"));
        try {
            return JSON.readTree(status.output());
        } catch (IOException unreadable) {
            throw new AssertionError("status said no JSON:\n" + status.output(), unreadable);
        }
    }

    /** What {@code flotilla status} shows a person now. */
    String statusText() {
        return Command.run(Command.flotilla("status", "--state", state.toString()))
                .output();
    }

    JsonNode nodeStatus(String region) {
        return status().at("/regions/" + region + "/nodes/" + region + "-1");
    }

    long mirrorPid(String region) {
        return nodeStatus(region).path("mirrorPid").asLong();
    }

    long agentPid(String region) {
        return nodeStatus(region).path("agentPid").asLong();
    }

    /** The addresses that the fleet's name server answers for the global name, over UDP. */
    Set<String> answer() {
        return answer(ready.at("/dns/name").asText());
    }

    Set<String> answer(String name) {
        try {
            var resolver = new SimpleResolver(ready.at("/dns/host").asText());
            resolver.setPort(ready.at("/dns/port").asInt());
            resolver.setTimeout(Duration.ofSeconds(5));
            var lookup = new Lookup(name + ".", Type.A);
            lookup.setResolver(resolver);
            lookup.setCache(null);
            var addresses = new TreeSet<String>();
            Record[] records = lookup.run();
            for (Record record : records == null ? new Record[0] : records) {
                addresses.add(((ARecord) record).getAddress().getHostAddress());
            }
            return addresses;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static void kill(long pid) {
        signal("KILL", pid);
    }

    /** Ends the command as a terminal's Ctrl-C does and tells its exit code. */
    int interrupt() {
        return end("INT");
    }

    int terminate() {
        return end("TERM");
    }

    int killed() {
        return end("KILL");
    }

    private int end(String signal) {
        signal(signal, process.pid());
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the command ignores SIG" + signal + ":\n" + output());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        return process.exitValue();
    }

    private static void signal(String signal, long pid) {
        Command.run(List.of("kill", "-" + signal, Long.toString(pid))).succeeded();
    }

    /** The command lines of all living processes that were started for this fleet. */
    List<String> processes() {
        return Processes.naming(state.toString());
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                terminate();
            } finally {
                process.destroyForcibly();
            }
        }
        await("every process of the fleet to end")
                .atMost(END)
                .until(() -> processes().isEmpty());
    }
}
