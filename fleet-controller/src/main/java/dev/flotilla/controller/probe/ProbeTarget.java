package dev.flotilla.controller.probe;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.Region;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An index to look at, and the way there.
 *
 * @param label for people and metrics: a name, or a node as in {@code east/east-1}
 * @param index ends in a slash
 * @param straight connections go to this address, whatever names say
 */
public record ProbeTarget(String label, URI index, Optional<InetAddress> straight) {
    public ProbeTarget {
        String scheme = String.valueOf(index.getScheme());
        if (index.getHost() == null
                || !(scheme.equals("http") || scheme.equals("https"))
                || index.getRawUserInfo() != null
                || index.getRawQuery() != null
                || !index.getRawPath().endsWith("/")) {
            throw new IllegalArgumentException("'" + index
                    + "' is no index: write scheme, host and path, as in http://mirror.example.org:8080/simple/");
        }
    }

    /** An index by its address alone; a slash at its end may be left out. */
    public static ProbeTarget of(URI index) {
        URI whole = index.getRawPath() != null && index.getRawPath().endsWith("/") ? index : URI.create(index + "/");
        return new ProbeTarget(String.valueOf(whole.getHost()), whole, Optional.empty());
    }

    /** What all clients of a fleet may ask: the global name, each region's name, and each node straight at its address. */
    public static List<ProbeTarget> of(FleetConfiguration fleet) {
        List<ProbeTarget> targets = new ArrayList<>();
        fleet.dns()
                .ifPresent(dns -> targets.add(
                        named(dns.name(), fleet.regions().getFirst().nodes().getFirst())));
        fleet.regions().forEach(region -> targets.addAll(of(fleet, region)));
        return targets;
    }

    /** A region: its name, and its nodes. */
    public static List<ProbeTarget> of(FleetConfiguration fleet, Region region) {
        List<ProbeTarget> targets = new ArrayList<>();
        fleet.dns()
                .ifPresent(dns -> targets.add(
                        named(regionName(dns, region), region.nodes().getFirst())));
        region.nodes().forEach(node -> targets.add(of(fleet, node)));
        return targets;
    }

    /** One node, at its address; it is asked as a client of its region would. */
    public static ProbeTarget of(FleetConfiguration fleet, Node node) {
        String host = fleet.dns()
                .map(dns -> dns.of(node.id().region()).value())
                .orElseGet(() -> node.address().inUrl());
        return new ProbeTarget(
                node.id().toString(),
                index(host, node.clientPort()),
                Optional.of(node.address().address()));
    }

    private static DnsName regionName(DnsSettings dns, Region region) {
        return dns.of(region.name());
    }

    private static ProbeTarget named(DnsName name, Node one) {
        return new ProbeTarget(name.value(), index(name.value(), one.clientPort()), Optional.empty());
    }

    /** Where clients find the index of a mirror. */
    public static URI index(String host, int port) {
        return URI.create("http://" + host + ":" + port + "/simple/");
    }

    /** The port that a connection goes to. */
    static int port(URI index) {
        int written = index.getPort();
        return written >= 0 ? written : "https".equals(index.getScheme()) ? 443 : 80;
    }
}
