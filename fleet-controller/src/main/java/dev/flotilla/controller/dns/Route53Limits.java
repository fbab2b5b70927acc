package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsSettings;
import java.time.Duration;

/**
 * How gently and how patiently the API is called.
 *
 * @param callsPerSecond what all controllers of an account may do together is ten
 * @param burst calls at once after a rest; an account's own allowance is 50
 * @param mostTries of one call, when the API says that it is asked too often, or fails by itself
 * @param firstDelay before the second try; it doubles from try to try up to {@code longestDelay}
 */
record Route53Limits(
        int callsPerSecond,
        int burst,
        int mostTries,
        Duration firstDelay,
        Duration longestDelay,
        Duration connect,
        Duration read) {
    static Route53Limits of(DnsSettings dns) {
        return new Route53Limits(
                dns.callsPerSecond(),
                10,
                8,
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20));
    }
}
