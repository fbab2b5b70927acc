package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeAddress;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.fleet.RegionTraffic;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The records that a fleet should have, for the nodes that are in DNS. Pure.
 *
 * <pre>
 * nodes.‹region›.‹name›   leaf: one weighted address per node, each with a health check
 * ‹region›.‹name›         failover: the region's own leaf first, then the other regions' leaves in order
 * ‹name›                  by the fleet's policy: failover over the regions' leaves in order; or an alias per region to its leaf,
 *                         chosen by latency or by weight, those without a healthy node left out
 * next-‹n›.‹any of both›  the choices from the n-th on, where there are more than two: a failover pair has two places
 * </pre>
 *
 * <p>Aliases lead to leaves or to the rest of their own chain, never to a name that clients use: a circle can't come up.
 * All of a name's records carry a set identifier, a lone choice too, so that a second region only adds to them.
 */
public final class RecordTree {
    /** The kinds of records that the tree consists of. */
    static final List<String> TYPES = List.of("A", "AAAA");

    private static final String LEAVES = "nodes.";
    private static final Pattern NEXT = Pattern.compile("next-[0-9]+\\.(.+)");

    /** Equal weights; the number leaves room below and above. */
    private static final int WEIGHT = 10;

    private final FleetName fleet;
    private final DnsSettings dns;
    private final SequencedMap<RegionName, Branch> regions;
    private final String type;
    private final List<RecordSet> records = new ArrayList<>();

    /** A node that is in DNS, with the address and the check that it has there. */
    public record Target(NodeId node, NodeAddress address, CheckReference check) {}

    /** A region with its nodes that are in DNS. */
    public record Branch(RegionTraffic traffic, List<Target> targets) {
        public Branch {
            targets = List.copyOf(targets);
        }
    }

    private RecordTree(FleetName fleet, DnsSettings dns, SequencedMap<RegionName, Branch> regions, String type) {
        this.fleet = fleet;
        this.dns = dns;
        this.regions = regions;
        this.type = type;
    }

    /**
     * The record sets, what an alias leads to always before the alias.
     *
     * @param regions all of the fleet's regions in the order of failover, also those without a node in DNS
     */
    public static List<RecordSet> of(FleetName fleet, DnsSettings dns, SequencedMap<RegionName, Branch> regions) {
        return TYPES.stream()
                .flatMap(type -> new RecordTree(fleet, dns, regions, type).build().stream())
                .toList();
    }

    /** The records once all of the fleet's nodes serve. */
    public static List<RecordSet> whole(FleetConfiguration fleet, DnsSettings dns) {
        var regions = new LinkedHashMap<RegionName, Branch>();
        for (Region region : fleet.regions()) {
            List<Target> targets = region.nodes().stream()
                    .map(node -> new Target(
                            node.id(), node.address(), new CheckReference.Wanted(HealthCheckSettings.of(node, dns))))
                    .toList();
            regions.put(region.name(), new Branch(region.traffic(), targets));
        }
        return of(fleet.name(), dns, regions);
    }

    /** Where a node's record of that type stands. */
    static RecordSet.Key leafKey(FleetName fleet, DnsSettings dns, NodeId node, String type) {
        return new RecordSet.Key(leafName(dns, node.region()), type, Optional.of(leafIdentifier(fleet, node, type)));
    }

    /** The region whose node this record leads to, where it is one of a node. */
    public static Optional<RegionName> regionOf(DnsSettings dns, RecordSet records) {
        String name = records.name().value();
        String end = "." + dns.name();
        return isLeaf(records)
                        && name.startsWith(LEAVES)
                        && name.endsWith(end)
                        && name.length() > LEAVES.length() + end.length()
                ? Optional.of(new RegionName(name.substring(LEAVES.length(), name.length() - end.length())))
                : Optional.empty();
    }

    /** Whether this record holds a node's address; all others lead to such ones. */
    static boolean isLeaf(RecordSet records) {
        return records.routing() instanceof Routing.Weighted && records.content() instanceof Content.Values;
    }

    private static DnsName leafName(DnsSettings dns, RegionName region) {
        return dns.name().below(LEAVES + region);
    }

