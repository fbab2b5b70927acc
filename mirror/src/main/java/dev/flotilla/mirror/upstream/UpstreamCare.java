package dev.flotilla.mirror.upstream;

import java.time.Duration;

/**
 * How upstreams in trouble are treated.
 *
 * @param ejection how long an address that failed is gone around, the first time; each further failure doubles it. 5 s: a
 *     server that restarts is back by then
 * @param ejectionLimit the longest such time, and the time for an address that gave wrong bytes. 10 min: a bad edge of a
 *     CDN may stay bad for a day, and trying it costs one request a little time
 * @param addresses addresses whose failures are remembered. 1,000: far more than hosts that are configured have
 * @param retryPercent further attempts for every hundred first ones, for each upstream. 20: an upstream in trouble gets
 *     hardly more requests than usual
 * @param retryBurst further attempts that are saved up. 100: a wave of requests that meets a bad address at once, on pages
 *     and on files
 * @param circuitFailures failed fetches of pages in a row after which an upstream isn't asked for pages for a while. 5: one
 *     or two may be bad luck, and each of them may have kept a client waiting for seconds
 * @param circuitPause how long it isn't asked then, until one request tries it; each failed try doubles it. 5 s
 * @param circuitPauseLimit the longest such pause. 60 s: so long after an outage the mirror may serve what it has
 * @param retryAfterLimit how long an upstream that asks to be left alone is left alone at most. 5 min: a wrong clock or a
 *     hostile header must not cut the mirror off
 * @param trialPatience how long requests wait for the outcome of the one that tries an upstream, where no other upstream
 *     could be asked. 1 s: then all pages are fresh at once when an outage ends, and nobody waits long in one
 */
public record UpstreamCare(
        Duration ejection,
        Duration ejectionLimit,
        int addresses,
        int retryPercent,
        int retryBurst,
        int circuitFailures,
        Duration circuitPause,
        Duration circuitPauseLimit,
        Duration retryAfterLimit,
        Duration trialPatience) {
    public UpstreamCare {
        if (ejection.toMillis() < 1 || ejectionLimit.compareTo(ejection) < 0) {
            throw new IllegalArgumentException("ejection must be at least one millisecond and at most ejection-limit: "
                    + ejection + ", " + ejectionLimit);
        }
        if (addresses < 1 || retryPercent < 0 || retryPercent > 100 || retryBurst < 0) {
            throw new IllegalArgumentException("care: at least 1 address, 0 to 100 percent, no negative burst");
        }
        if (circuitFailures < 1 || circuitPause.toMillis() < 1 || circuitPauseLimit.compareTo(circuitPause) < 0) {
            throw new IllegalArgumentException("circuit-failures must be at least 1, circuit-pause at least one"
                    + " millisecond and at most circuit-pause-limit: " + circuitFailures + ", " + circuitPause + ", "
                    + circuitPauseLimit);
        }
        if (retryAfterLimit.isNegative() || trialPatience.isNegative()) {
            throw new IllegalArgumentException("retry-after-limit and trial-patience can't be negative: "
                    + retryAfterLimit + ", " + trialPatience);
        }
    }

    public static UpstreamCare defaults() {
        return new UpstreamCare(
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                1_000,
                20,
                100,
                5,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofSeconds(1));
    }
}
