package dev.flotilla.mirror.policy;

import java.time.LocalDate;

/** How the index is looked at. */
public sealed interface View {
    /** As it is now. */
    View PLAIN = new Plain();

    /** As it is now. */
    record Plain() implements View {}

    /** Without what is younger than {@code days}: 1 to {@value #MOST_DAYS}. */
    record Cooldown(int days) implements View {
        /** Ten years: the whole age of most projects. */
        public static final int MOST_DAYS = 3650;

        public Cooldown {
            if (days < 1 || days > MOST_DAYS) {
                throw new IllegalArgumentException("a cool-down has 1 to " + MOST_DAYS + " days, not " + days);
            }
        }
    }

    /** With what had come by the end of {@code date}, in UTC. */
    record AsOf(LocalDate date) implements View {}
}