    private static String leafIdentifier(FleetName fleet, NodeId node, String type) {
        return SetIdentifier.of(
                fleet, "nodes." + node.region() + ":" + node.node() + ":" + type.toLowerCase(Locale.ROOT));
    }

    static String typeOf(NodeAddress address) {
        return address.isIpv6() ? "AAAA" : "A";
    }

    private List<RecordSet> build() {
        List<RegionName> answering = new ArrayList<>();
        regions.forEach((region, branch) -> {
            List<Target> ofType = branch.targets().stream()
                    .filter(target -> typeOf(target.address()).equals(type))
                    .toList();
            if (!ofType.isEmpty()) {
                answering.add(region);
                ofType.forEach(this::leaf);
            }
        });
        for (RegionName region : regions.sequencedKeySet()) {
            List<DnsName> choices = new ArrayList<>();
            answering.stream().filter(region::equals).map(this::leafOf).forEach(choices::add);
            answering.stream()
                    .filter(other -> !other.equals(region))
                    .map(this::leafOf)
                    .forEach(choices::add);
            failover(dns.of(region), region.value(), choices);
        }
        switch (dns.policy()) {
            case FAILOVER ->
                failover(dns.name(), "@", answering.stream().map(this::leafOf).toList());
            case LATENCY -> answering.forEach(region -> choice(region, "near", new Routing.Latency(near(region))));
            case WEIGHTED ->
                answering.forEach(region -> choice(
                        region, "weight", new Routing.Weighted(traffic(region).weight())));
        }
        return records;
    }

    private String near(RegionName region) {
        return traffic(region)
                .awsRegion()
                .orElseThrow(() -> new IllegalArgumentException("no aws-region for " + region))
                .id();
    }

    private RegionTraffic traffic(RegionName region) {
        Branch branch = regions.get(region);
        if (branch == null) {
            throw new IllegalArgumentException("no region " + region);
        }
        return branch.traffic();
    }

    /** One of the fleet's name's ways, to this region's leaf. */
    private void choice(RegionName region, String kind, Routing routing) {
        String rest = "@:" + type.toLowerCase(Locale.ROOT) + ":" + kind + ":" + region;
        records.add(new RecordSet(
                dns.name(),
                type,
                Optional.of(SetIdentifier.of(fleet, rest)),
                routing,
                new Content.Alias(leafOf(region), true),
                Optional.empty()));
    }

    private DnsName leafOf(RegionName region) {
        return leafName(dns, region);
    }

    private void leaf(Target target) {
        RecordSet.Key key = leafKey(fleet, dns, target.node(), type);
        records.add(new RecordSet(
                key.name(),
                key.type(),
                key.identifier(),
                new Routing.Weighted(WEIGHT),
                new Content.Values(dns.ttl(), List.of(target.address().toString())),
                Optional.of(target.check())));
    }

    private void failover(DnsName name, String label, List<DnsName> choices) {
        int count = choices.size();
        for (int first = Math.max(count - 2, 0); first >= 0 && count > 0; first--) {
            DnsName at = first == 0 ? name : name.below(next(first));
            String labelThere = first == 0 ? label : next(first) + "." + label;
            boolean moreThanTwo = first + 2 < count;
            if (first + 1 < count) {
                DnsName rest = moreThanTwo ? name.below(next(first + 1)) : choices.get(first + 1);
                records.add(alias(at, labelThere, false, rest));
            }
            records.add(alias(at, labelThere, true, choices.get(first)));
        }
    }

    /** The name whose chain this one is a part of, or the name itself. */
    static DnsName chainOf(DnsName name) {
        Matcher matcher = NEXT.matcher(name.value());
        return matcher.matches() ? new DnsName(matcher.group(1)) : name;
    }

    /** The label of the chain whose first choice has this index: people count from one. */
    private static String next(int index) {
        return "next-" + (index + 1);
    }

    private RecordSet alias(DnsName name, String label, boolean primary, DnsName target) {
        String role = primary ? "primary" : "secondary";
        return new RecordSet(
                name,
                type,
                Optional.of(SetIdentifier.of(fleet, label + ":" + type.toLowerCase(Locale.ROOT) + ":" + role)),
                new Routing.Failover(primary),
                new Content.Alias(target, true),
                Optional.empty());
    }
}
