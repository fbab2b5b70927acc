package dev.flotilla.controller.rollout;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Reads what all nodes of a fleet say about themselves, many at a time. */
public final class FleetReports {
    private static final int AT_ONCE = 32;

    private FleetReports() {}

    /** The reports that there are. A node that is missing has none that can be read and is its own. */
    public static Map<NodeId, NodeReport> read(FleetConfiguration fleet, Bucket bucket) {
        return read(fleet, fleet.nodes().stream().map(Node::id).toList(), bucket);
    }

    /** Those of some nodes. */
    public static Map<NodeId, NodeReport> read(FleetConfiguration fleet, Collection<NodeId> nodes, Bucket bucket) {
        Map<NodeId, NodeReport> reports = new ConcurrentSkipListMap<>();
        var places = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (NodeId node : nodes) {
                places.acquireUninterruptibly();
                threads.execute(() -> {
                    try {
                        read(fleet, node, bucket).ifPresent(report -> reports.put(node, report));
                    } finally {
                        places.release();
                    }
                });
            }
        }
        return Collections.unmodifiableMap(reports);
    }

    /** The report of one node, where there is one that can be read and is its own. */
    public static Optional<NodeReport> read(FleetConfiguration fleet, NodeId node, Bucket bucket) {
        var key = BucketLayout.report(node.region(), node.node());
        if (!(bucket.get(key, Optional.empty(), NodeReport.LARGEST) instanceof Lookup.Found found)) {
            return Optional.empty();
        }
        try {
            return Optional.of(NodeReport.parse(found.content()))
                    .filter(report -> report.fleet().equals(fleet.name())
                            && report.region().equals(node.region())
                            && report.node().equals(node.node()));
        } catch (MalformedJsonException unreadable) {
            return Optional.empty();
        }
    }
}
