package dev.flotilla.mirror.upstream;

import java.time.Duration;

/**
 * Why nobody was asked just now.
 *
 * @param again after what time somebody will be
 */
public record Deferral(Cause cause, Duration again) {
    /** Queues empty within seconds. */
    private static final Duration SOON = Duration.ofSeconds(2);

    /** What keeps an upstream from being asked. */
    public enum Cause {
        /** It failed several times in a row. */
        OUT_OF_ORDER("out-of-order"),
        /** It asked to be left alone. */
        LEFT_ALONE("left-alone"),
        /** It failed a moment ago, for this very thing. */
        FAILED_LATELY("failed-lately"),
        /** The request has been here before: to ask for it would go on in a circle. */
        CIRCLE("circle"),
        /** As much is going on here as may. */
        BUSY("busy");

        private final String token;

        Cause(String token) {
            this.token = token;
        }

        /** As in metrics. */
        public String token() {
            return token;
        }
    }

    public Deferral {
        again = again.isNegative() ? Duration.ZERO : again;
    }

    /** The request went in a circle; when it won't isn't known. */
    public static Deferral circle() {
        return new Deferral(Cause.CIRCLE, SOON);
    }

    /** Too much is going on here. */
    public static Deferral busy() {
        return new Deferral(Cause.BUSY, SOON);
    }
}
