package dev.flotilla.controller.local.route53;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What a stand-in for Route 53 is started with. {@link #onLoopback()} gives the defaults, the {@code with…} methods
 * change one of them each.
 *
 * @param api where the REST API listens, a loopback address; port 0 takes a free one
 * @param dns where the name server listens, over UDP and TCP on one port; port 0 takes a free one
 * @param changeDelay how long a change stays PENDING before it is INSYNC and the name server answers by it
 * @param checkInterval how often every health check probes, in place of its own request interval of 10 or 30 seconds
 * @param exemptions the rules of Route 53 that are not applied
 * @param clock tells the time of changes and observations
 * @param random chooses among weighted records; it is used by one thread at a time
 * @param limits what is bounded, and how
 * @param clients where clients are, for latency records
 * @param checkers who probes; each of them every check that doesn't name other regions
 */
public record Route53Options(
        InetSocketAddress api,
        InetSocketAddress dns,
        Duration changeDelay,
        Optional<Duration> checkInterval,
        Set<Exemption> exemptions,
        Clock clock,
        RandomGenerator random,
        Route53Limits limits,
        ClientPlaces clients,
        List<Checker> checkers) {
    private static final Duration DEFAULT_CHANGE_DELAY = Duration.ofMillis(200);

    public Route53Options {
        if (api.isUnresolved() || !api.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("the stand-in's API listens on loopback only, not on " + api);
        }
        if (dns.isUnresolved()) {
            throw new IllegalArgumentException("the name server needs an address, not a name: " + dns);
        }
        if (changeDelay.isNegative()) {
            throw new IllegalArgumentException("the change delay is negative: " + changeDelay);
        }
        if (checkInterval.isPresent() && !checkInterval.get().isPositive()) {
            throw new IllegalArgumentException("the check interval is not positive: " + checkInterval.get());
        }
        exemptions = Set.copyOf(exemptions);
        checkers = List.copyOf(checkers);
        if (checkers.isEmpty()) {
            throw new IllegalArgumentException("nobody would probe: no checkers");
        }
    }

    /** Free ports on 127.0.0.1, checks at their own intervals, no exemption, the system's clock and secure randomness. */
    public static Route53Options onLoopback() {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new Route53Options(
                anyPort,
                anyPort,
                DEFAULT_CHANGE_DELAY,
                Optional.empty(),
                Set.of(),
                Clock.systemUTC(),
                new SecureRandom(),
                Route53Limits.DEFAULTS,
                ClientPlaces.UNKNOWN,
                List.of(Checker.LONE));
    }

    public Route53Options withApi(InetSocketAddress address) {
        return new Route53Options(
                address, dns, changeDelay, checkInterval, exemptions, clock, random, limits, clients, checkers);
    }

    public Route53Options withDns(InetSocketAddress address) {
        return new Route53Options(
                api, address, changeDelay, checkInterval, exemptions, clock, random, limits, clients, checkers);
    }

    public Route53Options withChangeDelay(Duration delay) {
        return new Route53Options(api, dns, delay, checkInterval, exemptions, clock, random, limits, clients, checkers);
    }

    public Route53Options withCheckInterval(Duration interval) {
        return new Route53Options(
                api, dns, changeDelay, Optional.of(interval), exemptions, clock, random, limits, clients, checkers);
    }

    public Route53Options withExemptions(Exemption... names) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, Set.of(names), clock, random, limits, clients, checkers);
    }

    public Route53Options withClock(Clock other) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, exemptions, other, random, limits, clients, checkers);
    }

    public Route53Options withRandom(RandomGenerator other) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, exemptions, clock, other, limits, clients, checkers);
    }

    public Route53Options withLimits(Route53Limits other) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, exemptions, clock, random, other, clients, checkers);
    }

    public Route53Options withClients(ClientPlaces other) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, exemptions, clock, random, limits, other, checkers);
    }

    public Route53Options withCheckers(List<Checker> others) {
        return new Route53Options(
                api, dns, changeDelay, checkInterval, exemptions, clock, random, limits, clients, others);
    }
}
