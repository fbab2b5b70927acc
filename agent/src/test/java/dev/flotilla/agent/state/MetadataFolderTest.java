package dev.flotilla.agent.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataFolderTest {
    private static final byte[] ONE = "one".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TWO = "two".getBytes(StandardCharsets.UTF_8);

    @Test
    void whatIsWrittenComesBackAndWhatIsRemovedIsGone(@TempDir Path path) throws Exception {
        var folder = new MetadataFolder(path);
        assertThat(folder.read("root")).isEmpty();
        folder.write("root", ONE);
        folder.write("root", TWO);
        assertThat(new MetadataFolder(path).read("root")).contains(TWO);
        folder.remove("root");
        folder.remove("root");
        assertThat(folder.read("root")).isEmpty();
    }

    @Test
    void noRoleIsTakenForTheInstalledRootOrLeadsOutOfTheFolder(@TempDir Path path) throws Exception {
        Path home = Files.createDirectory(path.resolve("trust"));
        var folder = new MetadataFolder(home);
        folder.writeInstalledRoot(ONE);
        for (String role : List.of("installed-root", "../escape", "/etc/passwd", "..", ".", "a/b", "ü", "?#")) {
            folder.write(role, TWO);
            assertThat(folder.read(role)).as(role).contains(TWO);
        }
        assertThat(folder.installedRoot()).contains(ONE);
        try (Stream<Path> outside = Files.list(path)) {
            assertThat(outside).containsExactly(home);
        }
    }
}
