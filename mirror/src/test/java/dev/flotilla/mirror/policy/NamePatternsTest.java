package dev.flotilla.mirror.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.flotilla.vocabulary.NamePattern;
import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternsTest {
    private static NamePatterns patterns(String... texts) {
        return NamePatterns.of(Arrays.stream(texts).map(NamePattern::new).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "evil, evil",
        "acme-tools, acme-*",
        "acme, ",
        "acm, ",
        "some-internal, *-internal",
        "some-internal-2, ",
        "py-torch-nightly-x, *torch*nightly*",
        "torch, ",
        "a0b, a*b"
    })
    void theOneThatFitsIsNamed(String name, @Nullable String pattern) {
        var patterns = patterns("evil", "acme-*", "acme-tools-*", "*-internal", "*torch*nightly*", "a*b");
        assertThat(patterns.match(ProjectName.of(name)).map(NamePattern::text)).isEqualTo(Optional.ofNullable(pattern));
    }

    @Test
    void noneFitsNothingAndAStarFitsEverything() {
        assertThat(NamePatterns.none().isEmpty()).isTrue();
        assertThat(NamePatterns.none().match(ProjectName.of("a"))).isEmpty();
        assertThat(patterns("**").match(ProjectName.of("a"))).contains(new NamePattern("**"));
        assertThat(patterns("a", "*").isEmpty()).isFalse();
    }

    /** Short words over few letters, so that beginnings, endings and fragments overlap in every way. */
    @Test
    void togetherTheyFitWhatOneOfThemFits() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(792);
        int fits = 0;
        for (int round = 0; round < 2_000; round++) {
            var all = new ArrayList<NamePattern>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                all.add(new NamePattern(text(random, "ab-**", 1 + random.nextInt(9))));
            }
            var together = NamePatterns.of(all);
            for (int i = 0; i < 40; i++) {
                var name = ProjectName.of("a" + text(random, "ab-", random.nextInt(10)) + "b");
                boolean expected = all.stream().anyMatch(pattern -> pattern.matches(name));
                var found = together.match(name);
                assertThat(found.isPresent()).as("%s on %s", all, name).isEqualTo(expected);
                assertThat(found.stream()).allMatch(pattern -> all.contains(pattern) && pattern.matches(name));
                fits += expected ? 1 : 0;
            }
        }
        assertThat(fits).isBetween(10_000, 70_000);
    }

    @Test
    void theirNumberIsBounded() {
        List<NamePattern> many = Collections.nCopies(NamePatterns.MOST, new NamePattern("a"));
        assertThat(NamePatterns.of(many).isEmpty()).isFalse();
        var tooMany = new ArrayList<>(many);
        tooMany.add(new NamePattern("b"));
        assertThatIllegalArgumentException().isThrownBy(() -> NamePatterns.of(tooMany));
    }

    private static String text(RandomGenerator random, String letters, int length) {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
