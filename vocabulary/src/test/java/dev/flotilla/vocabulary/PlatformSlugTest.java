package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformSlugTest {
    /** What stands in the vectors in place of a slug where there is none. */
    private static final String NONE = "-";

    static Stream<Arguments> vectors() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "docs", "reference", "platform-slugs.tsv"));
        assertThat(lines.getFirst()).isEqualTo("distribution\tversion\tarchitecture\tslug");
        return lines.stream().skip(1).map(line -> Arguments.of((Object[]) line.split("\t", -1)));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theVectorsHold(String distribution, String version, String architecture, String slug) {
        if (slug.equals(NONE)) {
            assertThatThrownBy(() -> PlatformSlug.of(distribution, version, architecture))
                    .isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(PlatformSlug.of(distribution, version, architecture)).hasToString(slug);
            assertThat(PlatformSlug.parse(slug).map(PlatformSlug::toString)).contains(slug);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "debian-11.7-x86_64, debian-11-x86_64",
        "centos-8.3-x86_64, centos-8-x86_64",
        "centos-stream-9-x86_64, centos-9-x86_64",
        "ubuntu-22.04-amd64, ubuntu-22.04-x86_64",
        "opensuse-15.5-x86_64, opensuse-leap-15.5-x86_64",
        "Debian-12-x86_64, debian-12-x86_64",
    })
    void aDriftedFormMeansTheOneSlug(String drifted, String slug) {
        assertThat(PlatformSlug.parse(drifted).map(PlatformSlug::toString)).contains(slug);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "--",
                "debian",
                "debian-12",
                "12-x86_64",
                "-12-x86_64",
                "debian--x86_64",
                "debian-12-",
                "../12-x86_64",
                "debian-12-x86_64/..",
                "debian-sid-x86_64"
            })
    void whatNamesNoPlatformIsNone(String text) {
        assertThat(PlatformSlug.parse(text)).isEmpty();
    }

    @Test
    void whateverIsWrittenASlugIsAPlainNameAndItsOwnSlug() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(425);
        List<String> words = List.of(
                "debian",
                "Ubuntu",
                "centos",
                "stream",
                "opensuse leap",
                "arch",
                "/",
                "..",
                "11",
                "22.04",
                "9.3.1",
                "x86_64",
                "AMD64",
                "\n",
                "ä",
                "");
        List<String> joints = List.of("-", "-", "-", "-", "_", " ", ".", "");
        int slugs = 0;
        for (int round = 0; round < 50_000; round++) {
            var text = new StringBuilder();
            for (int i = 2 + random.nextInt(3); i > 0; i--) {
                text.append(words.get(random.nextInt(words.size()))).append(joints.get(random.nextInt(joints.size())));
            }
            text.append(words.get(random.nextInt(words.size())));
            var slug = PlatformSlug.parse(text.toString());
            if (slug.isPresent()) {
                assertThat(slug.get().toString())
                        .matches("[a-z0-9][a-z0-9._-]*")
                        .doesNotContain("..");
                assertThat(PlatformSlug.parse(slug.get().toString())).isEqualTo(slug);
                slugs++;
            }
        }
        assertThat(slugs).isGreaterThan(100);
    }
}
