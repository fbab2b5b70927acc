package dev.flotilla.controller.firewall;

import dev.flotilla.controller.fleet.AddressRange;
import dev.flotilla.controller.fleet.FirewallSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.OutboundHosts;
import dev.flotilla.controller.fleet.OutboundHosts.Host;
import dev.flotilla.controller.fleet.SshSettings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rule set of one node, for {@code nft -f}: a table of its own, {@code inet flotilla}, that takes the place of the one before in one step. What it doesn't name is
 * dropped, in both directions and both families; other tables stay, and may drop more.
 */
public final class RuleSet {
    private static final int SSH_PORT = 22;
    private static final int HTTPS_PORT = 443;
    private static final int DNS_PORT = 53;
    private static final int TIME_PORT = 123;
    private static final int HTTP_PORT = 80;

    private final FleetConfiguration fleet;
    private final FirewallSettings settings;
    private final Node node;
    private final Map<String, List<AddressRange>> sets = new LinkedHashMap<>();

    private RuleSet(FleetConfiguration fleet, FirewallSettings settings, Node node) {
        this.fleet = fleet;
        this.settings = settings;
        this.node = node;
    }

    /**
     * The text of a node's rule set; the same bytes for the same settings.
     *
     * @throws IllegalArgumentException where an upstream isn't written as the mirror understands it
     */
    public static String of(FleetConfiguration fleet, FirewallSettings settings, Node node) {
        return new RuleSet(fleet, settings, node).text();
    }

    private String text() {
        String incoming = incoming();
        String outgoing = outgoing();
        return """
                #!/usr/sbin/nft -f
                # Node %s of the fleet %s, by flotilla node-config: change fleet.conf, and not this.
                table inet flotilla
                delete table inet flotilla
                table inet flotilla {
                %s    chain input {
                        type filter hook input priority filter; policy drop;
                        iifname "lo" accept
                        ct state established,related accept
                        ct state invalid drop
                        icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept
                        icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
                        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } ip6 hoplimit 255 accept
                        icmpv6 type mld-listener-query accept
                        udp sport 67 udp dport 68 accept
                        ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
                %s    }
                    chain forward {
                        type filter hook forward priority filter; policy drop;
                    }
                    chain output {
                        type filter hook output priority filter; policy drop;
                        oifname "lo" accept
                        ct state established,related accept
                        tcp sport { %s } tcp flags & (syn | ack) != syn accept comment "connections that stood before these rules"
                        icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept
                        icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
                        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
                        udp sport 68 udp dport 67 accept
                        ip6 daddr { fe80::/10, ff02::1:2 } udp sport 546 udp dport 547 accept
                %s    }
                }
                """.formatted(node.id(), fleet.name(), sets(), incoming, numbers(served()), outgoing);
    }

    /** Where clients come. */
    private NavigableSet<Integer> serving() {
        NavigableSet<Integer> ports = new TreeSet<>(List.of(node.clientPort()));
        node.encryptedPort().ifPresent(ports::add);
        return ports;
    }

    /** Where people and controllers come. */
    private NavigableSet<Integer> operated() {
        int ssh =
                node.login().port().or(() -> fleet.ssh().map(SshSettings::port)).orElse(SSH_PORT);
        return new TreeSet<>(List.of(ssh, node.operationsPort()));
    }

    private NavigableSet<Integer> served() {
        NavigableSet<Integer> all = serving();
        all.addAll(operated());
        return all;
    }

