package dev.flotilla.mirror.upstream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** Counts what was done about upstreams in trouble. Hosts and upstreams are those of the configuration, so their number is bounded. */
final class CareMeters {
    private final MeterRegistry registry;

    CareMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void ejected(HostAndPort host, boolean lied) {
        Counter.builder("flotilla.upstream.ejections")
                .description("Addresses that were put aside for a while, by why")
                .tag("host", host.toString())
                .tag("cause", lied ? "wrong-bytes" : "failure")
                .register(registry)
                .increment();
    }

    /** {@code granted} says whether there was budget for it. */
    void retry(String upstream, boolean granted) {
        Counter.builder("flotilla.upstream.retries")
                .description("Further attempts after failed ones, by whether the budget allowed them")
                .tag("upstream", upstream)
                .tag("outcome", granted ? "made" : "over-budget")
                .register(registry)
                .increment();
    }

    void refused(String upstream, HostAndPort host) {
        Counter.builder("flotilla.upstream.circuit.refusals")
                .description("Fetches that were not made since the host failed before")
                .tag("upstream", upstream)
                .tag("host", host.toString())
                .register(registry)
                .increment();
    }

    void watchCircuit(String upstream, HostAndPort host, Circuit circuit) {
        Gauge.builder("flotilla.upstream.circuit.open", circuit, watched -> watched.isOpen() ? 1 : 0)
                .description("1 while the host is asked by single requests only, since it failed before")
                .tag("upstream", upstream)
                .tag("host", host.toString())
                .register(registry);
    }

    <T> void watchEjected(T health, ToDoubleFunction<T> ejected) {
        Gauge.builder("flotilla.upstream.ejected", health, ejected)
                .description("Addresses that are put aside just now")
                .register(registry);
    }
}
