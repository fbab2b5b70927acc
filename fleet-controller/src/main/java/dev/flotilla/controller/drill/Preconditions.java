package dev.flotilla.controller.drill;

import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.status.FleetView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import java.util.ArrayList;
import java.util.List;

/** What has to be so before a region may be taken out: a drill that begins in trouble makes it worse, and shows nothing. Pure. */
public final class Preconditions {
    private Preconditions() {}

    /** Why there can be no drill now, one line each with what to do; empty where there can. */
    public static List<String> lacking(FleetConfiguration fleet, Region region, FleetView view) {
        List<String> lacking = new ArrayList<>();
        if (view.release() instanceof ReleaseView.Unknown unknown) {
            lacking.add(unknown.reason());
        }
        view.zoneProblem().ifPresent(problem -> lacking.add("what the health checks say isn't known: " + problem));
        for (NodeView node : view.nodes()) {
            node.problems().forEach(problem -> lacking.add(node.node().id() + ": " + problem));
            if (node.problems().isEmpty() && !isAnswered(node)) {
                lacking.add(
                        node.node().id() + ": names don't lead to it now (see flotilla status): bring it back first");
            }
        }
        view.names().forEach(name -> name.problem().ifPresent(problem -> lacking.add(name.name() + ": " + problem)));
        boolean another = view.nodes().stream()
                .anyMatch(node -> !node.node().id().region().equals(region.name()) && isAnswered(node));
        if (!another) {
            lacking.add("no other region serves: nothing would take over from " + region.name());
        }
        long others = fleet.nodes().stream()
                .filter(node -> !node.id().region().equals(region.name()))
                .count();
        if (others < fleet.minimumServing()) {
            lacking.add("without " + region.name() + " " + others + " nodes are left, and minimum-serving is "
                    + fleet.minimumServing());
        }
        return lacking;
    }

    private static boolean isAnswered(NodeView node) {
        return node.serves()
                && node.health().filter(HealthState.Healthy.class::isInstance).isPresent();
    }
}
