package dev.flotilla.controller.simulate;

import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The outages that are looked at, smaller ones first: every combination of nodes while there are few, and else every
 * combination of whole regions, alone and with one node more.
 *
 * @param coverage which these are, for people
 */
record Outages(List<Outage> all, String coverage) {
    /** 4,096 combinations, each looked at from every name: within a second. */
    private static final int MOST_NODES = 12;

    /** Two to the power of so many regions, times all nodes: some ten thousand. */
    private static final int MOST_REGIONS = 8;

    static Outages of(List<NodeInDns> nodes) {
        if (nodes.size() <= MOST_NODES) {
            return new Outages(
                    subsets(nodes.size()), "every combination of " + nodes.size() + " nodes that are up or down");
        }
        List<RegionName> regions =
                nodes.stream().map(NodeInDns::region).distinct().toList();
        boolean few = regions.size() <= MOST_REGIONS;
        Set<Outage> outages = new LinkedHashSet<>();
        for (Outage lost : few ? subsets(regions.size()) : upToTwo(regions.size())) {
            var down = new BitSet();
            for (int node = 0; node < nodes.size(); node++) {
                down.set(node, lost.isDown(regions.indexOf(nodes.get(node).region())));
            }
            outages.add(new Outage(down));
            for (int node = 0; node < nodes.size(); node++) {
                var more = (BitSet) down.clone();
                more.set(node);
                outages.add(new Outage(more));
            }
        }
        List<Outage> sorted = new ArrayList<>(outages);
        sorted.sort(Comparator.comparingInt(Outage::size));
        return new Outages(
                sorted,
                (few
                                ? "every combination of " + regions.size() + " regions"
                                : "one and two of " + regions.size() + " regions")
                        + " that are up or down as a whole, and with each of them every one of " + nodes.size()
                        + " nodes down besides; all combinations of so many nodes are too many");
    }

    private static List<Outage> subsets(int count) {
        List<Outage> subsets = new ArrayList<>();
        for (long bits = 0; bits < 1L << count; bits++) {
            subsets.add(new Outage(BitSet.valueOf(new long[] {bits})));
        }
        subsets.sort(Comparator.comparingInt(Outage::size));
        return subsets;
    }

    private static List<Outage> upToTwo(int count) {
        List<Outage> few = new ArrayList<>();
        few.add(Outage.of());
        for (int one = 0; one < count; one++) {
            few.add(Outage.of(one));
            for (int other = one + 1; other < count; other++) {
                few.add(Outage.of(one, other));
            }
        }
        return few;
    }
}
