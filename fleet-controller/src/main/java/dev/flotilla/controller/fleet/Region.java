package dev.flotilla.controller.fleet;

import dev.flotilla.vocabulary.RegionName;
import java.util.List;

/** A region and its nodes, in the order of their names; at least one. */
public record Region(RegionName name, List<Node> nodes, RegionTraffic traffic) {
    public Region {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException(
                    "a region needs at least one node: nodes { " + name + "-1 { address = \"192.0.2.10\" } }");
        }
    }
}
