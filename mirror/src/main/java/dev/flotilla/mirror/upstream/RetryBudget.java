package dev.flotilla.mirror.upstream;

/**
 * Bounds further attempts to a share of the first ones, so that an upstream in trouble isn't asked several times as often as
 * usual. Begins full. Safe for use from any thread.
 */
final class RetryBudget {
    private final double share;
    private final double burst;
    private double left;

    /**
     * @param share what a first attempt earns, in further attempts
     * @param burst how many further attempts can be saved up
     */
    RetryBudget(double share, int burst) {
        this.share = share;
        this.burst = burst;
        this.left = burst;
    }

    /** A first attempt was made. */
    synchronized void earn() {
        left = Math.min(burst, left + share);
    }

    /** Whether a further attempt may be made; then it is paid for. */
    synchronized boolean spend() {
        if (left < 1) {
            return false;
        }
        left -= 1;
        return true;
    }
}
