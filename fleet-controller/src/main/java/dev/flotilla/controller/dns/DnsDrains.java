package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Leads clients away from nodes, and to them again, by their health checks alone: no record changes, no bucket is needed,
 * and the nodes needn't hear of it. Killed anywhere, a second run completes what the first began. For one thread.
 */
public final class DnsDrains {
    private final FleetConfiguration fleet;
    private final Zone zone;
    private final FleetDns keeper;

    /** What came of it. */
    public sealed interface Outcome {
        /** It is so now; {@code changed} are those that it wasn't for before. */
        record Done(List<NodeId> changed) implements Outcome {}

        /** Not all of it is so; {@code changed} are those that were changed before the reason was found. */
        record Refused(List<NodeId> changed, String reason) implements Outcome {}
    }

    DnsDrains(FleetConfiguration fleet, Zone zone, FleetDns keeper) {
        this.fleet = fleet;
        this.zone = zone;
        this.keeper = keeper;
    }

    /**
     * Leads clients away.
     *
     * @param serving the nodes that serve now
     */
    public Outcome drain(Collection<NodeId> nodes, Set<NodeId> serving) throws IOException, InterruptedException {
        Map<NodeId, HealthCheck> checks = keeper.planner().nodeChecks();
        Optional<Outcome> refused = tooFew(nodes, serving, checks);
        return refused.isPresent() ? refused.get() : change(nodes, checks, true);
    }

    /** Those of the nodes whose checks nobody holds, with the versions that these have: what is held from there on is one's own. */
    public SortedMap<NodeId, Long> free(Collection<NodeId> nodes) throws IOException, InterruptedException {
        SortedMap<NodeId, Long> free = new TreeMap<>();
        keeper.planner().nodeChecks().forEach((node, check) -> {
            if (nodes.contains(node) && !check.held()) {
                free.put(node, check.version());
            }
        });
        return free;
    }

    /** Leads clients away, where nobody has touched the checks since {@link #free} gave them. */
    public Outcome drain(SortedMap<NodeId, Long> free, Set<NodeId> serving) throws IOException, InterruptedException {
        Map<NodeId, HealthCheck> checks = keeper.planner().nodeChecks();
        for (Map.Entry<NodeId, Long> node : free.entrySet()) {
            HealthCheck check = checks.get(node.getKey());
            if (check == null || check.held() || check.version() != node.getValue()) {
                return new Outcome.Refused(List.of(), changedBySomebody(node.getKey()));
            }
        }
        Optional<Outcome> refused = tooFew(free.keySet(), serving, checks);
        return refused.isPresent() ? refused.get() : change(free.keySet(), checks, true);
    }

    /** Leads clients again to those that {@link #drain(SortedMap, Set)} led them away from, and that nobody has touched since. */
    public Outcome undrain(SortedMap<NodeId, Long> own, Set<NodeId> serving) throws IOException, InterruptedException {
        DnsPlanner planner = keeper.planner();
        Map<NodeId, HealthCheck> checks = planner.nodeChecks();
        // Each update counts (API Reference, HealthCheck, HealthCheckVersion): ours was the one after what was read.
        List<NodeId> ours = own.entrySet().stream()
                .filter(node -> {
                    HealthCheck check = checks.get(node.getKey());
                    return check != null && check.held() && check.version() == node.getValue() + 1;
                })
                .map(Map.Entry::getKey)
                .toList();
        return undrain(ours, serving, planner);
    }

    private Optional<Outcome> tooFew(Collection<NodeId> nodes, Set<NodeId> serving, Map<NodeId, HealthCheck> checks) {
        List<NodeId> staying = fleet.nodes().stream()
                .map(Node::id)
                .filter(node -> !nodes.contains(node) && serving.contains(node))
                .filter(node -> {
                    HealthCheck check = checks.get(node);
                    return check != null && !check.held();
                })
                .toList();
        return staying.size() >= fleet.minimumServing()
                ? Optional.empty()
                : Optional.of(new Outcome.Refused(
                        List.of(),
                        "of the nodes in DNS that would be left " + staying.size() + " serve, and minimum-serving is "
                                + fleet.minimumServing()));
    }

    /**
     * Leads clients to them again, if they serve, and DNS has them at the address of {@code fleet.conf}.
     *
     * @param serving the nodes that serve now: a check that is made to look again counts as healthy until it has
     */
    public Outcome undrain(Collection<NodeId> nodes, Set<NodeId> serving) throws IOException, InterruptedException {
        return undrain(nodes, serving, keeper.planner());
    }

    private Outcome undrain(Collection<NodeId> nodes, Set<NodeId> serving, DnsPlanner planner)
            throws IOException, InterruptedException {
        Map<NodeId, HealthCheck> checks = planner.nodeChecks();
        for (NodeId node : nodes) {
            HealthCheck check = checks.get(node);
            if (check == null || !check.held()) {
                continue;
            }
            Optional<String> elsewhere = planner.elsewhere(node);
            if (elsewhere.isPresent()) {
                return new Outcome.Refused(List.of(), elsewhere.get());
            }
            if (!serving.contains(node)) {
                return new Outcome.Refused(
                        List.of(),
                        node + " doesn't serve: clients would be led to it until its health check has noticed."
                                + " Mend it first (flotilla status), or undrain others by name");
            }
        }
        return change(nodes, checks, false);
    }

    private Outcome change(Collection<NodeId> nodes, Map<NodeId, HealthCheck> checks, boolean held)
            throws IOException, InterruptedException {
        List<NodeId> changed = new ArrayList<>();
        for (NodeId node : nodes) {
            HealthCheck check = checks.get(node);
            if (check == null) {
                return new Outcome.Refused(changed, node + " is not in DNS with a health check of this fleet");
            }
            // One that is held already counts as touched from now on: whoever held it before, a drill perhaps, leaves
            // it to
            // whoever says so now.
            if (check.held() != held || held) {
                if (!isDone(zone.hold(check, held), node, check, held)) {
                    return new Outcome.Refused(changed, changedBySomebody(node));
                }
                if (check.held() != held) {
                    changed.add(node);
                }
            }
        }
        return new Outcome.Done(changed);
    }

    private static String changedBySomebody(NodeId node) {
        return "somebody else has changed the health check of " + node + " just now: look, and say it again";
    }

    /**
     * A call whose answer was lost is made again, and then refused for the very change that it has made: the version is the next one
     * then. Of one that was refused at once the change was somebody else's, be it the same.
     */
    private boolean isDone(Zone.Holding outcome, NodeId node, HealthCheck before, boolean held)
            throws IOException, InterruptedException {
        return switch (outcome) {
            case DONE -> true;
            case OVERTAKEN -> false;
            case UNSURE -> {
                HealthCheck now = keeper.planner().nodeChecks().get(node);
                yield now != null && now.held() == held && now.version() == before.version() + 1;
            }
        };
    }
}
