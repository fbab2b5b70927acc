package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.testing.FreePort;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node beside a local fleet, with the packed agent under its supervisor and the packed mirror, gets one bad agent after the
 * other: each rolls itself back, while clients ask the mirror all along and none fails. Then a good one stays.
 */
class BadAgentIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final TargetPath EAST =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));
    private static final TargetPath SPARE =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("spare-1"));

    /** The real agent, cut off from its bucket: it runs, and completes no cycle. */
    private static final String CUT_OFF = """
            ulimit -c 0
            mkdir -p "$FLOTILLA_AGENT_SLOTS/../cut-off"
            sed 's|endpoint = .*|endpoint = "http://127.0.0.1:1"|' "$3" > "$FLOTILLA_AGENT_SLOTS/../cut-off/agent.conf"
            set -- run --config "$FLOTILLA_AGENT_SLOTS/../cut-off/agent.conf"
            """;

    @TempDir
    Path folder;

    private long version;

    @Test
    void everyBadAgentRollsItselfBackAndNoRequestFails() throws Exception {
        try (Fleet fleet = Fleet.start(folder, "--sample");
                var bucket = FleetBucket.of(fleet)) {
            int port = FreePort.choose();
            int operations = FreePort.choose();
            byte[] configuration = mirrorConfiguration(bucket, port, operations);
            Path archive = Path.of(System.getProperty("flotilla.controller.home"))
                    .resolve("programs")
                    .resolve("flotilla-agent.tar.gz");
            configure(fleet, operations);
            Path installed = unpacked(archive, "installed");
            publish(bucket, configuration, Files.readAllBytes(archive));
            Process supervisor = supervise(fleet, installed);
            try {
                await("the spare node to serve")
                        .atMost(PATIENCE)
                        .until(() -> condition().equals("healthy"));
                String first = current("the installed agent, by its digest");
                long mirror = pid("mirror.json");
                try (var clients = new SteadyClients(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        "/simple/flotilla-sample-app/")) {
                    isRolledBack(bucket, configuration, bad(archive, "exit 3\n"), "it ended 2 times");
                    isRolledBack(bucket, configuration, bad(archive, CUT_OFF), "it did not prove itself within 40 s");
                    isRolledBack(
                            bucket,
                            configuration,
                            bad(archive, CUT_OFF + "(sleep 3; kill -SEGV $$) &\n"),
                            "it ended 2 times");
                    assertThat(current("the agent before the bad ones")).isEqualTo(first);
                    byte[] good = packed(unpacked(archive, "good"), "another one\n");
                    publish(bucket, configuration, good);
                    await("the good agent to stay")
                            .atMost(PATIENCE)
                            .until(() -> current("an agent")
                                    .equals(TargetFile.of(good).sha256().hex()));
                    await("the node to be well")
                            .atMost(PATIENCE)
                            .until(() -> condition().equals("healthy"));
                    clients.allWereAnswered();
                }
                assertThat(pid("mirror.json")).isEqualTo(mirror);
            } finally {
                supervisor.destroy();
                assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
                Fleet.kill(pid("mirror.json"));
                await("every process of the node to end")
                        .atMost(PATIENCE)
                        .until(() -> Processes.naming(folder.resolve("node").toString())
                                .isEmpty());
            }
        }
    }

    private void isRolledBack(FleetBucket bucket, byte[] configuration, byte[] agent, String reason)
            throws IOException {
        publish(bucket, configuration, agent);
        String lost = "agent " + TargetFile.of(agent).sha256() + " lost its trial: " + reason;
        await(lost)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(report().path("problem").asText())
                        .as(Files.readString(folder.resolve("node/supervisor.log")))
                        .startsWith(lost)
                        .doesNotContain("it is refused if"));
        assertThat(report().at("/release/version").asLong()).isEqualTo(version);
        assertThat(report().at("/release/state").asText()).isEqualTo("committed");
    }

    private void publish(FleetBucket bucket, byte[] configuration, byte[] agent) {
        var targets = new TreeMap<>(bucket.first().targets());
        bucket.store(SPARE, TargetFile.of(configuration), configuration);
        bucket.store(TargetPath.agentProgram(), TargetFile.of(agent), agent);
        targets.put(SPARE.value(), TargetFile.of(configuration));
        targets.put(TargetPath.agentProgram().value(), TargetFile.of(agent));
        version = bucket.publishNext(targets).version();
    }

    private byte[] mirrorConfiguration(FleetBucket bucket, int port, int operations) {
        String text = new String(bucket.target(EAST, bucket.first()), StandardCharsets.UTF_8)
                + """

                flotilla.mirror.node = spare-1
                flotilla.mirror.listen { host = 127.0.0.1, port = %d }
                flotilla.mirror.operations { host = 127.0.0.1, port = %d }
                flotilla.mirror.store.path = "%s"
                """.formatted(port, operations, folder.resolve("node/store"));
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void configure(Fleet fleet, int operations) throws IOException {
        Files.createDirectories(folder.resolve("node"));
        Files.writeString(folder.resolve("node/agent.conf"), """
                flotilla.agent {
                  fleet = local, region = east, node = spare-1
                  state = "%s"
                  trust-root = "%s"
                  bucket { name = %s, path-style = true
                    endpoint = "%s"
                  }
                  mirror { readiness = "http://127.0.0.1:%d/readyz" }
                  poll-interval = 500ms, report-gap = 100ms, proof { soak = 0s }
                  self-update { trial = 40s, starts = 2 }
                }
                """.formatted(
                        folder.resolve("node/agent"),
                        fleet.state().resolve("trust/root.json"),
                        fleet.ready().at("/bucket/name").asText(),
                        fleet.ready().at("/bucket/endpoint").asText(),
                        operations));
    }

    private Process supervise(Fleet fleet, Path installed) throws IOException {
        JsonNode credentials = new ObjectMapper()
                .readTree(fleet.state().resolve("local.json").toFile())
                .get("credentials");
        var builder = new ProcessBuilder(
                        installed.resolve("bin/agent-supervisor").toString(),
                        "run",
                        "--config",
                        folder.resolve("node/agent.conf").toString())
                .directory(folder.resolve("node").toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("node/supervisor.log").toFile());
        builder.environment()
                .put("FLOTILLA_AGENT_SLOTS", folder.resolve("node/slots").toString());
        builder.environment().put("FLOTILLA_AGENT_WATCH_SECONDS", "1");
        builder.environment()
                .put("AWS_ACCESS_KEY_ID", credentials.get("accessKeyId").asText());
        builder.environment()
                .put("AWS_SECRET_ACCESS_KEY", credentials.get("secretAccessKey").asText());
        return builder.start();
    }

    private Path unpacked(Path archive, String name) throws IOException {
        Path home = Files.createDirectories(folder.resolve("node").resolve(name));
        Command.run(List.of("tar", "-xzf", archive.toString(), "-C", home.toString()))
                .succeeded();
        return home.resolve("flotilla-agent");
    }

    /** The real program, with a script before it where it is to run. */
    private byte[] bad(Path archive, String script) throws IOException {
        Path program = unpacked(archive, "bad-" + version);
        Path start = program.resolve("bin/agent");
        Files.move(start, start.resolveSibling("agent.real"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(start, """
                #!/bin/sh
                self=$(readlink -f "$0")
                if [ "$1" = run ]; then
                %sfi
                exec "$self.real" "$@"
                """.formatted(script));
        assertThat(start.toFile().setExecutable(true)).isTrue();
        return packed(program, script);
    }

    private byte[] packed(Path program, String note) throws IOException {
        Files.writeString(program.resolve("note"), note);
        Path packed = folder.resolve("packed.tar.gz");
        Path parent = program.resolveSibling("");
        Command.run(List.of("tar", "-czf", packed.toString(), "-C", parent.toString(), "flotilla-agent"))
                .succeeded();
        return Files.readAllBytes(packed);
    }

    private JsonNode read(String name) {
        try {
            return new ObjectMapper()
                    .readTree(folder.resolve("node/agent").resolve(name).toFile());
        } catch (IOException notYet) {
            return new ObjectMapper().createObjectNode();
        }
    }

    private JsonNode report() {
        return read("report.json");
    }

    /** What the node says about itself, once it says it about the newest release. */
    private String condition() {
        return report().at("/release/version").asLong() == version
                ? report().path("condition").asText()
                : "on another release";
    }

    private long pid(String name) {
        return read(name).path("pid").asLong();
    }

    private String current(String what) {
        Path link = folder.resolve("node/slots/current");
        await(what).atMost(PATIENCE).until(() -> Files.isSymbolicLink(link));
        try {
            return String.valueOf(Files.readSymbolicLink(link).getFileName());
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
