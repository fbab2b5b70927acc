package dev.flotilla.controller.drill;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Times as people read them. */
final class DrillText {
    private DrillText() {}

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    static String seconds(Optional<Duration> time) {
        return time.map(DrillText::seconds).orElse("never");
    }
}
