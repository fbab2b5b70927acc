package dev.flotilla.mirror.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference of the mirror's settings against the code that reads them. */
class SettingsReferenceTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/flotilla/mirror/configuration");
    private static final Path REFERENCE = Path.of("../docs/reference/mirror.md");
    private static final Pattern KEY =
            Pattern.compile("\\.(?:required|optional|flag|integer|requiredInteger|size|duration|list|section|sections"
                    + "|optionalSection)\\(\\s*\"([a-z-]+)\"");

    @Test
    void everyKeyThatIsReadStandsInTheReference() throws IOException {
        String reference = Files.readString(REFERENCE);
        List<String> keys = keys();
        assertThat(keys).hasSizeGreaterThan(70);
        assertThat(keys)
                .allSatisfy(key -> assertThat(reference)
                        .as("the key " + key)
                        .containsPattern("`[^`]*\\b" + Pattern.quote(key) + "\\b[^`]*`"));
    }

    @Test
    void theExampleIsAWholeConfiguration() throws IOException {
        String reference = Files.readString(REFERENCE);
        int begin = reference.indexOf("```\n") + 4;
        String example = reference.substring(begin, reference.indexOf("```", begin));
        assertThat(MirrorConfiguration.parse(example, "example")).isInstanceOf(Loading.Loaded.class);
    }

    private static List<String> keys() throws IOException {
        try (var sources = Files.list(SOURCES)) {
            return sources.map(SettingsReferenceTest::text)
                    .flatMap(text -> KEY.matcher(text).results())
                    .map(found -> found.group(1))
                    .distinct()
                    .toList();
        }
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
