package dev.flotilla.controller.command;

import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fabric.StaticFabric;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** How verbs come to a fleet's machines. */
final class Ways {
    private Ways() {}

    /** For verbs that go to these nodes; a {@link CommandFailure} says what is missing. */
    static Fabrics to(Collection<Node> nodes, FleetConfiguration fleet, Map<String, String> environment)
            throws IOException {
        if (!nodes.stream().allMatch(fleet::reaches)) {
            throw unknown(fleet);
        }
        return Fabrics.open(fleet, environment);
    }

    /** The machines that are come to by SSH; a {@link CommandFailure} where there are none, or nobody has said how. */
    static StaticFabric bySsh(Fabrics fabrics, FleetConfiguration fleet) {
        return fabrics.listed()
                .orElseThrow(() -> fleet.nodes().stream().allMatch(fleet::reaches)
                        ? new CommandFailure("no machine of " + fleet.name()
                                + " is come to by SSH: each is a folder of this computer")
                        : unknown(fleet));
    }

    static CommandFailure unknown(FleetConfiguration fleet) {
        return new CommandFailure(
                fleet.file() + " doesn't say how to come to the machines: add ssh { user = \"root\" }");
    }

    /** The nodes at these places, all where there are none, in their order. */
    static SequencedMap<NodeId, Node> nodes(FleetConfiguration fleet, Collection<Place> places) {
        List<NodeId> wanted =
                places.stream().flatMap(place -> place.nodes(fleet).stream()).toList();
        var nodes = new TreeMap<NodeId, Node>();
        fleet.nodes().stream()
                .filter(node -> places.isEmpty() || wanted.contains(node.id()))
                .forEach(node -> nodes.put(node.id(), node));
        return nodes;
    }
}
