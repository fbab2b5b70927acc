package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    private static final RegionName EAST = new RegionName("east");

    @TempDir
    private Path folder;

    @Test
    void aMissingFolderIsMadeForItsOwnerAlone() throws Exception {
        Path state = folder.resolve("deep/er/state");
        try (var taken = StateFolder.take(state)) {
            assertThat(taken.root()).isEqualTo(state.toRealPath());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void whatTheLastRunLeftIsThereForTheNextOne() throws Exception {
        try (var first = StateFolder.take(folder.resolve("state"))) {
            Files.createDirectories(first.store(EAST));
        }
        try (var second = StateFolder.take(folder.resolve("state"))) {
            assertThat(second.store(EAST)).isDirectory();
        }
    }

    @Test
    void aFolderThatHoldsSomethingElseStaysUntouched() throws IOException {
        Path chapter = Files.writeString(folder.resolve("chapter-1.txt"), "years of work");
        assertThatThrownBy(() -> StateFolder.take(folder))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("chapter-1.txt")
                .hasMessageContaining("--state");
        assertThat(folder).isDirectoryContaining(chapter::equals);
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(chapter);
        }
    }

    @Test
    void anEmptyFolderMayBeTaken() throws Exception {
        try (var taken = StateFolder.take(folder)) {
            assertThat(taken.root()).isDirectory();
        }
    }

    @Test
    void whatCannotBeAFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        for (Path state : new Path[] {file, file.resolve("state"), file.resolve("a/b")}) {
            assertThatThrownBy(() -> StateFolder.take(state))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("--state");
        }
    }

    @Test
    void aFolderInUseIsRefusedAndFreeAgainAfterwards() throws Exception {
        Path state = folder.resolve("state");
        try (var first = StateFolder.take(state)) {
            assertThat(first.root()).isDirectory();
            assertThatThrownBy(() -> StateFolder.take(state))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("running in " + state)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        StateFolder.take(state).close();
    }

    @Test
    void emptyingDeletesEverythingButFollowsNoLink() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Path precious = Files.writeString(outside.resolve("precious"), "kept");
        Path state = folder.resolve("state");
        try (var taken = StateFolder.take(state)) {
            Files.createDirectories(taken.store(EAST));
            Files.writeString(taken.store(EAST).resolve("file"), "gone");
            Files.createSymbolicLink(taken.bucket(), outside);
            Files.createSymbolicLink(taken.store(EAST).resolve("link"), outside);
            taken.empty();
            try (var entries = Files.list(state)) {
                assertThat(entries.map(entry -> entry.getFileName().toString()))
                        .containsExactlyInAnyOrder(".flotilla-local", "local.lock");
            }
        }
        assertThat(precious).hasContent("kept");
        StateFolder.take(state).close();
    }

    @Test
    void theUsualFolderFollowsTheXdgSpecification() {
        assertThat(StateFolder.usual("/home/ada", null)).isEqualTo(Path.of("/home/ada/.local/state/flotilla/local"));
        assertThat(StateFolder.usual("/home/ada", "/var/ada")).isEqualTo(Path.of("/var/ada/flotilla/local"));
        assertThat(StateFolder.usual("/home/ada", "not/absolute"))
                .isEqualTo(Path.of("/home/ada/.local/state/flotilla/local"));
    }
}
