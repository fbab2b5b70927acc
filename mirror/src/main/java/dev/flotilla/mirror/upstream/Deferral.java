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
        BUSY("busy"),
        /** As much is going on here for one network of clients as may. */
        NETWORK_LIMIT("network-limit");

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

    /** Too much is going on here for the network of the client. */
    public static Deferral networkLimit() {
        return new Deferral(Cause.NETWORK_LIMIT, SOON);
    }

    /** Whether it is this mirror that has no room, and others may have some. */
    public boolean isOwn() {
        return cause == Cause.BUSY || cause == Cause.NETWORK_LIMIT;
    }

    /** Too much is going on here. */
    public static Deferral busy() {
        return new Deferral(Cause.BUSY, SOON);
    }
}
