package dev.flotilla.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.configuration.MirrorSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartDelayTest {
    private static final Duration FIVE = Duration.ofSeconds(5);

    private final RestartDelay delay =
            new RestartDelay(new MirrorSettings.Restart(FIVE, Duration.ofSeconds(18), Duration.ofMinutes(1)));

    @Test
    void theDelayDoublesUpToItsLimit() {
        assertThat(delay.next(0)).isEqualTo(FIVE);
        assertThat(delay.next(0)).isEqualTo(Duration.ofSeconds(10));
        assertThat(delay.next(0)).isEqualTo(Duration.ofSeconds(18));
        assertThat(delay.next(0)).isEqualTo(Duration.ofSeconds(18));
    }

    @Test
    void itIsOverWhenItsTimeIsUpAlsoWhereTheCounterOverflows() {
        long begin = Long.MAX_VALUE - 10;
        assertThat(delay.isOver(begin)).isTrue();
        delay.next(begin);
        assertThat(delay.isOver(begin + FIVE.toNanos() - 1)).isFalse();
        assertThat(delay.isOver(begin + FIVE.toNanos())).isTrue();
    }
}
