package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A region, or one node of it, as people name it: {@code east} or {@code east/east-1}. */
record Place(RegionName region, Optional<NodeName> node) {
    /** None that a fleet has, until the command line is read. */
    static final Place NONE = new Place(new RegionName("none"), Optional.empty());

    /** The node that is named; a {@link CommandFailure} where it is a region, with {@code why}, or not there. */
    NodeId onlyNode(FleetConfiguration fleet, String why) {
        NodeId first = nodes(fleet).getFirst();
        if (node.isEmpty()) {
            throw new CommandFailure(why + ": name one, such as " + first);
        }
        return first;
    }

    /** The fleet's nodes there; a {@link CommandFailure} where there are none. */
    List<NodeId> nodes(FleetConfiguration fleet) {
        List<NodeId> nodes = fleet.nodes().stream()
                .map(found -> found.id())
                .filter(id -> id.region().equals(region)
                        && node.filter(name -> !name.equals(id.node())).isEmpty())
                .toList();
        if (nodes.isEmpty()) {
            throw new CommandFailure(
                    "fleet.conf has no " + (node.isPresent() ? "node " : "region ") + this + ": there are "
                            + String.join(
                                    ", ",
                                    fleet.nodes().stream()
                                            .map(found -> found.id().toString())
                                            .toList()));
        }
        return nodes;
    }

    @Override
    public String toString() {
        return region + node.map(name -> "/" + name).orElse("");
    }

    /** Reads it from the command line. */
    static final class Written implements ITypeConverter<Place> {
        @Override
        public Place convert(String text) {
            int slash = text.indexOf('/');
            try {
                return slash < 0
                        ? new Place(new RegionName(text), Optional.empty())
                        : new Place(
                                new RegionName(text.substring(0, slash)),
                                Optional.of(new NodeName(text.substring(slash + 1))));
            } catch (IllegalArgumentException invalid) {
                throw new TypeConversionException(
                        "'" + text + "' is no REGION or REGION/NODE: " + invalid.getMessage());
            }
        }
    }
}
