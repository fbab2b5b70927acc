package dev.flotilla.controller.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.drill.Sample.Seen;
import dev.flotilla.controller.drill.Sample.Tries;
import dev.flotilla.controller.drill.VantagePoint.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeasuredTest {
    private static final VantagePoint POINT = new VantagePoint(Kind.PAGE, "page: a");

    /** It begins at 10 s, is out at 11 s, is restored at 30 s, and all ends at 40 s. */
    private static final Measured.Times TIMES = new Measured.Times(seconds(10), seconds(11), seconds(30), seconds(40));

    private final List<Sample> samples = new ArrayList<>();

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    private void each(double from, double to, Seen seen, Tries tries) {
        for (double at = from; at < to; at += 0.5) {
            samples.add(new Sample(seconds(at), seconds(0.1), seen, tries, ""));
        }
    }

    private Measured measured() {
        Collections.shuffle(samples, new Random(7));
        return Measured.of(POINT, samples, TIMES);
    }

    @Test
    void movingCountsFromWhenTheRegionIsOutAndComingBackFromWhenItIsRestored() {
        each(0, 14, Seen.REGION, Tries.FIRST);
        each(14, 33, Seen.ELSEWHERE, Tries.FIRST);
        each(33, 40, Seen.REGION, Tries.FIRST);
        Measured measured = measured();
        assertThat(measured.led()).isTrue();
        assertThat(measured.moved()).contains(seconds(3));
        assertThat(measured.back()).contains(seconds(3));
        assertThat(measured.gap()).isEqualTo(seconds(0.5));
        assertThat(measured.failed()).isZero();
    }

    @Test
    void whoIsLedBackOnceHasNotMovedBefore() {
        each(0, 12, Seen.REGION, Tries.FIRST);
        each(12, 15, Seen.ELSEWHERE, Tries.FIRST);
        each(15, 15.5, Seen.REGION, Tries.FIRST);
        each(15.5, 31, Seen.ELSEWHERE, Tries.FIRST);
        each(31, 40, Seen.REGION, Tries.FIRST);
        assertThat(measured().moved()).contains(seconds(4.5));
    }

    @Test
    void whoIsLedThereToTheEndNeverMoved() {
        each(0, 40, Seen.REGION, Tries.FIRST);
        assertThat(measured().moved()).isEmpty();
    }

    @Test
    void whoIsNeverLedThereAgainIsNotBack() {
        each(0, 12, Seen.REGION, Tries.FIRST);
        each(12, 40, Seen.ELSEWHERE, Tries.FIRST);
        assertThat(measured().back()).isEmpty();
    }

    @Test
    void whoWasElsewhereBeforeWasNotLedAndIsMovedAtOnce() {
        each(0, 40, Seen.ELSEWHERE, Tries.FIRST);
        Measured measured = measured();
        assertThat(measured.led()).isFalse();
        assertThat(measured.moved()).contains(Duration.ZERO);
    }

    @Test
    void aGapIsWithoutARequestThatGoesWellAtOnceAlsoAtBothEnds() {
        each(0, 10, Seen.REGION, Tries.FIRST);
        each(10, 20, Seen.REGION, Tries.RETRIED);
        each(20, 38, Seen.ELSEWHERE, Tries.FIRST);
        each(38, 40, Seen.REGION, Tries.FAILED);
        Measured measured = measured();
        assertThat(measured.gap()).isEqualTo(seconds(10));
        assertThat(measured.retried()).isEqualTo(20);
        assertThat(measured.failed()).isEqualTo(4);
        assertThat(Measured.of(POINT, List.of(), TIMES).gap()).isEqualTo(seconds(30));
    }

    /** One that hangs in a region which swallows everything began before and ended after. */
    @Test
    void requestsThatWereUnderWayCountToo() {
        samples.add(new Sample(seconds(9), seconds(16), Seen.REGION, Tries.FAILED, "no answer"));
        each(0, 9, Seen.REGION, Tries.FAILED);
        assertThat(measured().failed()).isEqualTo(1);
        assertThat(measured().requests()).isEqualTo(1);
    }

    @Test
    void spansEndWhereTheNextBegin() {
        each(0, 2, Seen.REGION, Tries.FIRST);
        each(2, 3, Seen.ELSEWHERE, Tries.RETRIED);
        Collections.shuffle(samples, new Random(7));
        assertThat(Span.of(samples))
                .containsExactly(
                        new Span(seconds(0), seconds(2), Seen.REGION, Tries.FIRST, 4, ""),
                        new Span(seconds(2), seconds(2.6), Seen.ELSEWHERE, Tries.RETRIED, 2, ""));
        assertThat(Optional.of(Span.of(List.of()))).contains(List.of());
    }
}
