package dev.flotilla.agent;

import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.state.StateStore;
import dev.flotilla.settings.Loading;
import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** A node in a folder of its own, with a port for its mirror, and nothing left of it afterwards. */
final class TestNode implements AutoCloseable {
    private final Path folder;
    private final int port;

    TestNode(Path folder, TestFleet fleet, URI endpoint) throws IOException {
        this.folder = folder;
        this.port = FreePort.choose();
        Files.write(folder.resolve("root.json"), fleet.root());
        configure(endpoint, "");
    }

    /** While a mirror never gets ready, and no longer: a busy machine is no verdict. */
    void giveUpEarly() throws IOException {
        startTimeOut("2s");
    }

    /** The usual patience again, for agents that are opened from now on. */
    void giveUpLate() throws IOException {
        startTimeOut("30s");
    }

    private void startTimeOut(String time) throws IOException {
        Files.writeString(
                configurationFile(),
                Files.readString(configurationFile()).replaceAll("start-time-out = \\d+s", "start-time-out = " + time));
    }

    /** Writes agent.conf; {@code more} goes over the usual settings. */
    void configure(URI endpoint, String more) throws IOException {
        Files.writeString(configurationFile(), """
                flotilla.agent {
                  fleet = test, region = east, node = east-1
                  state = agent
                  bucket { name = fleet, endpoint = "%s", path-style = true
                    connect-time-out = 1s, read-time-out = 5s, call-time-out = 10s }
                  trust-root = root.json
                  mirror {
                    readiness = "http://127.0.0.1:%d/readyz"
                    restart-delay = 300ms, restart-delay-limit = 3s, start-time-out = 30s, stop-time-out = 1s, leave-time-out = 10s
                    check-time-out = 30s, watch-interval = 50ms, probe-interval = 100ms
                  }
                  proof { soak = 0s, unready = 500ms }
                  poll-interval = 200ms, report-interval = 2s, report-gap = 100ms
                }
                %s
                """.formatted(endpoint, port, more));
    }

    Path configurationFile() {
        return folder.resolve("agent.conf");
    }

    AgentConfiguration configuration() {
        return ((Loading.Loaded<AgentConfiguration>) AgentConfiguration.load(configurationFile())).value();
    }

    /** A mirror configuration for this node's port, told from others by its name. */
    String mirror(String name, String mode) {
        return "name = " + name + "\nmode = " + mode + "\nport = " + port + "\n";
    }

    StateFolder state() {
        return new StateFolder(folder.resolve("agent"));
    }

    /** What the mirror would find of wheels: all files of the folder, by their path in it. */
    Map<String, String> wheels() throws IOException {
        Path home = state().wheels();
        Map<String, String> found = new TreeMap<>();
        if (Files.exists(home)) {
            try (Stream<Path> all = Files.walk(home)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    found.put(home.relativize(file).toString(), Files.readString(file));
                }
            }
        }
        return found;
    }

    AgentState remembered() throws IOException {
        return new StateStore(state()).load();
    }

    Agent agent(Bucket bucket) throws IOException {
        return agent(bucket, InstantSource.system());
    }

    Agent agent(Bucket bucket, InstantSource clock) throws IOException {
        return agent(bucket, clock, (step, release) -> {});
    }

    Agent agent(Bucket bucket, InstantSource clock, Step.Journal journal) throws IOException {
        return agent(bucket, clock, Duration.ZERO, journal);
    }

    Agent agent(Bucket bucket, InstantSource clock, Duration grace, Step.Journal journal) throws IOException {
        return agent(bucket, Optional.empty(), clock, System::nanoTime, grace, journal);
    }

    /** An agent with slots for its successors. */
    Agent agent(Bucket bucket, Slots slots, LongSupplier nanoTime) throws IOException {
        return agent(
                bucket, Optional.of(slots), InstantSource.system(), nanoTime, Duration.ZERO, (step, release) -> {});
    }

    private Agent agent(
            Bucket bucket,
            Optional<Slots> slots,
            InstantSource clock,
            LongSupplier nanoTime,
            Duration grace,
            Step.Journal journal)
            throws IOException {
        state().create();
        return new Agent(
                configuration(),
                state(),
                slots,
                bucket,
                grace,
                new NodeReport.Agent("test", ProcessHandle.current().pid()),
                clock,
                nanoTime,
                new Random(1),
                journal);
    }

    /** What the mirror of this node answers. */
    String ask(String path) throws IOException {
        var connection = URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(1000);
        connection.setReadTimeout(5000);
        try (var body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    boolean serves(String name) {
        try {
            return ask("/name").equals(name);
        } catch (IOException notNow) {
            return false;
        }
    }

    /** An address at this node's mirror. */
    URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The mirror processes of this node, which every test wants to be one. */
    List<Long> mirrors() {
        return processes("FLOTILLA_AGENT_STATE=" + state().path());
    }

    /** The one mirror, once those before it have left. */
    long mirror() {
        await().atMost(patience()).until(() -> mirrors().size() == 1);
        return mirrors().getFirst();
    }

    static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        while (isAlive(pid)) {
            Thread.onSpinWait();
        }
    }

    /** A process that only waits for its parent is dead, once the last of its threads has let go of its sockets. */
    static boolean isAlive(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> threads = Files.list(process.resolve("task"))) {
            return !Files.readString(process.resolve("stat")).contains(") Z ") || threads.count() > 1;
        } catch (IOException gone) {
            return false;
        }
    }

    private static List<Long> processes(String variable) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9]+"))
                    .filter(name -> environment(name).contains(variable + "\0"))
                    .map(Long::parseLong)
                    .filter(TestNode::isAlive)
                    .toList();
        } catch (IOException noProc) {
            throw new IllegalStateException(noProc);
        }
    }

    private static String environment(String pid) {
        try {
            return Files.readString(Path.of("/proc", pid, "environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException goneOrNotOurs) {
            return "";
        }
    }

    static Duration patience() {
        return Duration.ofSeconds(30);
    }

    @Override
    public void close() {
        for (long pid : mirrors()) {
            kill(pid);
        }
    }
}
