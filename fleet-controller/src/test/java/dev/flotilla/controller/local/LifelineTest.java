package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifelineTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    @Test
    void aChildEndsWhenItsHolderIsKilled() throws Exception {
        var processes = new FleetProcesses(folder);
        Process holder = startHolder();
        RunningProcess child = childOf(holder);
        assertThat(processes.list()).containsExactly(child);

        holder.destroyForcibly().waitFor();
        await().atMost(SOON).until(() -> !child.isAlive());
        assertThat(processes.list()).isEmpty();
    }

    @Test
    void aChildEndsWhenTheHolderLetsGo() throws Exception {
        Process holder = startHolder();
        RunningProcess child = childOf(holder);
        holder.getOutputStream().close();
        assertThat(holder.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(SOON).until(() -> !child.isAlive());
        assertThat(folder.resolve("lifeline")).doesNotExist();
    }

    @Test
    void whatAnEarlierHolderLeftIsReplaced() throws Exception {
        Process holder = startHolder();
        RunningProcess first = childOf(holder);
        holder.destroyForcibly().waitFor();
        assertThat(folder.resolve("lifeline")).exists();
        Process next = startHolder();
        RunningProcess second = childOf(next);
        next.getOutputStream().close();
        assertThat(next.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(SOON).until(() -> !first.isAlive() && !second.isAlive());
    }

    @Test
    void childrenThatDoNotListenAreKilledAfterAWhile() throws Exception {
        var processes = new FleetProcesses(folder);
        var builder = new ProcessBuilder("setsid", "sleep", "60");
        builder.environment().put(FleetProcesses.VARIABLE, folder.toString());
        Process deaf = builder.start();
        try {
            assertThat(processes.awaitEnd(Duration.ofMillis(300)))
                    .extracting(RunningProcess::pid)
                    .containsExactly(deaf.pid());
            assertThat(deaf.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(processes.awaitEnd(Duration.ofSeconds(5))).isEmpty();
        } finally {
            deaf.destroyForcibly();
        }
    }

    @Test
    void processesOfAnotherFolderAreLeftAlone() throws Exception {
        var builder = new ProcessBuilder("setsid", "sleep", "60");
        builder.environment().put(FleetProcesses.VARIABLE, folder + "-2");
        Process other = builder.start();
        try {
            assertThat(new FleetProcesses(folder).list()).isEmpty();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcessNumberThatIsUsedAgainIsAnotherProcess() {
        var self = RunningProcess.of(ProcessHandle.current().pid());
        assertThat(self.isAlive()).isTrue();
        assertThat(new RunningProcess(self.pid(), self.startTicks() - 1).isAlive())
                .isFalse();
    }

    private Process startHolder() throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LifelineHolder.class.getName(),
                        folder.resolve("lifeline").toString(),
                        folder.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static RunningProcess childOf(Process holder) throws IOException {
        return RunningProcess.of(Long.parseLong(holder.inputReader().readLine()));
    }
}
