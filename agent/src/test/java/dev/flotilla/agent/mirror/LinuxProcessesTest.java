package dev.flotilla.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinuxProcessesTest {
    private final LinuxProcesses processes = new LinuxProcesses();

    @Test
    void aLivingProcessIsItselfAndNoOther() {
        long pid = ProcessHandle.current().pid();
        ProcessIdentity self = processes.identify(pid).orElseThrow();
        assertThat(processes.isAlive(self)).isTrue();
        assertThat(processes.isAlive(new ProcessIdentity(pid, self.startTicks() + 1, self.boot())))
                .isFalse();
        assertThat(processes.isAlive(new ProcessIdentity(pid, self.startTicks(), "another boot")))
                .isFalse();
    }

    @Test
    void aProcessThatOnlyWaitsForItsParentIsDead() throws Exception {
        // The shell becomes a program that never asks for the end of the child that the shell had.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 60").start();
        try (BufferedReader output = parent.inputReader()) {
            long zombie = Long.parseLong(output.readLine());
            await().until(() -> processes.identify(zombie).isEmpty());
            assertThat(ProcessHandle.of(zombie)).isPresent();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void leadersOfSessionsAreFoundByTheirEnvironmentAndTheirChildrenAreNot() throws Exception {
        var builder = new ProcessBuilder("setsid", "sh", "-c", "sleep 60 & echo started; wait");
        builder.environment().put("FLOTILLA_TEST_MARK", "mark " + System.nanoTime());
        String mark = builder.environment().get("FLOTILLA_TEST_MARK");
        Process leader = builder.start();
        try (BufferedReader output = leader.inputReader()) {
            assertThat(output.readLine()).isEqualTo("started");
            assertThat(processes.sessionLeadersWith("FLOTILLA_TEST_MARK", mark))
                    .extracting(ProcessIdentity::pid)
                    .isEqualTo(List.of(leader.pid()));
            assertThat(processes.environment(leader.pid(), "FLOTILLA_TEST_MARK"))
                    .isEqualTo(Optional.of(mark));
        } finally {
            leader.descendants().forEach(ProcessHandle::destroyForcibly);
            leader.destroyForcibly();
        }
        await().until(() ->
                processes.sessionLeadersWith("FLOTILLA_TEST_MARK", mark).isEmpty());
    }
}
