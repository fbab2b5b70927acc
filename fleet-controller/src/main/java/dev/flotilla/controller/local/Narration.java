package dev.flotilla.controller.local;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Tells a person what happens, as it happens. Safe for many threads: lines stay whole. */
final class Narration {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final double MILLIS_PER_SECOND = 1000;

    private final PrintWriter out;
    private final Clock clock;
    private final Instant begin;

    Narration(PrintWriter out, Clock clock) {
        this.out = out;
        this.clock = clock;
        this.begin = clock.instant();
    }

    /** One step of coming up, with the seconds since the command began. */
    void step(String text) {
        double seconds = Duration.between(begin, clock.instant()).toMillis() / MILLIS_PER_SECOND;
        line("%6.1f s  %s".formatted(seconds, text));
    }

    /** Something that happened later on, with the time of day. */
    void event(String text) {
        line(TIME.format(clock.instant().atZone(ZoneId.systemDefault())) + "  " + text);
    }

    void line(String text) {
        synchronized (out) {
            out.println(text);
            out.flush();
        }
    }
}
