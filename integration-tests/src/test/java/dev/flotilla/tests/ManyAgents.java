package dev.flotilla.tests;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A fleet of packed agents with a bucket of their own, each with a small program in place of its mirror. Releases are
 * published by the packed controller, which runs for nothing else. Closing it ends every process.
 */
final class ManyAgents implements AutoCloseable {
    private static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", S3Server.KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET);

    private final Path folder;
    private final S3Server server;
    private final Bucket bucket;
    private final Map<Member, Integer> ports = new LinkedHashMap<>();
    private final List<Process> agents = new ArrayList<>();
    private final String pollInterval;

    private ManyAgents(Path folder, S3Server server, String pollInterval) {
        this.folder = folder;
        this.server = server;
        this.bucket = server.client();
        this.pollInterval = pollInterval;
    }

    /** A fleet of so many nodes in two regions, whose first release is published and whose agents have been started. */
    static ManyAgents start(Path folder, int nodes, String pollInterval) throws Exception {
        var fleet = new ManyAgents(folder, S3Server.start(folder.resolve("objects")), pollInterval);
        try {
            for (int number = 0; number < nodes; number++) {
                String region = number % 2 == 0 ? "east" : "west";
                fleet.ports.put(Member.parse(region + "/" + region + "-" + (number / 2 + 1)), FreePort.choose());
            }
            Command.run(Command.flotilla(
                            "init", "--name", "acme", folder.resolve("acme").toString()))
                    .succeeded();
            fleet.packProgram();
            fleet.publish("first", member -> "good");
            for (Member member : fleet.members()) {
                fleet.startAgent(member);
            }
            return fleet;
        } catch (Exception | Error failed) {
            fleet.close();
            throw failed;
        }
    }

    List<Member> members() {
        return List.copyOf(ports.keySet());
    }

    private void packProgram() throws IOException {
        Path home = Files.createDirectories(folder.resolve("program/flotilla-mirror/bin"));
        try (InputStream script =
                Objects.requireNonNull(ManyAgents.class.getResourceAsStream("/dev/flotilla/agent/mirror.py"))) {
            Files.write(home.resolve("mirror"), script.readAllBytes());
        }
        Files.setPosixFilePermissions(home.resolve("mirror"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Command.run(List.of(
                        "tar",
                        "-czf",
                        folder.resolve("mirror.tar.gz").toString(),
                        "-C",
                        folder.resolve("program").toString(),
                        "flotilla-mirror"))
                .succeeded();
    }

    /**
     * Publishes a release in which every node's mirror has this name and behaves as the mode says, and waits until the controller
     * has ended.
     */
    Command publish(String name, Function<Member, String> mode, String... options) throws IOException {
        var regions = new StringBuilder();
        for (String region : List.of("east", "west")) {
            regions.append("    ").append(region).append(" { nodes {\n");
            int number = 1;
            for (Member member : members()) {
                if (member.region().value().equals(region)) {
                    regions.append("""
                              %s { address = "127.0.%d.%d", mirror { listen { port = %d }, operations { port = %d }, name = %s, mode = %s } }
                            """.formatted(
                                    member.node(),
                                    region.equals("east") ? 101 : 102,
                                    number++,
                                    ports.get(member),
                                    ports.get(member),
                                    name,
                                    mode.apply(member)));
                }
            }
            regions.append("    } }\n");
        }
        Path file = Files.writeString(
                folder.resolve("acme/fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = %s, endpoint = "%s", path-style = true }
                  program = "../mirror.tar.gz"
                  rollout { waves = [ { nodes = 1 }, { share = 50 }, { share = 100 } ], soak = 2s, silence = 10m }
                  regions {
                %s  }
                }
                """.formatted(S3Server.NAME, server.endpoint(), regions));
        var line = Command.flotilla("publish", "-C", file.toString());
        line.addAll(List.of(options));
        return Command.run(line, CREDENTIALS).succeeded();
    }

    Command flotilla(String... arguments) {
        List<String> line = new ArrayList<>(Command.flotilla(arguments));
        line.addAll(List.of("-C", folder.resolve("acme/fleet.conf").toString()));
        return Command.run(line, CREDENTIALS);
    }

    private void startAgent(Member member) throws IOException {
        Path home = Files.createDirectories(folder.resolve(member.node().value()));
        Path configuration = Files.writeString(home.resolve("agent.conf"), """
                flotilla.agent {
                  fleet = acme, region = %s, node = %s, state = state
                  bucket { name = %s, endpoint = "%s", path-style = true }
                  trust-root = "../acme/trust/root.json"
                  mirror { readiness = "http://127.0.0.1:%d/readyz", start-time-out = 60s, stop-time-out = 2s, restart-delay = 300ms }
                  proof { soak = 1s }
                  poll-interval = %s, report-interval = 1s, report-gap = 200ms
                }
                """.formatted(
                member.region(), member.node(), S3Server.NAME, server.endpoint(), ports.get(member), pollInterval));
        Path agent = Path.of(System.getProperty("flotilla.agent.home"), "bin", "agent");
        var builder = new ProcessBuilder(agent.normalize().toString(), "run", "--config", configuration.toString())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(home.resolve("agent.log").toFile());
        CREDENTIALS.forEach(builder.environment()::put);
        agents.add(builder.start());
    }

    /** What a node says about itself; absent while it has said nothing. */
    Optional<NodeReport> report(Member member) {
        var key = BucketLayout.report(member.region(), member.node());
        return bucket.get(key, Optional.empty(), NodeReport.LARGEST) instanceof Bucket.Lookup.Found found
                ? Optional.of(NodeReport.parse(found.content()))
                : Optional.empty();
    }

    /** Whether anything of a release has come to a node's disk. */
    boolean hasFilesOf(Member member, long release) {
        return Files.exists(folder.resolve(member.node().value()).resolve("state/releases/" + release));
    }

    byte[] object(String key) {
        if (bucket.get(new ObjectKey(key), Optional.empty(), ByteSize.ofMiB(2)) instanceof Bucket.Lookup.Found found) {
            return found.content();
        }
        throw new AssertionError("the bucket has no " + key);
    }

    String log(Member member) {
        try {
            return Files.readString(folder.resolve(member.node().value()).resolve("agent.log"));
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    @Override
    public void close() {
        agents.forEach(Process::destroy);
        for (Process agent : agents) {
            try {
                if (!agent.waitFor(15, TimeUnit.SECONDS)) {
                    agent.destroyForcibly();
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                agent.destroyForcibly();
            }
        }
        // Mirrors outlive their agents.
        for (Member member : members()) {
            Path state = folder.resolve(member.node().value()).resolve("state");
            ProcessHandle.allProcesses()
                    .filter(process -> process.info()
                            .arguments()
                            .filter(arguments ->
                                    List.of(arguments).stream().anyMatch(argument -> argument.startsWith(state + "/")))
                            .isPresent())
                    .forEach(ProcessHandle::destroyForcibly);
        }
        bucket.close();
        server.close();
    }
}
