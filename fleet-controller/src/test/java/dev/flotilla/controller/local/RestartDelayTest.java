package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartDelayTest {
    private final RestartDelay delay = new RestartDelay(Duration.ofSeconds(5), Duration.ofSeconds(60));

    @Test
    void dyingAgainAndAgainMakesTheDelayLongerUpToALimit() {
        for (int seconds : new int[] {5, 10, 20, 40, 60, 60}) {
            assertThat(delay.after(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(seconds));
        }
    }

    @Test
    void aLongRunIsForgiven() {
        delay.after(Duration.ofSeconds(1));
        delay.after(Duration.ofSeconds(1));
        assertThat(delay.after(Duration.ofMinutes(2))).isEqualTo(Duration.ofSeconds(5));
        assertThat(delay.after(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(10));
    }
}
