package dev.flotilla.agent.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHoursTest {
    /** A Monday. */
    private static final Instant MONDAY = Instant.parse("2026-06-01T00:00:00Z");

    private static AllowedHours hours(String... windows) {
        return new AllowedHours(
                Arrays.stream(windows).map(AllowedHours.Window::parse).toList());
    }

    private static Instant monday(String time) {
        return Instant.parse("2026-06-01T" + time + ":00Z");
    }

    @Test
    void hoursBeginWithTheirMinuteAndEndBeforeIt() {
        AllowedHours office = hours("mon-fri 08:00-16:00");
        assertThat(office.areNow(monday("08:00").minusMillis(1))).isFalse();
        assertThat(office.areNow(monday("08:00"))).isTrue();
        assertThat(office.areNow(monday("16:00").minusMillis(1))).isTrue();
        assertThat(office.areNow(monday("16:00"))).isFalse();
        assertThat(office.areNow(monday("09:00").plus(Duration.ofDays(5)))).isFalse();
        assertThat(AllowedHours.ALWAYS.areNow(MONDAY)).isTrue();
    }

    @Test
    void theNextTimeMayBeInTheNextWeek() {
        assertThat(hours("mon-fri 08:00-16:00").next(monday("09:00"))).isEqualTo(monday("09:00"));
        assertThat(hours("mon-fri 08:00-16:00").next(monday("16:00")))
                .isEqualTo(monday("08:00").plus(Duration.ofDays(1)));
        assertThat(hours("mon 08:00-16:00").next(monday("17:00")))
                .isEqualTo(monday("08:00").plus(Duration.ofDays(7)));
    }

    @Test
    void windowsThatTouchOverMidnightOrTheWeekAreOneTime() {
        AllowedHours nights = hours("daily 20:00-24:00", "daily 00:00-04:00");
        assertThat(nights.after(monday("19:00"), Duration.ofHours(8)))
                .isEqualTo(monday("04:00").plus(Duration.ofDays(1)));
        assertThat(nights.after(monday("23:00").minus(Duration.ofDays(1)), Duration.ofHours(2)))
                .isEqualTo(monday("01:00"));
    }

    @Test
    void allowedTimePassesOnlyInAllowedHours() {
        AllowedHours office = hours("mon-fri 08:00-16:00");
        assertThat(office.after(monday("15:00"), Duration.ofHours(2)))
                .isEqualTo(monday("09:00").plus(Duration.ofDays(1)));
        assertThat(office.after(monday("15:00").plus(Duration.ofDays(4)), Duration.ofHours(2)))
                .isEqualTo(monday("09:00").plus(Duration.ofDays(7)));
        assertThat(office.after(monday("09:00"), Duration.ofHours(40 * 52)))
                .isEqualTo(monday("09:00").plus(Duration.ofDays(7 * 52)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyMinuteIsCountedAsItIsLookedUp(long seed) {
        var random = new Random(seed);
        String[] windows = new String[1 + random.nextInt(4)];
        for (int i = 0; i < windows.length; i++) {
            int first = random.nextInt(7);
            int from = random.nextInt(24 * 60 - 1);
            windows[i] = new AllowedHours.Window(
                            first, first + random.nextInt(7 - first), from, from + 1 + random.nextInt(24 * 60 - from))
                    .toString();
        }
        AllowedHours hours = hours(windows);
        Instant from = MONDAY.plus(Duration.ofMinutes(random.nextInt(7 * 24 * 60)));
        int wanted = random.nextInt(3000);
        Instant at = from;
        for (int counted = 0; counted < wanted; at = at.plusSeconds(60)) {
            counted += hours.areNow(at) ? 1 : 0;
        }
        assertThat(hours.after(from, Duration.ofMinutes(wanted))).isEqualTo(at);
        assertThat(hours.areNow(hours.next(at))).isTrue();
    }

    @Test
    void whatIsWrittenComesBackAndNonsenseIsNamed() {
        for (String text : new String[] {"mon-fri 08:00-16:00", "sat 10:30-12:00", "daily 00:00-24:00"}) {
            assertThat(AllowedHours.Window.parse(text)).hasToString(text);
        }
        for (String text : new String[] {
            "", "mon", "fri-mon 08:00-16:00", "mon 16:00-08:00", "mon 08:00-08:00", "mon 08:00-24:01", "moo 08:00-16:00"
        }) {
            assertThatThrownBy(() -> AllowedHours.Window.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
