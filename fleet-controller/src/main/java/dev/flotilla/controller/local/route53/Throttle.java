package dev.flotilla.controller.local.route53;

import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * How often an account may call: buckets that fill steadily, one for all operations together and smaller ones for some
 * (Developer Guide, "Quotas", "Maximums on API requests"). A call that finds one of its buckets empty is refused and takes
 * nothing. Thread-safe.
 */
final class Throttle {
    private static final double MILLIS_PER_SECOND = 1_000;

    private final Clock clock;
    private final Map<Budget, Bucket> buckets = new EnumMap<>(Budget.class);

    Throttle(Clock clock) {
        this.clock = clock;
        Instant now = clock.instant();
        for (Budget budget : Budget.values()) {
            buckets.put(budget, new Bucket(budget.burst, now));
        }
    }

    /** What is counted, with the calls that may be made at once after a rest, and those that come again in a second. */
    enum Budget {
        ACCOUNT(50, 10),
        CREATE_HEALTH_CHECK(50, 0.5),
        DELETE_HEALTH_CHECK(15, 3),
        HEALTH_CHECK_STATUS(4, 1);

        private final double burst;
        private final double perSecond;

        Budget(double burst, double perSecond) {
            this.burst = burst;
            this.perSecond = perSecond;
        }
    }

    /** Counts a call: against the account's budget and its own. */
    synchronized void count(Budget own) throws ApiRefusal {
        Instant now = clock.instant();
        Bucket all = filled(Budget.ACCOUNT, now);
        Bucket special = filled(own, now);
        if (all.calls < 1 || special.calls < 1) {
            throw new ApiRefusal(ApiRefusal.Code.THROTTLING, "Rate exceeded");
        }
        all.calls--;
        if (own != Budget.ACCOUNT) {
            special.calls--;
        }
    }

    private Bucket filled(Budget budget, Instant now) {
        Bucket before = buckets.get(budget);
        if (before == null) {
            throw new IllegalStateException("no bucket for " + budget);
        }
        double since = Math.max(0, now.toEpochMilli() - before.filled.toEpochMilli()) / MILLIS_PER_SECOND;
        before.calls = Math.min(budget.burst, before.calls + since * budget.perSecond);
        before.filled = now;
        return before;
    }

    private static final class Bucket {
        private double calls;
        private Instant filled;

        Bucket(double calls, Instant filled) {
            this.calls = calls;
            this.filled = filled;
        }
    }
}
