package dev.flotilla.controller.status;

import dev.flotilla.controller.status.FleetView.ReleaseView;
import java.util.ArrayList;
import java.util.List;

/** Everything that is wrong with a fleet, one line each, led by what it is about. */
final class StatusProblems {
    private StatusProblems() {}

    static List<String> of(FleetView view) {
        List<String> problems = new ArrayList<>();
        if (view.release() instanceof ReleaseView.Unknown unknown) {
            problems.add("release: " + unknown.reason());
        }
        view.nodes()
                .forEach(node -> node.problems()
                        .forEach(problem -> problems.add(node.node().id() + ": " + problem)));
        view.zoneProblem().ifPresent(problem -> problems.add("health checks: " + problem));
        view.names().forEach(name -> name.problem().ifPresent(problem -> problems.add(name.name() + ": " + problem)));
        return problems;
    }
}
