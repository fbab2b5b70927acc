package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class UploadTimeTest {
    private static final Pattern WRITTEN = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})");

    private static final String[] ZONES = {"Z", "z", "+01:00", "-23:59", "+0100", "", "Z ", "+99:00"};

    @Test
    void aTimeIsWhatTheGrammarAndTheCalendarSay() {
        var random = new Random(20260102);
        int times = 0;
        for (int i = 0; i < 100_000; i++) {
            String written = written(random);
            Optional<Instant> expected = expected(written);
            assertThat(UploadTime.parse(written)).as(written).isEqualTo(expected);
            assertThat(UploadTime.isValid(written)).as(written).isEqualTo(expected.isPresent());
            times += expected.isPresent() ? 1 : 0;
        }
        assertThat(times).isBetween(20_000, 80_000);
    }

    private static Optional<Instant> expected(String written) {
        if (!WRITTEN.matcher(written).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(written).toInstant());
        } catch (DateTimeException noSuchTime) {
            return Optional.empty();
        }
    }

    private static String written(Random random) {
        var written = new StringBuilder("%04d-%02d-%02dT%02d:%02d:%02d"
                .formatted(
                        random.nextInt(8) == 0 ? random.nextInt(10_000) : 2020 + random.nextInt(8),
                        1 + random.nextInt(random.nextInt(8) == 0 ? 14 : 12),
                        1 + random.nextInt(random.nextInt(4) == 0 ? 32 : 28),
                        random.nextInt(random.nextInt(8) == 0 ? 26 : 24),
                        random.nextInt(random.nextInt(8) == 0 ? 62 : 60),
                        random.nextInt(random.nextInt(8) == 0 ? 62 : 60)));
        if (random.nextBoolean()) {
            written.append('.').append("123456789012".substring(random.nextInt(12)));
        }
        written.append(ZONES[random.nextInt(4) == 0 ? random.nextInt(ZONES.length) : 0]);
        if (random.nextInt(8) == 0) {
            written.setCharAt(random.nextInt(written.length()), "x0 -:T.Z\u0663".charAt(random.nextInt(9)));
        }
        return written.toString();
    }
}
