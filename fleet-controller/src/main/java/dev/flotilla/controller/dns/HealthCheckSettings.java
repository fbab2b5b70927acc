package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.CheckerRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How checkers find out whether a node can serve: HTTP or HTTPS to a port for clients, healthy on a 2xx or 3xx answer whose first
 * 5,120 bytes hold {@code search}. A check is never changed, only replaced: type, interval and search can't be changed at all.
 *
 * @param secured the name in the handshake and in the request, for HTTPS; absent for HTTP. The certificate isn't judged (Developer
 *     Guide, "Values that you specify when you create or update health checks")
 * @param interval 10 or 30 s on AWS
 * @param threshold how many probes in a row have to agree
 * @param regions from where they ask; empty for everywhere
 */
public record HealthCheckSettings(
        NodeAddress address,
        int port,
        Optional<DnsName> secured,
        String path,
        String search,
        Duration interval,
        int threshold,
        Set<CheckerRegion> regions) {
    private static final String PATH = "/readyz";
    private static final String SEARCH = "ready";

    static HealthCheckSettings of(Node node, DnsSettings dns) {
        return switch (dns.checkProtocol()) {
            case HTTP -> of(node, node.clientPort(), Optional.empty(), dns);
            case HTTPS ->
                of(
                        node,
                        node.encryptedPort().orElseThrow(),
                        Optional.of(dns.of(node.id().region())),
                        dns);
        };
    }

    private static HealthCheckSettings of(Node node, int port, Optional<DnsName> secured, DnsSettings dns) {
        return new HealthCheckSettings(
                node.address(),
                port,
                secured,
                PATH,
                SEARCH,
                dns.checkInterval(),
                dns.checkThreshold(),
                dns.checkRegions());
    }

    /** For people: what is asked for, how often. */
    String line() {
        return (secured.isPresent() ? "https" : "http") + "://" + address.inUrl() + ":" + port + path
                + secured.map(name -> " as " + name).orElse("") + " every " + interval.toSeconds() + " s"
                + (regions.isEmpty()
                        ? ""
                        : regions.stream()
                                .map(CheckerRegion::id)
                                .sorted()
                                .collect(Collectors.joining(", ", " from ", "")));
    }
}
