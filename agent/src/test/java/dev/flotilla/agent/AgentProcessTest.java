package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.RoleServer;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.TestRepository;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as people run it: a process beside a mirror process and a bucket. */
class AgentProcessTest {
    private final List<AgentProcess> agents = new ArrayList<>();
    private Path folder;
    private S3Server server;
    private Bucket bucket;
    private TestFleet fleet;
    private TestNode node;

    @BeforeEach
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = S3Server.start(folder.resolve("objects"));
        bucket = server.client();
        fleet = new TestFleet(bucket);
        node = new TestNode(folder, fleet, server.endpoint());
        fleet.publish(1, node.mirror("one", "good"));
    }

    @AfterEach
    void end() {
        agents.forEach(AgentProcess::close);
        node.close();
        bucket.close();
        server.close();
    }

    private AgentProcess command(String... arguments) {
        AgentProcess agent = AgentProcess.start(arguments);
        agents.add(agent);
        return agent;
    }

    private AgentProcess run() {
        return command("run", "--config", node.configurationFile().toString());
    }

    private static void soon(Callable<Boolean> condition) {
        await().atMost(TestNode.patience()).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    private NodeReport report() {
        var key = BucketLayout.report(new RegionName("east"), new NodeName("east-1"));
        return switch (bucket.get(key, Optional.empty(), NodeReport.LARGEST)) {
            case Bucket.Lookup.Found found -> NodeReport.parse(found.content());
            case Bucket.Lookup.Absent absent -> throw new AssertionError(absent.reason());
            case Bucket.Lookup.TooLarge tooLarge -> throw new AssertionError(tooLarge.reason());
            case Bucket.Lookup.Failed failed -> throw new AssertionError(failed.reason());
            case Bucket.Lookup.NotModified ignored -> throw new AssertionError("nothing was known");
        };
    }

    private boolean isHealthy(long version) {
        NodeReport report = report();
        return report.condition() == NodeReport.Condition.HEALTHY
                && report.mirror()
                        .filter(mirror -> mirror.release() == version && mirror.ready())
                        .isPresent();
    }

    private void healthy(long version) {
        await().atMost(TestNode.patience())
                .untilAsserted(() -> assertThat(isHealthy(version)).isTrue());
    }

    @Test
    void theRoleOfAnInstanceOrOfAContainerIsEnough() throws Exception {
        String[] verify = {"verify", "--config", node.configurationFile().toString()};
        try (var roles = RoleServer.start();
                var instance = AgentProcess.start(roles.ofAnInstance(), verify);
                var container = AgentProcess.start(roles.ofAContainer(), verify)) {
            for (AgentProcess agent : List.of(instance, container)) {
                assertThat(agent.ended()).as(agent.said()).isZero();
                assertThat(agent.said()).contains("release 1");
            }
            assertThat(roles.given())
                    .containsExactlyInAnyOrder(
                            "/latest/meta-data/iam/security-credentials/flotilla-node", "/container");
        }
    }

    @Test
    void aKilledAgentLeavesItsMirrorAndTheNextOneAdoptsIt() throws Exception {
        AgentProcess first = run();
        healthy(1);
        long mirror = node.mirror();
        assertThat(node.ask("/environment")).contains("FLOTILLA_AGENT_STATE").doesNotContain("AWS_");
        first.kill();
        assertThat(node.serves("one")).isTrue();
        AgentProcess second = run();
        soon(() -> second.said().contains("goes on as process " + mirror));
        soon(() -> report().agent().pid() == second.pid());
        healthy(1);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(report().mirror().orElseThrow().restarts()).isZero();
        fleet.publish(2, node.mirror("two", "good"));
        healthy(2);
        assertThat(TestNode.isAlive(mirror)).isFalse();
        assertThat(node.mirrors()).hasSize(1);
    }

    @Test
    void aMirrorWhoseRecordIsLostIsAdoptedAllTheSame() throws Exception {
        AgentProcess first = run();
        healthy(1);
        long mirror = node.mirror();
        first.kill();
        Files.delete(node.state().mirror());
        AgentProcess second = run();
        soon(() -> second.said().contains("goes on as process " + mirror));
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(Files.readString(node.state().mirror())).contains("\"pid\": " + mirror);
    }

    @Test
    void anAgentThatIsToldToEndLeavesItsMirror() throws Exception {
        AgentProcess agent = run();
        healthy(1);
        long mirror = node.mirror();
        agent.terminate();
        assertThat(agent.ended()).isZero();
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(node.serves("one")).isTrue();
    }

    @Test
    void aDeadMirrorIsStartedAgainAfterADelayThatGrows() {
        AgentProcess agent = run();
        healthy(1);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            TestNode.kill(node.mirror());
            long begin = System.nanoTime();
            soon(() -> node.serves("one"));
            pauses.add(Duration.ofNanos(System.nanoTime() - begin));
            int restarts = i;
            soon(() -> report().mirror()
                    .filter(mirror -> mirror.restarts() == restarts)
                    .isPresent());
        }
        assertThat(pauses.get(0)).isGreaterThan(Duration.ofMillis(300));
        assertThat(pauses.get(1)).isGreaterThan(Duration.ofMillis(600));
        assertThat(pauses.get(2)).isGreaterThan(Duration.ofMillis(1200));
        assertThat(agent.said())
                .contains("starts again after 0.3 s", "starts again after 0.6 s", "starts again after 1.2 s");
    }

    @Test
    void aNodeWhoseFirstReleaseIsRefusedSaysWhy() throws Exception {
        fleet.publish(2, node.mirror("two", "refused"));
        run();
        await().atMost(TestNode.patience())
                .untilAsserted(() -> assertThat(report().problem().orElse(""))
                        .contains("release 2 refused: ", "flotilla.mirror.listen.port: is missing"));
    }

    @Test
    void aDeadMirrorIsReported() throws Exception {
        node.configure(
                server.endpoint(),
                "flotilla.agent.mirror.restart-delay = 1h, flotilla.agent.mirror.restart-delay-limit = 1h");
        run();
        healthy(1);
        long mirror = node.mirror();
        TestNode.kill(mirror);
        soon(() -> report().condition() == NodeReport.Condition.DEGRADED);
        soon(() -> report().problem()
                .filter(problem -> problem.contains("the mirror (process " + mirror + ") ended with status 137"))
                .isPresent());
        assertThat(report().mirror()).isEmpty();
    }

    @Test
    void aBucketThatGoesAwayIsWaitedForAndTheMirrorServesAllAlong() throws Exception {
        AgentProcess agent = run();
        healthy(1);
        long mirror = node.mirror();
        server.close();
        soon(() -> agent.said().contains("could not look for a release"));
        soon(() -> agent.said().contains("report not written"));
        assertThat(node.mirror()).isEqualTo(mirror);
        agent.kill();
        TestNode.kill(mirror);
        run();
        soon(() -> node.serves("one"));
    }

    @Test
    void aSecondAgentOnOneStateFolderSaysWhoHoldsIt() throws Exception {
        AgentProcess first = run();
        healthy(1);
        for (String verb : List.of("run", "once")) {
            AgentProcess second =
                    command(verb, "--config", node.configurationFile().toString());
            assertThat(second.ended()).isEqualTo(1);
            assertThat(second.said().strip())
                    .hasLineCount(1)
                    .contains("another agent works in the state folder", "process " + first.pid());
        }
        first.kill();
        assertThat(command("once", "--config", node.configurationFile().toString())
                        .ended())
                .isZero();
    }

    @Test
    void aLifelineEndsAgentAndMirrorAndAKilledAgentLeavesTheMirror() throws Exception {
        node.configure(server.endpoint(), "flotilla.agent.mirror.keep-with-standard-input = true");
        Path pipe = folder.resolve("lifeline");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        var lifeline = new RandomAccessFile(pipe.toFile(), "rw");
        AgentProcess first = onLifeline(pipe);
        healthy(1);
        long mirror = node.mirror();
        first.kill();
        assertThat(node.serves("one")).isTrue();
        AgentProcess second = onLifeline(pipe);
        soon(() -> second.said().contains("goes on as process " + mirror));
        lifeline.close();
        assertThat(second.ended()).isZero();
        soon(() -> node.mirrors().isEmpty());
    }

    private AgentProcess onLifeline(Path pipe) {
        AgentProcess agent = AgentProcess.start(
                Main.class,
                ProcessBuilder.Redirect.from(pipe.toFile()),
                "run",
                "--config",
                node.configurationFile().toString(),
                "--until-stdin-closes");
        agents.add(agent);
        return agent;
    }

    @Test
    void verifyTellsWhatACycleWouldDoAndDoesNothing() throws Exception {
        String configuration = node.configurationFile().toString();
        AgentProcess before = command("verify", "--config", configuration);
        assertThat(before.ended()).isZero();
        assertThat(before.said()).contains("would go from here to release 1", "configuration", "program");
        assertThat(node.state().path()).doesNotExist();
        assertThat(command("once", "--config", configuration).ended()).isZero();
        AgentProcess after = command("verify", "--config", configuration);
        assertThat(after.ended()).isZero();
        assertThat(after.said()).contains("nothing to do");
        fleet.repository()
                .bind(Optional.of(new Binding(new FleetName("other"), TestRepository.BUCKET, Optional.empty())));
        fleet.repository().publishRoot();
        fleet.publish(2, node.mirror("two", "good"));
        AgentProcess refused = command("verify", "--config", configuration);
        assertThat(refused.ended()).isEqualTo(1);
        assertThat(refused.said()).contains("a release is refused: wrong fleet");
    }

    @Test
    void statusTellsWhatRunsAndWhatIsWrong() throws Exception {
        String configuration = node.configurationFile().toString();
        AgentProcess never = command("status", "--config", configuration);
        assertThat(never.ended()).isEqualTo(1);
        assertThat(never.said()).contains("no agent has worked in");
        AgentProcess agent = run();
        healthy(1);
        AgentProcess healthy = command("status", "--config", configuration, "--json");
        assertThat(healthy.ended()).as(healthy.said()).isZero();
        JsonObject status =
                new JsonReader(ByteSize.ofKiB(64)).object(healthy.said().getBytes(StandardCharsets.UTF_8));
        assertThat(status.object("agent").truth("running")).isTrue();
        assertThat(status.object("agent").whole("pid")).isEqualTo(agent.pid());
        assertThat(status.object("mirror").whole("pid")).isEqualTo(node.mirror());
        fleet.publish(2, node.mirror("two", "refused"));
        soon(() -> report().condition() == NodeReport.Condition.DEGRADED);
        AgentProcess degraded = command("status", "--config", configuration);
        assertThat(degraded.ended()).isEqualTo(1);
        assertThat(degraded.said())
                .contains(
                        "release  1, committed",
                        "degraded: release 2 refused",
                        "flotilla.mirror.listen.port: is missing");
    }

    @Test
    void aWrongConfigurationIsToldWithoutAStackTrace() throws Exception {
        node.configure(URI.create("http://127.0.0.1:9"), "flotilla.agent { fleet = Wrong, pol-interval = 3s }");
        AgentProcess agent = run();
        assertThat(agent.ended()).isEqualTo(1);
        assertThat(agent.said())
                .contains(
                        "agent.conf:",
                        "'Wrong' is no name for a fleet",
                        "pol-interval: unknown key: did you mean poll-interval?")
                .doesNotContain("Exception", "\tat ");
    }

    @Test
    void aStateFolderThatCanNotBeMadeIsToldInOneLine() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        node.configure(server.endpoint(), "flotilla.agent.state = file/agent");
        AgentProcess agent = run();
        assertThat(agent.ended()).isEqualTo(1);
        assertThat(agent.said().strip())
                .hasLineCount(1)
                .contains("can't use the state folder", "file/agent")
                .doesNotContain("\tat ");
    }

    @Test
    void theMirrorsLogDoesNotGrowWithoutBound() throws Exception {
        node.configure(server.endpoint(), "flotilla.agent.mirror.log-size = 64 KiB");
        run();
        healthy(1);
        for (int i = 0; i < 40; i++) {
            node.ask("/print/10000");
        }
        soon(() -> Files.exists(node.state().mirrorLogSetAside())
                && Files.size(node.state().mirrorLog()) < (64 << 10));
        node.ask("/print/7");
        soon(() -> Files.readString(node.state().mirrorLog()).endsWith("xxxxxxx\n"));
    }
}
