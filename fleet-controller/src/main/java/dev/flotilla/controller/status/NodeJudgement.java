package dev.flotilla.controller.status;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.Readiness;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import dev.flotilla.controller.status.FleetView.ReportView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says what is wrong with a node, from everything that is known of it. Pure. */
final class NodeJudgement {
    private NodeJudgement() {}

    static NodeView of(
            Node node,
            ReportView report,
            Readiness readiness,
            Optional<HealthState> health,
            ReleaseView release,
            Instant now,
            Duration silence) {
        List<String> problems = new ArrayList<>();
        if (readiness instanceof Readiness.NotReady notReady) {
            problems.add("its mirror: " + notReady.reason());
        }
        switch (report) {
            case ReportView.Silent silent -> problems.add(silent.reason());
            case ReportView.Said said -> {
                said.report().problem().ifPresent(problems::add);
                Duration age = Duration.between(said.report().written(), now);
                if (age.compareTo(silence) > 0) {
                    problems.add("has not reported for " + Ages.text(age) + ": is its agent running?");
                } else if (said.report().problem().isEmpty()) {
                    behind(said.report(), release).ifPresent(problems::add);
                }
            }
        }
        boolean wanted = readiness instanceof Readiness.Drained;
        if (!wanted && health.isPresent() && health.get() instanceof HealthState.Unhealthy unhealthy) {
            problems.add("out of DNS, its health check says: " + unhealthy.reason());
        }
        return new NodeView(node, report, readiness, health, problems);
    }

    private static Optional<String> behind(NodeReport report, ReleaseView release) {
        if (!(release instanceof ReleaseView.Published published)) {
            return Optional.empty();
        }
        Optional<NodeReport.Waiting> waiting = report.waiting().filter(held -> held.release() == published.version());
        if (waiting.isPresent()) {
            return waiting.filter(NodeReport.Waiting::stopped)
                    .map(held -> "does not take up release " + held.release() + ": " + held.reason());
        }
        long has = report.release().map(NodeReport.Release::version).orElse(0L);
        return has == published.version()
                ? Optional.empty()
                : Optional.of(
                        has == 0
                                ? "has no release yet"
                                : "has release " + has + ", and release " + published.version() + " is published");
    }
}
