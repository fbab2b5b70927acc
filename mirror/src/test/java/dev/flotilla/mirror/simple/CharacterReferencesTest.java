package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGeneratorFactory;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharacterReferencesTest {
    @ParameterizedTest
    @CsvSource({
        "&gt;=3.8, >=3.8",
        "a&amp;b, a&b",
        "&amp;amp;, &amp;",
        "&quot;&apos;&#39;&#x27;&#X27;, \"''''",
        "&#8364;&euro;&#x80;, \u20ac\u20ac\u20ac",
        "&#x1F600;, \ud83d\ude00",
        "?a=1&b=2&copy=3, ?a=1&b=2&copy=3",
        "&copy 3, \u00a9 3",
        "&copyx, &copyx",
        "&noSuchName;, &noSuchName;",
        "&;&#;&#x;&, &;&#;&#x;&",
        "&#0;&#xD800;&#x110000;&#99999999999999999999;, \ufffd\ufffd\ufffd\ufffd",
        "&#62&#62;x, >>x"
    })
    void referencesInAttributesAreDecodedAsBrowsersDo(String written, String decoded) {
        assertThat(CharacterReferences.decode(written)).isEqualTo(decoded);
    }

    @Test
    void generatedTextDecodesAsJsoupDecodesIt() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        String[] pieces = {
            "&", "#", "x", ";", "amp", "gt", "lt", "quot", "copy", "euro", "=", "3", "9", "A", " ", "<", "\u00e9"
        };
        for (int round = 0; round < 50_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            assertThat(CharacterReferences.decode(text.toString()))
                    .as(text.toString())
                    .isEqualTo(Parser.unescapeEntities(text.toString(), true));
        }
    }
}
