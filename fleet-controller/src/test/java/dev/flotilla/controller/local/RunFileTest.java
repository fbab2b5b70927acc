package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
    private static final BucketCredentials CREDENTIALS = new BucketCredentials("key", "a secret".replace(' ', '-'));

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadAgainByItsOwnerAlone() throws Exception {
        var run = run(RunningProcess.of(ProcessHandle.current().pid()));
        Path file = folder.resolve("local.json");
        run.write(file);
        assertThat(RunFile.read(file)).isEqualTo(run);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void statusKnowsTheFleetWhileItsCommandRuns() throws Exception {
        try (var state = StateFolder.take(folder)) {
            run(RunningProcess.of(ProcessHandle.current().pid())).write(state.runFile());
            Files.writeString(
                    state.fleetConfiguration(),
                    new ConfigurationFiles(state, URI.create("http://127.0.0.1:1"))
                            .fleet(
                                    URI.create("http://127.0.0.1:2"),
                                    new ConfigurationFiles.MirrorPorts(8080, 8081, OptionalInt.empty()),
                                    "sample",
                                    URI.create("http://127.0.0.1:3/simple/")));
            try (var sources = LocalStatusSources.open(folder)) {
                assertThat(sources.fleet().name()).isEqualTo(new FleetName("local"));
                assertThat(sources.nameServer())
                        .contains(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8053));
            }
        }
    }

    @Test
    void aFolderWhoseFleetHasEndedSaysWhatToDo() throws Exception {
        var self = RunningProcess.of(ProcessHandle.current().pid());
        run(new RunningProcess(self.pid(), self.startTicks() - 1)).write(StateFolder.runFile(folder));
        assertThatThrownBy(() -> LocalStatusSources.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessage("no local fleet runs in " + folder + ": start one with flotilla local --state " + folder);
        Path never = folder.resolve("never");
        assertThatThrownBy(() -> LocalStatusSources.open(never))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("flotilla local --state " + never);
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.writeString(StateFolder.runFile(folder), "{\"command\":");
        assertThatThrownBy(() -> LocalStatusSources.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("local.json is damaged");
    }

    private static RunFile run(RunningProcess command) {
        return new RunFile(
                command,
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8053),
                CREDENTIALS,
                new ProjectName("six"));
    }
}
