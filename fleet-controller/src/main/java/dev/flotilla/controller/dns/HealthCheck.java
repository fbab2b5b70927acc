package dev.flotilla.controller.dns;

import java.util.Optional;

/**
 * A health check as the zone's provider has it.
 *
 * @param reference the caller's own reference, by which we know which ones are ours
 * @param settings absent where it checks in a way that we never ask for
 * @param held whether it says unhealthy whatever the node does: a drain through DNS
 * @param version what tells one state of it from the next
 */
public record HealthCheck(
        String id, String reference, Optional<HealthCheckSettings> settings, boolean held, long version) {}
