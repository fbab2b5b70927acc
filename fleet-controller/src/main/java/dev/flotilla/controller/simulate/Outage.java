package dev.flotilla.controller.simulate;

import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which nodes are down, by their places in the list of all. */
record Outage(BitSet down) {
    static Outage of(int... nodes) {
        var down = new BitSet();
        for (int node : nodes) {
            down.set(node);
        }
        return new Outage(down);
    }

    boolean isDown(int node) {
        return down.get(node);
    }

    int size() {
        return down.cardinality();
    }

    boolean holds(Outage other) {
        var rest = (BitSet) other.down.clone();
        rest.andNot(down);
        return rest.isEmpty();
    }

    /** For people: regions as a whole where all of their nodes are down. */
    String text(List<NodeInDns> nodes) {
        if (down.isEmpty()) {
            return "nothing";
        }
        return IntStream.range(0, nodes.size())
                .filter(down::get)
                .mapToObj(nodes::get)
                .map(node -> wholeRegion(nodes, node) ? node.region().value() : node.label())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private boolean wholeRegion(List<NodeInDns> nodes, NodeInDns node) {
        return IntStream.range(0, nodes.size())
                .filter(index -> nodes.get(index).region().equals(node.region()))
                .allMatch(down::get);
    }
}
