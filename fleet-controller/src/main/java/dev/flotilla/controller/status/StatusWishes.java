package dev.flotilla.controller.status;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.ReportView;
import java.util.ArrayList;
import java.util.List;

/** What is wanted of nodes beside their release, as far as they say so themselves: one line each. None of it is wrong. */
final class StatusWishes {
    private StatusWishes() {}

    static List<String> of(FleetView view) {
        List<String> wishes = new ArrayList<>();
        for (NodeView node : view.nodes()) {
            if (node.report() instanceof ReportView.Said said) {
                said.report()
                        .steering()
                        .ifPresent(steering -> of(steering)
                                .forEach(wish -> wishes.add(node.node().id() + ": " + wish)));
            }
        }
        return wishes;
    }

    private static List<String> of(NodeReport.Steering steering) {
        List<String> wishes = new ArrayList<>();
        steering.drain()
                .ifPresent(who -> wishes.add((steering.drained() ? "drained " : "to be drained ")
                        + who
                        + steering.held()
                                .map(why -> "; but it serves on: " + why)
                                .orElse("")));
        steering.paused().ifPresent(who -> wishes.add("takes up no release: paused " + who));
        if (steering.purgesWaiting() > 0) {
            wishes.add((steering.purgesWaiting() == 1 ? "one purge is" : steering.purgesWaiting() + " purges are")
                    + " still to be carried out"
                    + steering.purgeProblem().map(why -> ": " + why).orElse(""));
        } else {
            steering.purgeProblem().ifPresent(wishes::add);
        }
        return wishes;
    }
}
