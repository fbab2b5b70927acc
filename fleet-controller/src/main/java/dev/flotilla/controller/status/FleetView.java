package dev.flotilla.controller.status;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.vocabulary.FleetName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A fleet as it was seen at one time.
 *
 * @param release the one in the bucket
 * @param names what DNS answers for the names that clients use; empty where the fleet isn't in DNS
 * @param zoneProblem why the state of the health checks isn't known, where it should be
 */
public record FleetView(
        FleetName fleet,
        Instant asked,
        ReleaseView release,
        List<NodeView> nodes,
        List<NameView> names,
        Optional<String> zoneProblem) {
    public FleetView {
        asked = asked.truncatedTo(ChronoUnit.MILLIS);
        nodes = List.copyOf(nodes);
        names = List.copyOf(names);
    }

    /** The release that the bucket points to. */
    public sealed interface ReleaseView {
        /**
         * It is trusted.
         *
         * @param warning what ends soon, where something does
         */
        record Published(long version, Instant expires, Optional<String> warning) implements ReleaseView {}

        /** There is none yet, or it isn't trusted, or the bucket can't be asked. */
        record Unknown(String reason) implements ReleaseView {}
    }

    /** What a node's agent has said. */
    public sealed interface ReportView {
        record Said(NodeReport report) implements ReportView {}

        /** There is no report, or it can't be read. */
        record Silent(String reason) implements ReportView {}
    }

    /** What a node's mirror answers from here. */
    public sealed interface Readiness {
        record Ready() implements Readiness {}

        /** It can serve, and asks its clients to go elsewhere, as it was told. */
        record Drained() implements Readiness {}

        /** It answers that it can't serve, or not at all. */
        record NotReady(String reason) implements Readiness {}
    }

    /**
     * One node.
     *
     * @param health what the health checkers say; absent where the node isn't in DNS
     * @param problems everything that isn't as it should be; empty means that the node is fine
     */
    public record NodeView(
            Node node, ReportView report, Readiness readiness, Optional<HealthState> health, List<String> problems) {
        public NodeView {
            problems = List.copyOf(problems);
        }

        public boolean serves() {
            return readiness instanceof Readiness.Ready;
        }
    }

    /** What a name server answered for one name. */
    public record NameView(DnsName name, List<String> addresses, Optional<String> problem) {
        public NameView {
            addresses = List.copyOf(addresses);
        }
    }

    /** Whether nothing is wrong anywhere. */
    public boolean isHealthy() {
        return release instanceof ReleaseView.Published
                && zoneProblem.isEmpty()
                && nodes.stream().allMatch(node -> node.problems().isEmpty())
                && names.stream().allMatch(name -> name.problem().isEmpty());
    }

    /** The nodes that answer that they can serve: those that may enter DNS. */
    public Set<NodeId> serving() {
        return nodes.stream()
                .filter(NodeView::serves)
                .map(node -> node.node().id())
                .collect(Collectors.toUnmodifiableSet());
    }
}
