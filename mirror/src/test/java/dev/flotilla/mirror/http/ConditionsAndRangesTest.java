package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsAndRangesTest {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 10, 0, 1",
        "bytes=3-, 10, 3, 7",
        "bytes=-3, 10, 7, 3",
        "bytes=-30, 10, 0, 10",
        "bytes=9-100, 10, 9, 1",
        "BYTES=1-2, 10, 1, 2",
        "bytes=0-9223372036854775807, 10, 0, 10"
    })
    void aSingleRangeIsClippedToTheContent(String field, long content, long offset, long length) {
        assertThat(ByteRange.parse(field, content)).isEqualTo(new ByteRange.Part(offset, length));
    }

    @Test
    void anEmptyContentHasNoRange() {
        assertThat(ByteRange.parse("bytes=0-0", 0)).isEqualTo(new ByteRange.Unsatisfiable());
        assertThat(ByteRange.parse("bytes=-5", 0)).isEqualTo(new ByteRange.Unsatisfiable());
    }

    @ParameterizedTest
    @CsvSource({
        "'\"a\"', '\"a\"', true",
        "'W/\"a\"', '\"a\"', true",
        "'\"b\", \"a\"', '\"a\"', true",
        "'\"b\",\"a\"', '\"a\"', true",
        "'*', '\"a\"', true",
        "'\"b\"', '\"a\"', false",
        "'a', '\"a\"', false",
        "'\"a', '\"a\"', false",
        "'\"ab\"', '\"a\"', false",
        "'\"x, \\\"a\"', '\"a\"', false",
        "'', '\"a\"', false"
    })
    void aListOfTagsNamesTheCurrentOneOrNot(String field, String current, boolean matches) {
        assertThat(EntityTags.anyMatches(field, current)).isEqualTo(matches);
    }
}
