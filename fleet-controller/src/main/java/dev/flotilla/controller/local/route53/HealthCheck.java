package dev.flotilla.controller.local.route53;

/**
 * A health check as it is kept (API Reference, HealthCheck).
 *
 * @param callerReference 1 to 64 characters
 * @param version grows by one with every update
 */
record HealthCheck(String id, String callerReference, long version, HealthCheckSettings settings) {
    HealthCheck updated(HealthCheckSettings other) {
        return new HealthCheck(id, callerReference, version + 1, other);
    }
}
