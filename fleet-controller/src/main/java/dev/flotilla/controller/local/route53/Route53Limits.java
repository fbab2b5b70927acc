package dev.flotilla.controller.local.route53;

import java.time.Duration;

/**
 * The bounds of a stand-in.
 *
 * @param hostedZones how many zones there may be; AWS: 500 per account (Developer Guide, "Quotas")
 * @param healthChecks how many health checks there may be; AWS: 200 per account ("Quotas"). Each has one thread.
 * @param recordSetsPerZone how many record sets a zone may hold; AWS: 10,000 ("Quotas")
 * @param unfinishedChangesPerZone how many changes of a zone may be PENDING at once; further ones are told to come later
 * @param rememberedChanges how many changes GetChange knows of; the oldest is forgotten first
 * @param requestBytes how long a request body may be: 1,000 records of 32,000 characters fit many times over
 * @param requestsAtOnce how many API requests are worked on at once; the others wait
 * @param tcpConnections how many DNS connections are open at once; further ones are closed at once
 * @param tcpIdle how long a DNS connection may stay without a question
 */
public record Route53Limits(
        int hostedZones,
        int healthChecks,
        int recordSetsPerZone,
        int unfinishedChangesPerZone,
        int rememberedChanges,
        int requestBytes,
        int requestsAtOnce,
        int tcpConnections,
        Duration tcpIdle) {
    public static final Route53Limits DEFAULTS =
            new Route53Limits(500, 200, 10_000, 100, 1_000, 2 * 1024 * 1024, 16, 64, Duration.ofSeconds(10));

    public Route53Limits {
        requirePositive("hostedZones", hostedZones);
        requirePositive("healthChecks", healthChecks);
        requirePositive("recordSetsPerZone", recordSetsPerZone);
        requirePositive("unfinishedChangesPerZone", unfinishedChangesPerZone);
        requirePositive("rememberedChanges", rememberedChanges);
        requirePositive("requestBytes", requestBytes);
        requirePositive("requestsAtOnce", requestsAtOnce);
        requirePositive("tcpConnections", tcpConnections);
        if (!tcpIdle.isPositive()) {
            throw new IllegalArgumentException("tcpIdle is not positive: " + tcpIdle);
        }
    }

    private static void requirePositive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " is not positive: " + value);
        }
    }
}
