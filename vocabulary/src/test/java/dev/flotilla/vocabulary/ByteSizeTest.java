package dev.flotilla.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "17, 17",
        "1 B, 1",
        "50 GiB, 53687091200",
        "50gib, 53687091200",
        "3kB, 3000",
        "2 TiB, 2199023255552"
    })
    void aWrittenSizeBecomesItsBytes(String written, long bytes) {
        assertThat(ByteSize.parse(written)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GiB", "-1", "1.5 GiB", "5 parsecs", "9999999 TiB", "1 GiB 2", "1e3"})
    void whatIsNoSizeIsRefusedWithAReason(String written) {
        assertThatThrownBy(() -> ByteSize.parse(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".*(size|unit|large).*");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1 KiB", "1536, 1.5 KiB", "53687091200, 50 GiB"})
    void aSizeIsShownInTheLargestUnitThatFits(long bytes, String shown) {
        assertThat(new ByteSize(bytes)).hasToString(shown);
    }

    @Test
    void aNegativeSizeDoesNotExist() {
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
