package dev.flotilla.controller.dns;

import java.util.Map;

/** Has seen every reference before. */
final class RefusingZone extends DelegatingZone {
    RefusingZone(Zone zone) {
        super(zone);
    }

    @Override
    public Creation createHealthCheck(HealthCheckSettings settings, String reference, Map<String, String> tags) {
        return new Creation.ReferenceTaken();
    }
}
