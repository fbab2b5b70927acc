package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Server;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.agent.trust.TargetPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent under its supervisor that gets another one in its place, good ones and bad ones. The mirror never notices. */
class SelfUpdateTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Path folder;
    private S3Server server;
    private Bucket bucket;
    private TestFleet fleet;
    private TestNode node;
    private AgentScripts scripts;
    private Optional<Process> supervisor = Optional.empty();

    @BeforeEach
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = S3Server.start(folder.resolve("objects"));
        bucket = server.client();
        fleet = new TestFleet(bucket);
        node = new TestNode(folder, fleet, server.endpoint());
        scripts = AgentScripts.install(folder, AgentScripts.realAgent("installed"));
        allow("trial = 60s, starts = 2");
    }

    private void allow(String settings) throws IOException {
        node.configure(server.endpoint(), "flotilla.agent.self-update { " + settings + " }");
    }

    @AfterEach
    void end() throws Exception {
        try {
            if (supervisor.isPresent()) {
                supervisor.get().destroy();
                assertThat(supervisor.get().waitFor(30, TimeUnit.SECONDS))
                        .as("the supervisor ends when it is told to")
                        .isTrue();
                await("all that it started to end")
                        .atMost(TestNode.patience())
                        .until(() -> scripts.processes().isEmpty());
            }
        } finally {
            scripts.processes().forEach(TestNode::kill);
            node.close();
            bucket.close();
            server.close();
        }
    }

    private void supervise() {
        supervisor = Optional.of(scripts.start(
                folder.resolve("agent.log"),
                Map.of("FLOTILLA_AGENT_WATCH_SECONDS", "1"),
                "agent-supervisor",
                "run",
                "--config",
                node.configurationFile().toString()));
    }

    private Optional<NodeReport> report() {
        try {
            return Optional.of(NodeReport.parse(Files.readAllBytes(node.state().report())));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    private void healthyOn(long release) throws IOException {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(report())
                        .as(Files.readString(folder.resolve("agent.log")))
                        .hasValueSatisfying(report -> {
                            assertThat(report.problem()).isEmpty();
                            assertThat(report.release().orElseThrow().version()).isEqualTo(release);
                            assertThat(report.release().orElseThrow().state()).isEqualTo(NodeReport.State.COMMITTED);
                        }));
    }

    private String current() {
        try {
            return Files.readSymbolicLink(scripts.slots().resolve("current"))
                    .getFileName()
                    .toString();
        } catch (IOException none) {
            return "";
        }
    }

    private static TestFleet.Program agent(String script) {
        return TestFleet.packed("agent", script);
    }

    @Test
    void aGoodAgentProvesItselfAndTheMirrorNeverNotices() throws Exception {
        fleet.publish(1, node.mirror("one", "good"));
        supervise();
        healthyOn(1);
        long mirror = node.mirror();
        long installed = report().orElseThrow().agent().pid();
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(2, node.mirror("one", "good")).withAgent(next));
        await().atMost(PATIENCE).until(() -> current().equals(next.digest().hex()));
        await().atMost(PATIENCE).until(() -> report().orElseThrow().agent().pid() != installed);
        healthyOn(2);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
        var after = agent(AgentScripts.realAgent("after"));
        fleet.publish(fleet.draft(3, node.mirror("one", "good")).withAgent(after));
        await().atMost(PATIENCE).until(() -> current().equals(after.digest().hex()));
        healthyOn(3);
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    @ParameterizedTest
    @CsvSource({
        "exit 3, ended 2 times before it had proved itself",
        "exec sleep 600, did not prove itself within 4 s",
        "(sleep 2; kill -SEGV $$) & export JAVA_TOOL_OPTIONS=-Dhttp.proxyHost=127.0.0.1' '-Dhttp.proxyPort=1' '-Dhttp.nonProxyHosts=,"
                + " 'ended 2 times before it had proved itself'"
    })
    void aBadAgentIsTakenBackAndRefusedAndTheNextGoodOneIsTaken(String script, String reason) throws Exception {
        allow("trial = " + (script.contains("600") ? "4s" : "60s") + ", starts = 2");
        fleet.publish(1, node.mirror("one", "good"));
        supervise();
        healthyOn(1);
        long mirror = node.mirror();
        var bad = agent(AgentScripts.realAgentBehind(script));
        fleet.publish(fleet.draft(2, node.mirror("one", "good")).withAgent(bad));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(report().orElseThrow().problem())
                        .as(Files.readString(folder.resolve("agent.log")))
                        .hasValueSatisfying(problem -> assertThat(problem)
                                .isEqualTo("agent " + bad.digest() + " lost its trial: it " + reason)));
        assertThat(report().orElseThrow().release().orElseThrow().version()).isEqualTo(2);
        assertThat(node.mirror()).isEqualTo(mirror);
        assertThat(current()).isEmpty();
        assertThat(scripts.slots().resolve("programs")).isEmptyDirectory();
        allow("trial = 60s, starts = 2");
        // What it gives the next one was read when it began.
        long impatient = report().orElseThrow().agent().pid();
        TestNode.kill(impatient);
        await().atMost(PATIENCE).until(() -> report().orElseThrow().agent().pid() != impatient);
        var good = agent(AgentScripts.realAgent("good"));
        fleet.publish(fleet.draft(3, node.mirror("one", "good")).withAgent(good));
        await().atMost(PATIENCE).until(() -> current().equals(good.digest().hex()));
        healthyOn(3);
        assertThat(node.mirror()).isEqualTo(mirror);
    }

    private Slots installed() throws IOException {
        var slots = Slots.open(scripts.slots(), scripts.home());
        slots.tidy();
        return slots;
    }

    private Optional<String> once(Bucket at, AtomicLong nanoTime) throws Exception {
        return node.agent(at, installed(), () -> System.nanoTime() + nanoTime.get())
                .once()
                .problem();
    }

    @Test
    void anAgentThatDoesNotUnderstandTheConfigurationGetsNoTrial() throws Exception {
        var wrong = agent("#!/bin/sh\necho 'agent.conf:3: flotilla.agent.fleet: is unknown' >&2\nexit 1\n");
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(wrong));
        var time = new AtomicLong();
        assertThat(once(bucket, time))
                .contains("agent " + wrong.digest() + " refused: agent.conf:3: flotilla.agent.fleet: is unknown");
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
        assertThat(scripts.slots().resolve("programs")).isEmptyDirectory();
        assertThat(once(bucket, time)).isPresent();
    }

    @Test
    void anAgentThatComesDamagedIsTriedSoOftenAndThenRefused() throws Exception {
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(next));
        fleet.put(BucketLayout.target(TargetPath.agentProgram(), next.digest()), next.damaged());
        Agent steady = node.agent(bucket, installed(), System::nanoTime);
        for (int number = 1; number < 3; number++) {
            assertThat(steady.once().problem().orElseThrow())
                    .startsWith("agent " + next.digest() + " failed, try " + number + " of 3: wrong digest");
        }
        assertThat(steady.once().problem().orElseThrow())
                .startsWith("agent " + next.digest() + " refused: wrong digest")
                .endsWith("(tried 3 times)");
        fleet.put(BucketLayout.target(TargetPath.agentProgram(), next.digest()), next.archive());
        assertThat(steady.once().problem().orElseThrow()).endsWith("(tried 3 times)");
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
    }

    @Test
    void anAgentIsNotRefusedForWhatTheOneBeforeItCanNotDoEither() throws Exception {
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(next));
        var time = new AtomicLong();
        assertThat(once(bucket, time)).isEmpty();
        assertThat(scripts.slots().resolve("trial")).isDirectory();
        Files.writeString(scripts.slots().resolve("trial/seconds"), "0\n");
        assertThat(scripts.run("agent-watch")).contains("taken back");

        server.close();
        Agent before = node.agent(bucket, installed(), () -> System.nanoTime() + time.get());
        assertThat(before.once().problem().orElseThrow()).contains("lost its trial", "could not look for a release");
        time.addAndGet(Duration.ofSeconds(61).toNanos());
        assertThat(before.once().problem().orElseThrow()).contains("could not look for a release");
        assertThat(installed().failed()).isEmpty();
        assertThat(installed().refusal(next.digest())).isEmpty();
    }

    @Test
    void anAgentIsRefusedForWhatTheOneBeforeItCanDo() throws Exception {
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(next));
        var time = new AtomicLong();
        assertThat(once(bucket, time)).isEmpty();
        Files.writeString(scripts.slots().resolve("trial/seconds"), "0\n");
        assertThat(scripts.run("agent-watch")).contains("taken back");
        assertThat(once(bucket, time))
                .contains("agent " + next.digest() + " lost its trial: it did not prove itself within 0 s");
        assertThat(once(bucket, time)).isPresent();
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
        assertThat(scripts.slots().resolve("programs")).isEmptyDirectory();
    }

    @Test
    void anAgentOnTrialHasNotProvedItselfBeforeItHasSeenItsMirrorReady() throws Exception {
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(next));
        assertThat(once(bucket, new AtomicLong())).isEmpty();
        Path trial = scripts.slots().resolve("trial");
        assertThat(trial).isDirectory();
        node.giveUpEarly();
        node.ask("/unready");
        var own = Slots.open(scripts.slots(), scripts.slots().resolve("programs/" + next.digest()));
        NodeReport unwell = node.agent(bucket, own, System::nanoTime).once();
        assertThat(unwell.mirror().orElseThrow().ready()).isFalse();
        assertThat(trial).as("the trial goes on").isDirectory();
        TestNode.kill(node.mirror());
        node.giveUpLate();
        assertThat(node.agent(bucket, own, System::nanoTime).once().problem()).isEmpty();
        assertThat(trial).as("the trial is won").doesNotExist();
        assertThat(current()).isEqualTo(next.digest().hex());
    }

    @Test
    void theAgentOfAReleaseThatIsTakenBackIsNotTried() throws Exception {
        fleet.publish(1, node.mirror("one", "good"));
        var time = new AtomicLong();
        assertThat(once(bucket, time)).isEmpty();
        var next = agent(AgentScripts.realAgent("next"));
        node.giveUpEarly();
        fleet.publish(fleet.draft(2, node.mirror("two", "never-ready")).withAgent(next));
        assertThat(once(bucket, time).orElseThrow()).contains("release 2 reverted");
        assertThat(once(bucket, time).orElseThrow()).contains("release 2 reverted");
        assertThat(scripts.slots().resolve("trial")).doesNotExist();
    }

    @Test
    void anAgentThatNobodyWouldReplaceStaysAsItIs() throws Exception {
        var next = agent(AgentScripts.realAgent("next"));
        fleet.publish(fleet.draft(1, node.mirror("one", "good")).withAgent(next));
        assertThat(node.agent(bucket).once().problem()).isEmpty();
        assertThat(scripts.slots()).doesNotExist();
    }
}
