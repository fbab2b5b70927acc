package dev.flotilla.agent.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import dev.flotilla.settings.SettingsReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference of the agent's settings against the code that reads them. */
class SettingsReferenceTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/flotilla/agent");

    private final SettingsReference reference;

    SettingsReferenceTest() throws IOException {
        reference = SettingsReference.of(Path.of("../docs/reference/agent.md"));
    }

    @Test
    void everyKeyThatIsReadStandsInTheReference() {
        reference.hasEveryKeyThatIsReadIn(
                40, SOURCES.resolve("configuration"), SOURCES.resolve("bucket/BucketLocation.java"));
    }

    @Test
    void theExampleIsAWholeConfiguration(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("agent.conf"), reference.example());
        assertThat(AgentConfiguration.load(file)).isInstanceOf(Loading.Loaded.class);
    }
}
