package dev.flotilla.controller.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.doctor.Finding.Level;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00.400Z");

    @Test
    void whatHangsIsAnsweredForAndGivesItsPlaceToTheNext() throws InterruptedException {
        var never = new CountDownLatch(1);
        try (var checks = new Checks(2, Duration.ofMillis(200))) {
            List<Checks.Answer<String>> hanging = IntStream.range(0, 3)
                    .mapToObj(number -> checks.start(
                            () -> {
                                never.await();
                                return "never";
                            },
                            reason -> reason))
                    .toList();
            Checks.Answer<String> failing = checks.start(
                    () -> {
                        throw new IOException("no way there");
                    },
                    reason -> reason);
            Checks.Answer<String> right = checks.start(() -> "right", reason -> reason);
            assertThat(right.await()).isEqualTo("right");
            assertThat(failing.await()).isEqualTo("no way there");
            for (Checks.Answer<String> answer : hanging) {
                assertThat(answer.await()).isEqualTo("no answer within 0 s");
            }
        }
    }

    @Test
    void aClockIsJudgedAsFarAsWholeSecondsAndTheWayThereAllow() {
        long second = NOW.getEpochSecond();
        Instant later = NOW.plusSeconds(3);
        assertThat(level(second - 5, NOW, later)).isEqualTo(Level.OK);
        assertThat(level(second + 8, NOW, later)).isEqualTo(Level.OK);
        assertThat(level(second - 7, NOW, later)).isEqualTo(Level.WARN);
        assertThat(level(second + 9, NOW, later)).isEqualTo(Level.WARN);
        assertThat(level(second - 70, NOW, later)).isEqualTo(Level.FAIL);
        assertThat(NodeChecks.clock("east/east-1", second + 300, NOW, later).text())
                .isEqualTo("its clock is 4 min ahead of this machine's");
    }

    private static Level level(long second, Instant begin, Instant end) {
        return NodeChecks.clock("east/east-1", second, begin, end).level();
    }
}
