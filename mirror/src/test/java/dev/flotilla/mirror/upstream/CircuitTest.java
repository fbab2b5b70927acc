package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CircuitTest {
    private static final UpstreamCare CARE = new UpstreamCare(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            4,
            20,
            100,
            3,
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1));

    private final SettableClock clock = new SettableClock();
    private final Circuit circuit = new Circuit(CARE, clock);

    private void open() {
        for (int i = 0; i < CARE.circuitFailures(); i++) {
            assertThat(circuit.refusal()).isEmpty();
            circuit.failed();
        }
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void failuresInARowOpenItAndASuccessBetweenThemDoesNot() {
        circuit.failed();
        circuit.failed();
        circuit.worked();
        circuit.failed();
        circuit.failed();
        assertThat(circuit.refusal()).isEmpty();
        circuit.failed();
        assertThat(circuit.refusal()).isPresent();
    }

    @Test
    void afterThePauseOneRequestTriesItAndItsSuccessClosesIt() {
        open();
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
        assertThat(circuit.refusal()).isPresent();
        circuit.worked();
        assertThat(circuit.isOpen()).isFalse();
        assertThat(circuit.refusal()).isEmpty();
    }

    /** Refused while a request finds out, and asking what to do only when that one has come back. */
    @Test
    void whoWasRefusedAsksAgainWhetherTheTryIsUnderWayOrHasJustSucceeded() {
        open();
        assertThat(circuit.isSoonDecided()).isFalse();
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
        assertThat(circuit.refusal()).isPresent();
        assertThat(circuit.isSoonDecided()).isTrue();
        circuit.worked();
        assertThat(circuit.isSoonDecided()).isTrue();
        open();
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
        circuit.failed();
        assertThat(circuit.isSoonDecided()).isFalse();
    }

    @Test
    void thePauseGrowsWithEveryFailedTryUpToItsLimit() {
        open();
        clock.advance(Duration.ofSeconds(5));
        for (int seconds : new int[] {10, 20, 20}) {
            assertThat(circuit.refusal()).isEmpty();
            circuit.failed();
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(circuit.refusal()).isPresent();
            clock.advance(Duration.ofMillis(1));
        }
    }

    @Test
    void failuresOfRequestsThatWereUnderWayDoNotLengthenThePause() {
        open();
        for (int i = 0; i < 30; i++) {
            circuit.failed();
        }
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
    }

    @Test
    void aTryOfWhichNothingIsHeardIsFollowedByAnother() {
        open();
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
        clock.advance(Duration.ofSeconds(5));
        assertThat(circuit.refusal()).isEmpty();
    }

    @Test
    void anUpstreamThatAsksToBeLeftAloneIsBelievedWithinBoundsWhateverElseWasUnderWay() {
        circuit.holdOff(Duration.ofDays(30));
        circuit.worked();
        clock.advance(Duration.ofSeconds(59));
        assertThat(circuit.refusal()).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(circuit.refusal()).isEmpty();
        circuit.worked();
        assertThat(circuit.isOpen()).isFalse();
        circuit.holdOff(Duration.ZERO);
        assertThat(circuit.refusal()).isEmpty();
    }

    @Test
    void retryAfterIsANumberOfSecondsOrADate() {
        var now = Instant.parse("2026-03-01T12:00:00Z");
        assertThat(RetryAfter.parse("120", now)).contains(Duration.ofMinutes(2));
        assertThat(RetryAfter.parse("Sun, 01 Mar 2026 12:00:30 GMT", now)).contains(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Sun, 01 Mar 2026 11:00:00 GMT", now)).isEmpty();
        for (String unreadable : new String[] {"", "-1", "soon", "1.5", "99999999999999999999"}) {
            assertThat(RetryAfter.parse(unreadable, now)).isEmpty();
        }
    }
}
