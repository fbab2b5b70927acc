package dev.flotilla.controller.local.route53;

/**
 * The status of one health check as its probes move it: healthy at first, and turned by as many results in a row that
 * contradict it as the failure threshold says, in both directions (Developer Guide, "How Amazon Route 53 determines
 * whether a health check is healthy"; API Reference, HealthCheckConfig, FailureThreshold). Not thread-safe.
 */
final class CheckStatus {
    private boolean healthy = true;
    private int contradictions;

    /** Takes one result. */
    void observe(boolean passed, int failureThreshold) {
        if (passed == healthy) {
            contradictions = 0;
            return;
        }
        contradictions++;
        if (contradictions >= failureThreshold) {
            healthy = passed;
            contradictions = 0;
        }
    }

    /** What the probes say. */
    boolean isHealthy() {
        return healthy;
    }

    /** What counts: API Reference, HealthCheckConfig, Disabled and Inverted. */
    boolean countsAsHealthy(HealthCheckSettings settings) {
        boolean status = settings.disabled() || healthy;
        return settings.inverted() != status;
    }
}
