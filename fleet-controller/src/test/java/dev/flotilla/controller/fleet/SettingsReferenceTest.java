package dev.flotilla.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import dev.flotilla.settings.SettingsReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference of {@code fleet.conf} against the code that reads it. */
class SettingsReferenceTest {
    private static final Path FOLDER = Path.of("../docs/reference");
    private static final int FEWEST = 42;
    private static final Path[] READERS = {
        Path.of("src/main/java/dev/flotilla/controller/fleet"),
        Path.of("../agent/src/main/java/dev/flotilla/agent/bucket/BucketLocation.java")
    };

    private final SettingsReference reference;

    SettingsReferenceTest() throws IOException {
        reference = SettingsReference.of(FOLDER.resolve("fleet.md"));
    }

    @Test
    void everyKeyThatIsReadStandsInTheReference() {
        reference.hasEveryKeyThatIsReadIn(FEWEST, READERS);
    }

    @Test
    void theExampleIsAWholeConfiguration(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), reference.example());
        assertThat(FleetConfiguration.load(file)).isInstanceOf(Loading.Loaded.class);
    }

    @Test
    void theLongExampleHasEveryKeyAndIsRead(@TempDir Path folder) throws IOException {
        String example = Files.readString(FOLDER.resolve("fleet-example.conf"));
        assertThat(SettingsReference.keysReadIn(FEWEST, READERS))
                .allSatisfy(key -> assertThat(example).containsPattern("(?m)(?:^|[ {,])" + key + " [={]"));
        Files.writeString(folder.resolve("constraints.txt"), "sample-one==1.0\n");
        Path file = Files.writeString(folder.resolve("fleet.conf"), example);
        assertThat(FleetConfiguration.load(file)).isInstanceOf(Loading.Loaded.class);
    }
}
