package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
    @ParameterizedTest
    @CsvSource({
        "acme, acme, true",
        "acme, acme-tools, false",
        "acme-*, acme-tools, true",
        "acme-*, acme, false",
        "*, a, true",
        "*-internal, acme-internal, true",
        "*-internal, acme-internal-2, false",
        "a*b*c, a-b-x-b-c, true",
        "a*b*c, a-b-c-d, false",
        "**, anything, true"
    })
    void aStarStandsForAnyCharacters(String pattern, String name, boolean matches) {
        assertThat(new NamePattern(pattern).matches(ProjectName.of(name))).isEqualTo(matches);
    }

    @Test
    void everyWayToWriteANameMeetsThePattern() {
        var pattern = new NamePattern("acme-*");
        assertThat(pattern.matches(ProjectName.of("Acme__Tools"))).isTrue();
        assertThat(pattern.matches(ProjectName.of("ACME.tools"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Acme", "acme_tools", "a.b", "a?", "[ab]", "a b", "\u00e9"})
    void whatCouldNeverMatchIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new NamePattern(text));
    }

    @Test
    void itMatchesExactlyWhatTheSameRegularExpressionDoes() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(503);
        for (int round = 0; round < 20_000; round++) {
            String text = text(random, "ab*-", 1 + random.nextInt(8));
            String written = "a" + text(random, "ab-", random.nextInt(10)) + "b";
            var name = ProjectName.of(written);
            boolean expected = Pattern.matches(text.replace("*", ".*"), name.normal());
            assertThat(new NamePattern(text).matches(name))
                    .as("%s on %s", text, name)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aHostilePatternCostsLittle() {
        var pattern = new NamePattern("*a".repeat(90) + "*b");
        assertThat(pattern.matches(new ProjectName("a".repeat(200)))).isFalse();
    }

    private static String text(RandomGenerator random, String letters, int length) {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
