package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @CsvSource({
        "requests, requests",
        "Foo.Bar, foo-bar",
        "zope.interface, zope-interface",
        "A__b-.-C, a-b-c",
        "x, x",
        "3to2, 3to2"
    })
    void aProjectNameIsNormalisedAsPep503Says(String written, String normal) {
        assertThat(ProjectName.of(written).normal()).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "a-", "_a", "a b", "a/b", "..", "ä", "a\u0000", "a\n"})
    void whatPep508DoesNotAllowIsNoProjectName(String written) {
        assertThat(ProjectName.isValid(written)).isFalse();
        assertThatThrownBy(() -> ProjectName.of(written)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a_b", "a--b", "-a", "a-", "a.b"})
    void onlyTheNormalFormIsAProjectNameByItself(String text) {
        assertThatThrownBy(() -> new ProjectName(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void normalisingTwiceChangesNothingForGeneratedNames() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(503);
        String alphabet = "aZ09-_.";
        int valid = 0;
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            if (ProjectName.isValid(text.toString())) {
                var name = ProjectName.of(text.toString());
                assertThat(ProjectName.of(name.normal())).isEqualTo(name);
                assertThat(new ProjectName(name.normal())).isEqualTo(name);
                valid++;
            }
        }
        assertThat(valid).isGreaterThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"east", "eu-west-1", "a", "e2"})
    void aRegionsNameIsOneDnsLabel(String name) {
        assertThat(new RegionName(name)).hasToString(name);
        assertThat(new NodeName(name)).hasToString(name);
        assertThat(new FleetName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "East", "1a", "a.b", "a/b", "a-", "..", "a b"})
    void otherNamesAreRefusedWithTheRule(String name) {
        assertThatThrownBy(() -> new RegionName(name))
                .hasMessageContaining("region")
                .hasMessageContaining("lower-case");
        assertThatThrownBy(() -> new NodeName(name)).hasMessageContaining("node");
        assertThatThrownBy(() -> new FleetName(name)).hasMessageContaining("fleet");
    }

    @Test
    void aDigestIsThatOfTheContent() {
        assertThat(Sha256.of("abc".getBytes(StandardCharsets.US_ASCII)))
                .hasToString("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ba78",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "../16bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            })
    void whatIsNoDigestIsRefused(String text) {
        assertThatThrownBy(() -> new Sha256(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
