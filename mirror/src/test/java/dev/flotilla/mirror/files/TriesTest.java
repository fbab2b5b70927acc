package dev.flotilla.mirror.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class TriesTest {
    private static final URI FIRST = URI.create("http://first.example/a");
    private static final URI SECOND = URI.create("http://second.example/a");

    private final Tries tries = new Tries(List.of(FIRST, SECOND), List.of(), 3);

    @Test
    void aLocationIsAskedAsOftenAsAllowedAndThenTheNextOneFromTheBeginning() {
        assertThat(tries.again(true)).isTrue();
        assertThat(tries.again(true)).isTrue();
        assertThat(tries.here()).isEqualTo(FIRST);
        assertThat(tries.attempt()).isEqualTo(2);
        assertThat(tries.again(true)).isTrue();
        assertThat(tries.here()).isEqualTo(SECOND);
        assertThat(tries.attempt()).isZero();
        assertThat(tries.again(true)).isTrue();
        assertThat(tries.again(true)).isTrue();
        assertThat(tries.again(true)).isFalse();
    }

    @Test
    void whatIsNotWorthRetryingIsTriedElsewhereAtOnce() {
        assertThat(tries.again(false)).isTrue();
        assertThat(tries.here()).isEqualTo(SECOND);
        assertThat(tries.again(false)).isFalse();
    }

    @Test
    void anAttemptThatBroughtMuchForgivesThoseBeforeIt() {
        for (int i = 0; i < 100; i++) {
            tries.wasWorthwhile();
            assertThat(tries.again(true)).isTrue();
        }
        assertThat(tries.here()).isEqualTo(FIRST);
    }

    @Test
    void absenceIsCertainOnlyWhereEveryLocationSaysSo() {
        assertThat(tries.elsewhere()).isTrue();
        assertThat(tries.isDoubtful()).as("both said so").isFalse();

        var oneFailed = new Tries(List.of(FIRST, SECOND), List.of(), 1);
        assertThat(oneFailed.again(true)).isTrue();
        assertThat(oneFailed.isDoubtful()).as("the first couldn't say").isTrue();

        var contradicted = new Tries(List.of(FIRST), List.of(), 3);
        contradicted.begun();
        assertThat(contradicted.again(true)).isTrue();
        assertThat(contradicted.isDoubtful()).as("it had begun to come").isTrue();

        var answered = new Tries(List.of(FIRST), List.of(), 3);
        assertThat(answered.again(true)).isTrue();
        assertThat(answered.isDoubtful()).as("the same one was asked again").isFalse();
    }

    @Test
    void substitutesAreForFailuresOnly() {
        var failed = new Tries(List.of(FIRST), List.of(FIRST, SECOND), 1);
        assertThat(failed.again(true)).isTrue();
        assertThat(failed.here()).isEqualTo(SECOND);
        assertThat(failed.elsewhere()).isFalse();
        assertThat(failed.isDoubtful()).isTrue();

        var absent = new Tries(List.of(FIRST), List.of(SECOND), 1);
        assertThat(absent.elsewhere()).isFalse();
        assertThat(absent.isDoubtful()).isFalse();
    }
}
