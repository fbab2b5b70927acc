package dev.flotilla.agent.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PaceTest {
    @Test
    void noLookIsLaterThanTheIntervalAndNodesThatBeganAtOnceSpreadOverIt() {
        Duration interval = Duration.ofSeconds(30);
        var tenths = new TreeSet<Long>();
        for (int node = 0; node < 50; node++) {
            var pace = new Pace(interval, new Random(node));
            Duration at = Duration.ZERO;
            for (int look = 0; look < 100; look++) {
                Duration next = pace.next();
                assertThat(next).isBetween(Duration.ofSeconds(24), interval);
                at = at.plus(next);
            }
            tenths.add(at.toMillis() % interval.toMillis() * 10 / interval.toMillis());
        }
        assertThat(tenths).as("tenths of the interval in which some node looks").hasSize(10);
    }
}
