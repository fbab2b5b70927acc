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
    private final SettingsReference reference;

    SettingsReferenceTest() throws IOException {
        reference = SettingsReference.of(Path.of("../docs/reference/fleet.md"));
    }

    @Test
    void everyKeyThatIsReadStandsInTheReference() {
        reference.hasEveryKeyThatIsReadIn(
                42,
                Path.of("src/main/java/dev/flotilla/controller/fleet"),
                Path.of("../agent/src/main/java/dev/flotilla/agent/bucket/BucketLocation.java"));
    }

    @Test
    void theExampleIsAWholeConfiguration(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), reference.example());
        assertThat(FleetConfiguration.load(file)).isInstanceOf(Loading.Loaded.class);
    }
}
