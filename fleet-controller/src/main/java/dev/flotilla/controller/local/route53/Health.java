package dev.flotilla.controller.local.route53;

/** Tells what the health checks say, whatever finds it out. */
@FunctionalInterface
interface Health {
    /** True while the check's status is healthy, and for a check that does not exist. */
    boolean isHealthy(String healthCheckId);
}
