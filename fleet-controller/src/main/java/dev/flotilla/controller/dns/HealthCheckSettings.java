package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeAddress;
import java.time.Duration;

/**
 * How checkers find out whether a node can serve: HTTP to its client port, healthy on a 2xx or 3xx answer whose first
 * 5,120 bytes hold {@code search}. A check is never changed, only replaced: interval and search can't be changed at all.
 *
 * @param interval 10 or 30 s on AWS
 * @param threshold how many probes in a row have to agree
 */
public record HealthCheckSettings(
        NodeAddress address, int port, String path, String search, Duration interval, int threshold) {
    private static final String PATH = "/readyz";
    private static final String SEARCH = "ready";

    static HealthCheckSettings of(Node node, DnsSettings dns) {
        return new HealthCheckSettings(
                node.address(), node.clientPort(), PATH, SEARCH, dns.checkInterval(), dns.checkThreshold());
    }
}
