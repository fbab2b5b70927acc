package dev.flotilla.agent.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BucketClockTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00.500Z");

    private final BucketClock clock = new BucketClock(() -> NOW);

    @Test
    void nothingIsKnownUntilTheBucketSaysItsTime() {
        assertThat(clock.ahead()).isEmpty();
        clock.take("yesterday");
        assertThat(clock.ahead()).isEmpty();
    }

    @Test
    void theDifferenceIsTold() {
        clock.take("Mon, 01 Jun 2026 12:00:00 GMT");
        assertThat(clock.ahead()).contains(Duration.ZERO);
        clock.take("Mon, 01 Jun 2026 12:05:00 GMT");
        assertThat(clock.ahead()).contains(Duration.ofMinutes(5));
        clock.take("Sun, 01 Jun 2025 12:00:00 GMT");
        assertThat(clock.ahead()).contains(Duration.ofDays(-365));
    }

    @Test
    void whatCannotBeReadChangesNothing() {
        clock.take("Mon, 01 Jun 2026 12:05:00 GMT");
        clock.take("");
        assertThat(clock.ahead()).contains(Duration.ofMinutes(5));
    }
}
