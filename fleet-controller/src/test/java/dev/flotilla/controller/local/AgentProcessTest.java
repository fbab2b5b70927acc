package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentProcessTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    private Path folder;

    private final Queue<String> events = new ConcurrentLinkedQueue<>();

    @Test
    void aKilledAgentIsStartedAgainWithTheSameLifelineAndEndsWithIt() throws Exception {
        var processes = new FleetProcesses(folder);
        try (var lifeline = Lifeline.hold(folder.resolve("lifeline"))) {
            var agent = agent(lifeline, "cat");
            agent.start();
            long first = agent.pid();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            await().atMost(SOON).until(() -> agent.isAlive() && agent.pid() != first);
            assertThat(events).first().asString().contains("agent of east ended (killed by signal 9)");
            assertThat(events).last().asString().contains("runs again (process " + agent.pid() + ")");
            agent.end();
        }
        assertThat(processes.awaitEnd(SOON)).isEmpty();
        assertThat(events).hasSize(2);
    }

    @Test
    void nothingIsStartedOnceItIsToEnd() throws Exception {
        try (var lifeline = Lifeline.hold(folder.resolve("lifeline"))) {
            var agent = agent(lifeline, "true");
            agent.start();
            await().atMost(SOON).until(() -> !events.isEmpty());
            agent.end();
            agent.start();
            assertThat(agent.isAlive()).isFalse();
        }
        assertThat(events).hasSize(1).first().asString().contains("exit code 0");
    }

    @Test
    void anAgentThatCannotBeStartedForNowIsTriedAgain() throws Exception {
        Path program = folder.resolve("agent");
        Files.createSymbolicLink(program, Path.of("/bin/cat"));
        try (var lifeline = Lifeline.hold(folder.resolve("lifeline"))) {
            var agent = new AgentProcess(
                    LocalRegion.ALL.getFirst(),
                    new AgentProcess.Launch(
                            List.of(program.toString()), Map.of(), folder.resolve("agent.log"), lifeline),
                    events::add);
            agent.start();
            Files.delete(program);
            ProcessHandle.of(agent.pid()).orElseThrow().destroyForcibly();
            await().atMost(SOON).until(() -> events.size() == 2);
            agent.end();
        }
        assertThat(events).last().asString().contains("can't be started again", "trying once more in 10 s");
    }

    @Test
    void theUsersOwnAccountStaysOutsideAndTheLogInTheFolder() throws Exception {
        try (var lifeline = Lifeline.hold(folder.resolve("lifeline"))) {
            var agent = agent(lifeline, "env");
            agent.start();
            await().atMost(SOON).until(() -> !events.isEmpty());
            agent.end();
        }
        assertThat(Files.readString(folder.resolve("agent.log")).lines())
                .contains("AWS_ACCESS_KEY_ID=key", FleetProcesses.VARIABLE + "=" + folder)
                .filteredOn(line -> line.startsWith("AWS_"))
                .hasSize(1);
    }

    private AgentProcess agent(Lifeline lifeline, String program) {
        return new AgentProcess(
                LocalRegion.ALL.getFirst(),
                new AgentProcess.Launch(
                        List.of("setsid", program),
                        Map.of(FleetProcesses.VARIABLE, folder.toString(), "AWS_ACCESS_KEY_ID", "key"),
                        folder.resolve("agent.log"),
                        lifeline),
                events::add);
    }
}
