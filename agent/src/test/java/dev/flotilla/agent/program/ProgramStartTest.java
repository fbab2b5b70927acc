package dev.flotilla.agent.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramStartTest {
    @TempDir
    Path folder;

    private Path program = Path.of("");

    @BeforeEach
    void write() throws IOException {
        program = Files.writeString(folder.resolve("program"), "#!/bin/sh\nexit 7\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void aProgramThatIsStillOpenForWritingIsStartedOnceItIsNot() throws Exception {
        var start = new FutureTask<>(() -> ProgramStart.of(new ProcessBuilder(program.toString())));
        try (var writer = Files.newByteChannel(program, StandardOpenOption.WRITE)) {
            assertThat(writer.isOpen()).isTrue();
            Thread starting = Thread.ofPlatform().start(start);
            await().atMost(Duration.ofSeconds(30)).until(() -> starting.getState() == Thread.State.TIMED_WAITING);
        }
        assertThat(start.get().waitFor()).isEqualTo(7);
    }

    @Test
    void whatCanNotBeStartedForAnotherReasonFailsAtOnce() {
        assertThatThrownBy(() -> ProgramStart.of(
                        new ProcessBuilder(folder.resolve("absent").toString())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No such file");
    }
}
