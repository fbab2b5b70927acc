package dev.flotilla.controller.status;

import java.time.Duration;

/** Durations as people say them: the largest unit that leaves a number of at least two; days are rounded. */
public final class Ages {
    private Ages() {}

    public static String text(Duration age) {
        long seconds = Math.max(age.toSeconds(), 0);
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 7_200) {
            return age.toMinutes() + " min";
        }
        return age.toHours() < 48 ? age.toHours() + " h" : (age.toHours() + 12) / 24 + " days";
    }
}
