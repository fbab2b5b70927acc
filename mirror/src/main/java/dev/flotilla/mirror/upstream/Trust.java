package dev.flotilla.mirror.upstream;

import java.time.InstantSource;

/** What is known of one upstream as a whole: its circuit, and what is left for further attempts. Safe for use from any thread. */
final class Trust {
    private final String upstream;
    private final RetryBudget budget;
    private final Circuit circuit;
    private final CareMeters meters;

    Trust(String upstream, UpstreamCare care, InstantSource clock, CareMeters meters) {
        this.upstream = upstream;
        this.budget = new RetryBudget(care.retryPercent() / 100.0, care.retryBurst());
        this.circuit = new Circuit(care, clock);
        this.meters = meters;
        meters.watchCircuit(upstream, circuit);
    }

    Circuit circuit() {
        return circuit;
    }

    /** Whether a page may be asked for now. */
    boolean admits() {
        boolean admitted = circuit.admits();
        if (!admitted) {
            meters.refused(upstream);
        }
        return admitted;
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
