package dev.flotilla.controller.fleet;

import dev.flotilla.agent.intent.Failback;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.RegionName;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the fleet shows in DNS.
 *
 * @param zone the hosted zone that holds the names
 * @param name the fleet's global name, in the zone; region names and everything else stand below it
 * @param policy to which region clients of the global name are led
 * @param endpoint another place than AWS to speak the Route53 API with
 * @param ttl how long clients may keep an address: part of the time that a failover takes
 * @param checkInterval time between two probes of one checker: Route53 knows 10 and 30 s
 * @param checkProtocol how checkers ask; by HTTPS every node needs {@code tls}
 * @param checkThreshold how many probes in a row have to agree, 1 to 10
 * @param checkRegions from where checkers ask; empty for everywhere, or at least three
 * @param failback when clients are led again to a node whose mirror ended by itself
 * @param callsPerSecond the most calls to the Route53 API, well below the account's limit of ten
 */
public record DnsSettings(
        DnsName zone,
        DnsName name,
        DnsPolicy policy,
        Optional<URI> endpoint,
        Duration ttl,
        CheckProtocol checkProtocol,
        Duration checkInterval,
        int checkThreshold,
        Set<CheckerRegion> checkRegions,
        Failback failback,
        int callsPerSecond) {
    private static final Set<Duration> INTERVALS = Set.of(Duration.ofSeconds(10), Duration.ofSeconds(30));

    public DnsSettings {
        // All and none are the same, and come back from the API as either.
        checkRegions = checkRegions.size() == CheckerRegion.values().length ? Set.of() : Set.copyOf(checkRegions);
        if (!checkRegions.isEmpty() && checkRegions.size() < CheckerRegion.FEWEST) {
            throw new IllegalArgumentException("check-regions names " + CheckerRegion.FEWEST
                    + " regions at least: Route53 takes no fewer, and these are " + checkRegions.size()
                    + "; leave it out for all");
        }
        if (!name.isAtOrBelow(zone)) {
            throw new IllegalArgumentException("name " + name + " is not in zone " + zone);
        }
        if (!INTERVALS.contains(checkInterval)) {
            throw new IllegalArgumentException("check-interval is 10s or 30s: Route53 knows no other, and this is "
                    + checkInterval.toMillis() + "ms");
        }
        if (!ttl.equals(ttl.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException("ttl has to be whole seconds");
        }
    }

    static Setting<DnsSettings> read(Settings settings) {
        var zone = settings.required("zone", DnsName::parse);
        var name = settings.required("name", DnsName::parse);
        var policy = settings.optional("policy", DnsPolicy::parse);
        var endpoint = settings.optional("endpoint", Endpoint::parse);
        // 60 s is what AWS suggests for records with health checks.
        var ttl = settings.duration("ttl", Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofDays(1));
        var protocol = settings.optional("check-protocol", CheckProtocol.HTTP, CheckProtocol::parse);
        var interval = settings.duration(
                "check-interval", Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(30));
        var threshold = settings.integer("check-threshold", 3, 1, 10);
        var regions = settings.list("check-regions", List.of(), CheckerRegion::parse);
        var failback = settings.optional("failback", Failback.Policy::parse);
        // None by default: nodes of a fleet that is small come back when they can.
        var soak = settings.duration("failback-soak", Duration.ZERO, Duration.ZERO, Duration.ofDays(1));
        var calls = settings.integer("calls-per-second", 4, 1, 100);
        return settings.build(() -> new DnsSettings(
                zone.get(),
                name.get(),
                policy.get().orElse(DnsPolicy.FAILOVER),
                endpoint.get(),
                ttl.get(),
                protocol.get(),
                interval.get(),
                threshold.get(),
                Set.copyOf(regions.get()),
                new Failback(failback.get().orElse(Failback.Policy.AFTER_SOAK), soak.get()),
                calls.get()));
    }

    /** A region's own name: its clients', and that by which checkers ask for its nodes. */
    public DnsName of(RegionName region) {
        return name.below(region.value());
    }

    /** How long at most a client is led to a node that has died: until the checkers have noticed, and as long as it keeps the answer. */
    public Duration longestOutage() {
        return checkInterval.multipliedBy(checkThreshold).plus(ttl);
    }
}
