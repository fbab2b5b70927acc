package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HexDigitsTest {
    @Test
    void ofAllCharactersSixteenAreDigits() {
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            boolean digit = "0123456789abcdef".indexOf(c) >= 0;
            assertThat(HexDigits.fill("0" + (char) c + "f"))
                    .as("character %d", c)
                    .isEqualTo(digit);
        }
    }

    @Test
    void onlyThePartThatIsAskedForCounts() {
        assertThat(HexDigits.fill("-00-", 1, 3)).isTrue();
        assertThat(HexDigits.fill("-00-", 1, 4)).isFalse();
        assertThat(HexDigits.fill("")).isTrue();
    }
}
