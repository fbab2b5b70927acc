package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterpreterTest {
    @Test
    void whatIsWrittenIsWhatIsRead() {
        for (Interpreter interpreter : Interpreter.all()) {
            assertThat(Interpreter.parse(interpreter.toString())).isEqualTo(interpreter);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "3.", "2.7", "3.11.4", "3.11 ", "cp311", "3.11m", "3.12t", "3.111", ""})
    void whatIsNoVersionIsRefused(String text) {
        assertThatThrownBy(() -> Interpreter.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