    private static String numbers(NavigableSet<Integer> ports) {
        return ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private String incoming() {
        var rules = new Rules("saddr");
        rules.allow("clients", settings.clients(), "tcp", serving());
        if (!settings.clients().isEmpty()) {
            // Where they aren't named nobody but clients comes.
            rules.allowNamed("health-checkers", settings.healthCheckers(), "tcp", serving());
        }
        rules.allow("operations", settings.operations(), "tcp", operated());
        return rules.text();
    }

    private String outgoing() {
        var rules = new Rules("daddr");
        rules.allow("name-servers", settings.nameServers(), "{ tcp, udp }", new TreeSet<>(List.of(DNS_PORT)));
        rules.allow("time-servers", settings.timeServers(), "udp", new TreeSet<>(List.of(TIME_PORT)));
        rules.allowNamed("credentials", settings.credentials(), "tcp", new TreeSet<>(List.of(HTTP_PORT)));
        List<Host> bucket = new ArrayList<>(OutboundHosts.wheels(node));
        bucket.add(fleet.bucket()
                .endpoint()
                .map(Host::of)
                .orElseGet(() -> new Host("s3." + fleet.bucket().awsRegion() + ".amazonaws.com", HTTPS_PORT)));
        rules.allowHosts("bucket", bucket, settings.bucket());
        rules.allowHosts("upstreams", OutboundHosts.upstreams(node), settings.upstreams());
        return rules.text();
    }

    private String sets() {
        var text = new StringBuilder();
        sets.forEach((name, ranges) -> text.append("""
                    set %s {
                        type %s
                        flags interval
                        auto-merge
                        elements = { %s }
                    }
                """.formatted(
                        name,
                        ranges.getFirst().isIpv6() ? "ipv6_addr" : "ipv4_addr",
                        ranges.stream().map(AddressRange::toString).distinct().collect(Collectors.joining(", ")))));
        return text.toString();
    }

    /** The rules of one direction; ranges become sets beside them. */
    private final class Rules {
        private final String side;
        private final StringBuilder text = new StringBuilder();

        Rules(String side) {
            this.side = side;
        }

        /** Everybody where nobody is named. */
        void allow(String name, List<AddressRange> ranges, String protocols, NavigableSet<Integer> ports) {
            if (ranges.isEmpty()) {
                rule("", protocols, ports, name + ": anywhere");
            } else {
                allowNamed(name, ranges, protocols, ports);
            }
        }

        void allowNamed(String name, List<AddressRange> ranges, String protocols, NavigableSet<Integer> ports) {
            family(name, ranges, protocols, ports, AddressRange::isIpv6, "ip6 ");
            family(name, ranges, protocols, ports, range -> !range.isIpv6(), "ip ");
        }

        private void family(
                String name,
                List<AddressRange> ranges,
                String protocols,
                NavigableSet<Integer> ports,
                Predicate<AddressRange> wanted,
                String family) {
            List<AddressRange> ours = ranges.stream().filter(wanted).toList();
            if (!ours.isEmpty()) {
                String set = name.replace('-', '_') + (family.equals("ip6 ") ? "6" : "4");
                sets.put(set, ours);
                rule(family + side + " @" + set + " ", protocols, ports, name);
            }
        }

        /** Literals as they are; names wherever their addresses may be, at their ports. */
        void allowHosts(String name, Collection<Host> hosts, List<AddressRange> whereNamesAre) {
            NavigableSet<Integer> ports = new TreeSet<>();
            for (Host host : hosts) {
                Optional<InetAddress> literal = literal(host.host());
                if (literal.isEmpty()) {
                    ports.add(host.port());
                } else {
                    var alone = AddressRange.of(literal.get());
                    rule(
                            (alone.isIpv6() ? "ip6 " : "ip ") + side + " "
                                    + literal.get().getHostAddress() + " ",
                            "tcp",
                            new TreeSet<>(List.of(host.port())),
                            name);
                }
            }
            if (!ports.isEmpty()) {
                allow(name, whereNamesAre, "tcp", ports);
            }
        }

        private static Optional<InetAddress> literal(String host) {
            try {
                return Optional.of(AddressRange.parse(host).first());
            } catch (IllegalArgumentException name) {
                return Optional.empty();
            }
        }

        private void rule(String who, String protocols, NavigableSet<Integer> ports, String remark) {
            text.append("        ")
                    .append(who)
                    .append("meta l4proto ")
                    .append(protocols)
                    .append(" th dport { ")
                    .append(numbers(ports))
                    .append(" } accept comment \"")
                    .append(remark)
                    .append("\"\n");
        }

        String text() {
            return text.toString();
        }
    }
}
