package dev.flotilla.mirror.upstream;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is known of one upstream: a circuit for each of its hosts, since the host of an index and that of its files fail each for
 * itself, and what is left for further attempts. Safe for use from any thread.
 */
final class Trust {
    private final String upstream;
    private final RetryBudget budget;
    private final Map<HostAndPort, Circuit> circuits;
    private final CareMeters meters;

    Trust(UpstreamIndex index, UpstreamCare care, InstantSource clock, CareMeters meters) {
        this.upstream = index.name();
        this.budget = new RetryBudget(care.retryPercent() / 100.0, care.retryBurst());
        this.circuits = index.fileHosts().stream()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), host -> new Circuit(care, clock)));
        this.meters = meters;
        circuits.forEach((host, circuit) -> meters.watchCircuit(upstream, host, circuit));
    }

    /** The circuit of a host that may be asked as part of this upstream. */
    Circuit circuit(HostAndPort host) {
        return requireNonNull(circuits.get(host), () -> host + " is no host of " + upstream);
    }

    /** A host wasn't asked since its circuit is open. */
    void refused(HostAndPort host) {
        meters.refused(upstream, host);
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
