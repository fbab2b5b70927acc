package dev.flotilla.mirror.upstream;

/** Decides over further attempts at one upstream. Safe for use from any thread. */
final class Retries {
    private final String upstream;
    private final RetryBudget budget;
    private final CareMeters meters;

    Retries(String upstream, UpstreamCare care, CareMeters meters) {
        this.upstream = upstream;
        this.budget = new RetryBudget(care.retryPercent() / 100.0, care.retryBurst());
        this.meters = meters;
    }

    /** A first attempt was made. */
    void first() {
        budget.earn();
    }

    /** Whether a further attempt may be made; then it counts as made. */
    boolean again() {
        boolean granted = budget.spend();
        meters.retry(upstream, granted);
        return granted;
    }
}
