package dev.flotilla.controller.fleet;

import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.util.Comparator;

/** A node within its fleet: its region and its name, written {@code east/east-1}. */
public record NodeId(RegionName region, NodeName node) implements Comparable<NodeId> {
    private static final Comparator<NodeId> ORDER =
            Comparator.comparing(NodeId::region).thenComparing(NodeId::node);

    @Override
    public int compareTo(NodeId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return region + "/" + node;
    }
}
