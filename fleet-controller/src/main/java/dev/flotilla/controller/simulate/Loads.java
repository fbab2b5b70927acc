package dev.flotilla.controller.simulate;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.simulate.Answers.Answer;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What regions have to bear while others are down, twice: as if all clients used the fleet's name, and as if all used
 * those of their regions; and by either family of addresses, since nobody knows by which they come. What a region can bear
 * shrinks with its nodes that are down.
 */
final class Loads {
    private static final int PERCENT = 100;

    private final FleetConfiguration fleet;
    private final List<NodeInDns> nodes;
    private final Map<Case, Map<RegionName, Double>> loads = new LinkedHashMap<>();
    private final Map<RegionName, List<Excess>> excesses = new LinkedHashMap<>();
    private Outage outage = Outage.of();

    /** One of the ways that clients may come. */
    private record Case(boolean byGlobalName, String type) {}

    private record Excess(Outage outage, Finding.Overloaded finding) {}

    Loads(FleetConfiguration fleet, List<NodeInDns> nodes) {
        this.fleet = fleet;
        this.nodes = nodes;
    }

    /** What can't be said, if so. */
    Optional<Finding> unknown() {
        boolean known = fleet.regions().stream()
                .allMatch(region -> region.traffic().load().isPresent()
                        && region.traffic().capacity().isPresent());
        return known
                ? Optional.empty()
                : Optional.of(
                        new Finding.Note(
                                "capacities",
                                "whether a region would be overloaded is not known: say load and capacity of each region in fleet.conf"));
    }

    /** From here on answers are those of this outage; what came before it is judged. */
    void begin(Outage next) {
        judge();
        loads.clear();
        outage = next;
    }

    void add(boolean global, DnsName name, String type, Optional<Region> from, List<Answer> given) {
        long load = 0;
        for (Region region : fleet.regions()) {
            boolean comes = global
                    ? from.isEmpty() || from.get().equals(region)
                    : name.value().startsWith(region.name() + ".");
            load += comes ? region.traffic().load().orElse(0) : 0;
        }
        Map<RegionName, Double> borne = loads.computeIfAbsent(new Case(global, type), key -> new HashMap<>());
        for (Answer answer : given) {
            for (NodeInDns node : nodes) {
                if (answer.values().contains(node.address())) {
                    borne.merge(
                            node.region(),
                            load * answer.share() / answer.values().size(),
                            Double::sum);
                }
            }
        }
    }

    List<Finding> findings() {
        begin(Outage.of());
        List<Finding> worst = new ArrayList<>();
        excesses.values().forEach(found -> found.forEach(excess -> worst.add(excess.finding())));
        return worst;
    }

    private void judge() {
        loads.forEach((way, borne) -> {
            for (Region region : fleet.regions()) {
                double load = borne.getOrDefault(region.name(), 0.0);
                double capacity = region.traffic().capacity().orElse(Long.MAX_VALUE) * up(region);
                if (capacity > 0 && load > capacity) {
                    note(region.name(), way, load, capacity);
                }
            }
        });
    }

    /** Only where no smaller outage is enough for it: what is worse follows from that. */
    private void note(RegionName region, Case way, double load, double capacity) {
        List<Excess> known = excesses.computeIfAbsent(region, key -> new ArrayList<>());
        if (known.stream().noneMatch(smaller -> outage.holds(smaller.outage()))) {
            long percent = Math.round(load * PERCENT / capacity);
            known.add(new Excess(
                    outage,
                    new Finding.Overloaded(
                            region.value(),
                            "with " + outage.text(nodes) + " down, " + region + " gets " + Math.round(load)
                                    + " and can bear " + Math.round(capacity) + " (" + percent
                                    + " %), where clients use "
                                    + (way.byGlobalName() ? "the fleet's name" : "the names of their regions"),
                            percent)));
        }
    }

    /** Which part of a region's nodes is up, and in DNS. */
    private double up(Region region) {
        long up = 0;
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.get(node).region().equals(region.name()) && !outage.isDown(node)) {
                up++;
            }
        }
        return (double) up / region.nodes().size();
    }
}
