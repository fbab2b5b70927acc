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
    private volatile Second written = new Second(Long.MIN_VALUE, "");

    /** @param number since the epoch */
    record Second(long number, CharSequence text) {}

    DateHeader(InstantSource clock) {
        this.clock = clock;
    }

    Second now() {
        long second = Math.floorDiv(clock.millis(), 1_000L);
        var known = written;
        if (known.number() != second) {
            known = new Second(second, Fields.ascii(FORMAT.format(Instant.ofEpochSecond(second))));
            written = known;
        }
        return known;
    }
}
