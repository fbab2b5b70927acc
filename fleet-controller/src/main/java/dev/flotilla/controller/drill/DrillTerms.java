package dev.flotilla.controller.drill;

import dev.flotilla.controller.fleet.DnsSettings;
import java.time.Duration;

/**
 * How a drill goes.
 *
 * @param budget the region is brought back after this time, whatever has come of it, and watched no longer than this afterwards
 * @param every time between two requests of a vantage point
 * @param baseline watched before anything is done
 * @param hold watched once everything has moved, and once everything is back
 * @param objective the time within which all clients have to be led elsewhere once the region is out
 */
public record DrillTerms(
        DrillMode mode, Duration budget, Duration every, Duration baseline, Duration hold, Duration objective) {
    public DrillTerms {
        long samples =
                baseline.plus(budget.multipliedBy(2)).plus(hold.multipliedBy(2)).dividedBy(every);
        if (samples > Recorder.MOST_SAMPLES) {
            throw new IllegalArgumentException("so long a drill with a request every " + every.toMillis()
                    + " ms makes " + samples + " requests from each vantage point, and " + Recorder.MOST_SAMPLES
                    + " are remembered: take a smaller budget, or ask less often");
        }
    }

    /** The arithmetic of the plan: so many probes at this interval until a check has failed, and a lifetime for those who have just asked. */
    public static Duration worstCase(DnsSettings dns) {
        return dns.checkInterval().multipliedBy(dns.checkThreshold()).plus(dns.ttl());
    }
}
