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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packed archive of a node, installed under a systemd that runs, with its agent and its mirror: what the service manual says of start,
 * stop, restart, a killed agent, an update and a bad update, while clients ask the mirror all along and none fails.
 */
@Tag("real")
class SystemdIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String UNIT = "flotilla-agent.service";
    private static final TargetPath EAST =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("east-1"));
    private static final TargetPath SPARE =
            TargetPath.mirrorConfiguration(new RegionName("east"), new NodeName("spare-1"));

    @TempDir
    Path folder;

    private long version;

    @Test
    void theUnitsDoWhatTheManualSays() throws Exception {
        Path archive = Path.of(System.getProperty("flotilla.controller.home"))
                .normalize()
                .resolve("programs")
                .resolve("flotilla-agent.tar.gz");
        int port = FreePort.choose();
        int operations = FreePort.choose();
        try (Fleet fleet = Fleet.start(folder, "--sample");
                var bucket = FleetBucket.of(fleet)) {
            byte[] configuration = mirrorConfiguration(bucket, port, operations);
            publish(bucket, configuration, Files.readAllBytes(archive));
            try (var node = SystemdNode.start(configured(fleet, operations))) {
                isInstalled(node);
                awaitHealthy(node);
                String first = awaitCurrent(node, TargetFile.of(Files.readAllBytes(archive)));
                long mirror = read(node, "mirror.json").path("pid").asLong();
                isConfined(node, agent(node));
                isConfined(node, mirror);
                try (var clients = new SteadyClients(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        "/simple/flotilla-sample-app/")) {
                    isRestarted(node);
                    isStoppedAndStarted(node);
                    isKilled(node);
                    publish(bucket, configuration, packed(archive, "cut-off", """
                            #!/bin/sh
                            if [ "$1" = run ]; then
                                sed 's|endpoint = .*|endpoint = "http://127.0.0.1:1"|' "$3" > /tmp/cut-off.conf
                                set -- run --config /tmp/cut-off.conf
                            fi
                            exec "$0.real" "$@"
                            """));
                    await("the watcher to take the bad agent back")
                            .atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(read(node, "report.json")
                                            .path("problem")
                                            .asText())
                                    .as(node.log())
                                    .contains("lost its trial: it did not prove itself within 20 s"));
                    assertThat(awaitCurrent(node, TargetFile.of(Files.readAllBytes(archive))))
                            .isEqualTo(first);
                    byte[] good = packed(archive, "good", "#!/bin/sh\nexec \"$0.real\" \"$@\"\n");
                    publish(bucket, configuration, good);
                    awaitCurrent(node, TargetFile.of(good));
                    awaitHealthy(node);
                    assertThat(read(node, "mirror.json").path("pid").asLong()).isEqualTo(mirror);
                    assertThat(node.property(UNIT, "ActiveState")).isEqualTo("active");
                    clients.allWereAnswered();
                }
                theMirrorEndsToo(node, mirror);
            }
        }
    }

    private static long agent(SystemdNode node) {
        return Long.parseLong(node.property(UNIT, "MainPID"));
    }

    /** By the archive's own script, which finds nothing to do when it is run again. */
    private static void isInstalled(SystemdNode node) {
        assertThat(node.install().succeeded().output())
                .contains(
                        "make the system user flotilla", "enable flotilla-agent.service", "start the agent", "done: ");
        assertThat(node.property(UNIT, "UnitFileState")).isEqualTo("enabled");
        assertThat(node.property("flotilla-agent-watcher.timer", "ActiveState")).isEqualTo("active");
        assertThat(node.install().succeeded().output())
                .startsWith("nothing to change: ")
                .hasLineCount(1);
    }

    private static void isRestarted(SystemdNode node) {
        long before = agent(node);
        node.run("systemctl", "restart", UNIT).succeeded();
        assertThat(agent(node)).isPositive().isNotEqualTo(before);
        awaitReportOf(node);
    }

    private static void isStoppedAndStarted(SystemdNode node) {
        node.run("systemctl", "stop", UNIT).succeeded();
        assertThat(agent(node)).isZero();
        assertThat(node.property(UNIT, "ActiveState")).isEqualTo("inactive");
        assertThat(node.property(UNIT, "Result")).isEqualTo("success");
        node.run("systemctl", "start", UNIT).succeeded();
        awaitReportOf(node);
    }

    private static void isKilled(SystemdNode node) {
        long before = agent(node);
        node.run("kill", "-9", Long.toString(before)).succeeded();
        await("another agent").atMost(PATIENCE).until(() -> agent(node) > 0 && agent(node) != before);
        awaitReportOf(node);
    }

    /** The agent that runs has looked after its mirror. */
    private static void awaitReportOf(SystemdNode node) {
        await("a report of this agent")
                .atMost(PATIENCE)
                .until(() -> read(node, "report.json").at("/agent/pid").asLong() == agent(node));
    }

    /** What the units promise of every process in them: a user without rights, in a system that it can't write to. */
    private static void isConfined(SystemdNode node, long pid) {
        String status = node.process(pid, "status");
        String user = node.run("id", "-u", "flotilla").succeeded().output().strip();
        assertThat(status)
                .containsPattern("(?m)^Uid:\\s+" + user + "\\s+" + user + "\\s+" + user)
                .containsPattern("(?m)^NoNewPrivs:\\s+1$")
                .containsPattern("(?m)^Seccomp:\\s+2$")
                .containsPattern("(?m)^CapEff:\\s+0+$")
                .containsPattern("(?m)^CapBnd:\\s+0+$");
        assertThat(node.process(pid, "mounts").lines())
                .anyMatch(line -> line.matches("\\S+ / \\S+ ro,.*"))
                .anyMatch(line -> line.matches("\\S+ /var/lib/flotilla\\S* \\S+ rw,.*"));
        assertThat(node.process(pid, "cgroup")).contains("system.slice/" + UNIT);
    }

    private static void theMirrorEndsToo(SystemdNode node, long mirror) {
        node.run("systemctl", "stop", UNIT).succeeded();
        assertThat(node.run("kill", "-0", Long.toString(mirror)).exitCode()).isZero();
        node.run("systemctl", "kill", "--kill-whom=all", UNIT).succeeded();
        await("the mirror to end")
                .atMost(PATIENCE)
                .until(() -> node.run("kill", "-0", Long.toString(mirror)).exitCode() != 0);
        assertThat(node.run("sh", "-c", "cat /var/lib/flotilla/agent/mirror.log")
                        .output())
                .as("it ended as it does when it is asked to")
                .doesNotContain("ERROR");
    }

    private void publish(FleetBucket bucket, byte[] configuration, byte[] agent) {
        var targets = new TreeMap<>(bucket.first().targets());
        bucket.store(SPARE, TargetFile.of(configuration), configuration);
        bucket.store(TargetPath.agentProgram(), TargetFile.of(agent), agent);
        targets.put(SPARE.value(), TargetFile.of(configuration));
        targets.put(TargetPath.agentProgram().value(), TargetFile.of(agent));
        version = bucket.publishNext(targets).version();
    }

    private static byte[] mirrorConfiguration(FleetBucket bucket, int port, int operations) {
        String text = new String(bucket.target(EAST, bucket.first()), StandardCharsets.UTF_8)
                + """

                flotilla.mirror.node = spare-1
                flotilla.mirror.listen { host = 127.0.0.1, port = %d }
                flotilla.mirror.operations { host = 127.0.0.1, port = %d }
                flotilla.mirror.store.path = /var/lib/flotilla/mirror
                """.formatted(port, operations);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path configured(Fleet fleet, int operations) throws IOException {
        Path node = Files.createDirectories(folder.resolve("node"));
        Files.writeString(node.resolve("agent.conf"), """
                flotilla.agent {
                  fleet = local, region = east, node = spare-1
                  bucket { name = %s, path-style = true
                    endpoint = "%s"
                  }
                  mirror { readiness = "http://127.0.0.1:%d/readyz" }
                  poll-interval = 500ms, report-gap = 100ms, proof { soak = 0s }
                  self-update { trial = 20s, starts = 2 }
                }
                """.formatted(
                        fleet.ready().at("/bucket/name").asText(),
                        fleet.ready().at("/bucket/endpoint").asText(),
                        operations));
        Files.copy(fleet.state().resolve("trust/root.json"), node.resolve("root.json"));
        JsonNode credentials = new ObjectMapper()
                .readTree(fleet.state().resolve("local.json").toFile())
                .get("credentials");
        Files.writeString(
                node.resolve("agent.env"),
                "AWS_ACCESS_KEY_ID=" + credentials.get("accessKeyId").asText() + "\nAWS_SECRET_ACCESS_KEY="
                        + credentials.get("secretAccessKey").asText() + "\n");
        return node;
    }

    /** The real agent behind another start script. */
    private byte[] packed(Path archive, String name, String script) throws IOException {
        Path home = Files.createDirectories(folder.resolve(name));
        Command.run(List.of("tar", "-xzf", archive.toString(), "-C", home.toString()))
                .succeeded();
        Path start = home.resolve("flotilla-agent/bin/agent");
        Files.move(start, start.resolveSibling("agent.real"));
        Files.writeString(start, script);
        assertThat(start.toFile().setExecutable(true, false)).isTrue();
        Path packed = home.resolve("packed.tar.gz");
        Command.run(List.of("tar", "-czf", packed.toString(), "-C", home.toString(), "flotilla-agent"))
                .succeeded();
        return Files.readAllBytes(packed);
    }

    private static JsonNode read(SystemdNode node, String name) {
        try {
            return new ObjectMapper()
                    .readTree(node.file("/var/lib/flotilla/agent/" + name).toFile());
        } catch (IOException notYet) {
            return new ObjectMapper().createObjectNode();
        }
    }

    private void awaitHealthy(SystemdNode node) {
        await("the node to be well on the newest release").atMost(PATIENCE).untilAsserted(() -> {
            JsonNode report = read(node, "report.json");
            assertThat(report.at("/release/version").asLong()).as(node.log()).isEqualTo(version);
            assertThat(report.path("condition").asText()).as(node.log()).isEqualTo("healthy");
        });
    }

    private static String awaitCurrent(SystemdNode node, TargetFile agent) {
        String digest = agent.sha256().hex();
        await("the agent to stay")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(node.run("readlink", "/var/lib/flotilla/slots/current")
                                .output()
                                .strip())
                        .as(node.log())
                        .endsWith(digest));
        return digest;
    }
}
