package dev.flotilla.controller.plan;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.CheckProtocol;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.FleetReports;
import dev.flotilla.controller.status.FleetReadiness;
import dev.flotilla.controller.status.FleetView.Readiness;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** By their readiness, as health checkers ask for it, by HTTPS too where these do, and by the reports in the bucket. */
public record AskedNodes(FleetConfiguration fleet, Bucket bucket) implements NodesNow {
    @Override
    public Map<NodeId, Standing> ask(Collection<Node> nodes) throws InterruptedException {
        Map<NodeId, NodeReport> reports = FleetReports.read(fleet, bucket);
        Map<NodeId, Standing> standings = new TreeMap<>();
        var questions = new FleetReadiness(FleetReadiness.QUESTION);
        questions
                .ask(nodes)
                .forEach((node, readiness) ->
                        standings.put(node, standing(Optional.ofNullable(reports.get(node)), readiness)));
        boolean encrypted = fleet.dns()
                .filter(dns -> dns.checkProtocol() == CheckProtocol.HTTPS)
                .isPresent();
        if (encrypted) {
            List<Node> serving = nodes.stream()
                    .filter(node -> standings.get(node.id()) instanceof Standing.Serving)
                    .toList();
            questions
                    .askEncrypted(serving)
                    .forEach((node, readiness) -> uncheckable(readiness).ifPresent(why -> standings.put(node, why)));
        }
        return standings;
    }

    /** Its check would find it dead, however well it serves: perhaps it has yet to go on to the release with {@code tls}. */
    private static Optional<Standing> uncheckable(Readiness readiness) {
        String lead = "it serves, but not by HTTPS, as its health check asks (dns.check-protocol): ";
        return switch (readiness) {
            case Readiness.Ready ignored -> Optional.empty();
            case Readiness.Drained ignored -> Optional.of(new Standing.NotServing("it is drained"));
            case Readiness.NotReady not -> Optional.of(new Standing.NotServing(lead + not.reason()));
        };
    }

    private static Standing standing(Optional<NodeReport> report, Readiness readiness) {
        Optional<NodeReport.Release> reverted =
                report.flatMap(NodeReport::release).filter(release -> release.state() == NodeReport.State.REVERTED);
        if (reverted.isPresent()) {
            return new Standing.Reverted(
                    reverted.get().version(),
                    report.flatMap(NodeReport::problem).orElse("see flotilla status"));
        }
        return switch (readiness) {
            case Readiness.Ready ignored -> new Standing.Serving();
            case Readiness.Drained ignored -> new Standing.NotServing("it is drained");
            case Readiness.NotReady not ->
                report.flatMap(NodeReport::refused)
                        .<Standing>map(release -> new Standing.Refused(
                                release, report.flatMap(NodeReport::problem).orElse("see flotilla status")))
                        .orElseGet(() -> new Standing.NotServing(not.reason()
                                + report.flatMap(NodeReport::problem)
                                        .map(text -> "; it reports: " + text)
                                        .orElse("")));
        };
    }
}
