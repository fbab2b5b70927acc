package dev.flotilla.mirror.http;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code Date} field (RFC 9110, section 6.6.1), written once a second. For any thread. */
final class DateHeader {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private volatile Written written = new Written(Long.MIN_VALUE, "");

    private record Written(long second, String text) {}

    DateHeader(InstantSource clock) {
        this.clock = clock;
    }

    String text() {
        long second = Math.floorDiv(clock.millis(), 1_000L);
        var known = written;
        if (known.second() != second) {
            known = new Written(second, FORMAT.format(Instant.ofEpochSecond(second)));
            written = known;
        }
        return known.text();
    }
}
