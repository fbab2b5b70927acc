package dev.flotilla.mirror.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import dev.flotilla.settings.SettingsReference;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The reference of the mirror's settings against the code that reads them. */
class SettingsReferenceTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/flotilla/mirror/configuration");

    private final SettingsReference reference;

    SettingsReferenceTest() throws IOException {
        reference = SettingsReference.of(Path.of("../docs/reference/mirror.md"));
    }

    @Test
    void everyKeyThatIsReadStandsInTheReference() {
        reference.hasEveryKeyThatIsReadIn(70, SOURCES);
    }

    @Test
    void theExampleIsAWholeConfiguration() {
        assertThat(MirrorConfiguration.parse(reference.example(), "example")).isInstanceOf(Loading.Loaded.class);
    }
}
