package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network of its own with a switch, an S3 server and an index on it, to which machines get cables ({@code machine-network.sh}).
 * Nothing of it is on any network of this machine, and nothing is left of it when its process ends.
 */
final class MachineNetwork implements AutoCloseable {
    private static final String ADDRESS = "10.77.0.1";
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Wheel WHEEL = Wheel.of("provisioned", "1.0", 100_000);

    private final Path objects;
    private final Process process;
    private final URI bucketEndpoint;
    private final URI index;

    private MachineNetwork(Path objects, Process process, URI bucketEndpoint, URI index) {
        this.objects = objects;
        this.process = process;
        this.bucketEndpoint = bucketEndpoint;
        this.index = index;
    }

    static MachineNetwork start(Path folder) throws IOException {
        assertThat(System.getProperty("user.name"))
                .as("only root makes networks and systems: run the real tier as root")
                .isEqualTo("root");
        Path objects = Files.createDirectories(folder.resolve("objects"));
        Path log = folder.resolve("network.log");
        Path ready = folder.resolve("network.ready");
        Process process = new ProcessBuilder(
                        "bash",
                        OwnSystem.script("machine-network.sh", folder.resolve("machine-network.sh"))
                                .toString(),
                        ADDRESS,
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MachineNetwork.class.getName(),
                        objects.toString(),
                        ready.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await("the network").atMost(PATIENCE).until(() -> Files.exists(ready) || !process.isAlive());
        if (!Files.exists(ready)) {
            throw new AssertionError("the network did not start; it needs root, unshare -n and ip (iproute2):\n"
                    + Files.readString(log));
        }
        List<String> said = Files.readAllLines(ready);
        return new MachineNetwork(objects, process, URI.create(said.get(0)), URI.create(said.get(1)));
    }

    /** What is on the network beside machines, until standard input ends. */
    public static void main(String[] arguments) throws Exception {
        try (var bucket = S3Server.start(Path.of(arguments[0]), ADDRESS);
                var index = CountingIndex.at(InetAddress.ofLiteral(ADDRESS), WHEEL)) {
            Path ready = Path.of(arguments[1]);
            Path whole = Files.write(
                    ready.resolveSibling("network.start"),
                    List.of(bucket.endpoint().toString(), index.uri().toString()));
            Files.move(whole, ready, StandardCopyOption.ATOMIC_MOVE);
            while (System.in.read() >= 0) {
                // Nobody says anything: the end is waited for.
            }
        }
    }

    URI bucketEndpoint() {
        return bucketEndpoint;
    }

    URI index() {
        return index;
    }

    /** A bucket of the server, empty. */
    Path bucket(String name) throws IOException {
        return Files.createDirectory(objects.resolve(name));
    }

    /** What a command line has to begin with to be run on the network. */
    List<String> prefix() {
        return List.of("nsenter", "-t", Long.toString(process.pid()), "-n", "--");
    }

    /** The same, where the disks of machines are mounted, too. */
    List<String> underneath() {
        return List.of("nsenter", "-t", Long.toString(process.pid()), "-n", "-m", "--");
    }

    String process() {
        return Long.toString(process.pid());
    }

    Command run(List<String> line, Map<String, String> environment) {
        List<String> whole = new ArrayList<>(prefix());
        whole.addAll(line);
        return Command.run(whole, environment);
    }

    /** Runs a command where the disks of machines are mounted. */
    Command under(String... words) {
        List<String> whole = new ArrayList<>(underneath());
        whole.addAll(List.of(words));
        return Command.run(whole);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
