package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ud800",
                "x\ud800",
                "\ud800x",
                "\ud800\ud800",
                "\udc00",
                "\udc00\ud800",
                "\u0000",
                "\u001b[31m",
                "\u007f",
                "\u0085"
            })
    void whatOneOfTheFormsCannotCarryIsNoText(String text) {
        assertThat(Texts.isLine(text)).isFalse();
        assertThat(Texts.isProse(text)).isFalse();
    }

    @Test
    void onlyProseHasSeveralLines() {
        assertThat(Texts.isProse("a\r\n\tb")).isTrue();
        assertThat(Texts.isLine("a\r\n\tb")).isFalse();
        assertThat(Texts.isLine("\ud83d\ude00 \u20ac")).isTrue();
    }

    @Test
    void whatIsShownIsShortAndPrintable() {
        assertThat(Texts.shown("a\r\n\u20acb")).isEqualTo("a???b");
        assertThat(Texts.shown("x".repeat(81))).isEqualTo("x".repeat(80) + "...");
    }
}
