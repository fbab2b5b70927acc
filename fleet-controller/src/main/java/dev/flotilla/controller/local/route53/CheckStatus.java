package dev.flotilla.controller.local.route53;

/**
 * The status of one health check as the probes of one checker move it: healthy at first, and turned by as many results in a row that
 * contradict it as the failure threshold says, in both directions (Developer Guide, "How Amazon Route 53 determines
 * whether a health check is healthy"; API Reference, HealthCheckConfig, FailureThreshold). Not thread-safe.
 */
final class CheckStatus {
    private static final int HEALTHY_PERCENT = 18;
    private static final int PERCENT = 100;

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

    /** Whether a check is healthy when so many of its checkers find it so: more than 18 %. */
    static boolean areEnough(long healthy, long checkers) {
        return healthy * PERCENT > HEALTHY_PERCENT * checkers;
    }

    /** What counts: API Reference, HealthCheckConfig, Disabled and Inverted. */
    static boolean countsAsHealthy(boolean found, HealthCheckSettings settings) {
        boolean status = settings.disabled() || found;
        return settings.inverted() != status;
    }
}
