package dev.flotilla.controller.destroy;

import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.FleetNames;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.provision.Uninstalling.Sight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Finds all that a fleet has, and takes it away: first the names, so that nobody comes any more; then the nodes; then the objects, and of
 * these the first root, which says whose the bucket is, and the lock last of all. So the next run finishes, wherever this is killed. For
 * one thread.
 */
public final class Destruction {
    private static final EachNode AT_ONCE = new EachNode(10);

    private final FleetConfiguration fleet;
    private final FleetObjects objects;
    private final Optional<FleetDns> dns;
    private final Optional<Installed> machines;
    private final Terms terms;

    /**
     * What is wanted.
     *
     * @param keepBucket whether the objects stay
     * @param abandoned nodes that are left as they are
     */
    public record Terms(boolean keepBucket, Set<NodeId> abandoned) {
        public Terms {
            abandoned = Set.copyOf(abandoned);
        }
    }

    /** What came of looking. */
    public sealed interface Looking {
        record Found(Inventory inventory) implements Looking {}

        /** Something in it is another fleet's, or can't be found out. */
        record Refused(String reason) implements Looking {}
    }

    /** What came of it. */
    public sealed interface Outcome {
        /** Nothing is left of it. */
        record Done() implements Outcome {}

        /** Something is; the next run goes on. */
        record Incomplete(List<String> problems) implements Outcome {
            public Incomplete {
                problems = List.copyOf(problems);
            }
        }

        /** The lock isn't ours any more. */
        record Fenced(String reason) implements Outcome {}
    }

    /** @param machines absent where nobody has said how to come to them, or others look after them */
    public Destruction(
            FleetConfiguration fleet,
            ErasableBucket bucket,
            Optional<FleetDns> dns,
            Optional<Installed> machines,
            Terms terms) {
        this.fleet = fleet;
        this.objects = new FleetObjects(fleet, bucket);
        this.dns = dns;
        this.machines = machines;
        this.terms = terms;
    }

    /** Looks at everything and changes nothing. */
    public Looking look() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        FleetObjects.Found found;
        switch (objects.look()) {
            case FleetObjects.Looking.Refused refused -> {
                return new Looking.Refused(refused.reason());
            }
            case FleetObjects.Found seen -> found = seen;
        }
        left.addAll(found.left());
        FleetNames.Belongings names = FleetNames.Belongings.NONE;
        if (dns.isPresent()) {
            names = dns.get().names().belongings();
            if (names.refused().isPresent()) {
                return new Looking.Refused(names.refused().get());
            }
            names.foreign().forEach(line -> left.add("record " + line));
        }
        Map<NodeId, String> installed = new TreeMap<>();
        Map<NodeId, String> hidden = new TreeMap<>();
        machines(installed, hidden, left);
        left.add("the keys in " + fleet.trust().folder() + ", and " + fleet.file());
        if (terms.keepBucket()) {
            left.add("the fleet's objects in bucket " + fleet.bucket() + ", as --keep-bucket says: "
                    + found.objects().size());
        }
        return new Looking.Found(new Inventory(
                fleet.name(),
                fleet.bucket(),
                found.owned(),
                names,
                new TreeMap<>(installed),
                new TreeMap<>(hidden),
                terms.keepBucket() ? List.of() : found.objects(),
                left));
    }

    private void machines(Map<NodeId, String> installed, Map<NodeId, String> hidden, List<String> left)
            throws IOException, InterruptedException {
        if (machines.isEmpty()) {
            left.add("the machines: fleet.conf doesn't say how to come to them, or leaves them to others");
            return;
        }
        Installed way = machines.get();
        List<Node> nodes = fleet.managed().stream()
                .filter(node -> !terms.abandoned().contains(node.id()))
                .toList();
        fleet.nodes().stream()
                .filter(node -> !fleet.managed().contains(node))
                .forEach(node -> left.add("node " + node.id() + ": fleet.conf doesn't say how to come to it"));
        terms.abandoned().stream().sorted().forEach(node -> left.add("node " + node + ", as --abandon says"));
        AT_ONCE.take(nodes, way::look).forEach((node, sight) -> {
            switch (sight) {
                case Sight.Nothing ignored -> {}
                case Sight.Hidden why -> hidden.put(node, why.reason());
                case Sight.Installed there -> installed.put(node, "uninstall " + String.join(", ", there.folders()));
            }
        });
    }

    /** Does it. What is there was just found, under the lock. */
    public Outcome destroy(Inventory inventory, Fence fence, AuditLog audit, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (!inventory.hidden().isEmpty()) {
            return new Outcome.Incomplete(inventory.hidden().entrySet().stream()
                    .map(node -> node.getKey() + " can't be looked at: " + node.getValue())
                    .toList());
        }
        if (dns.isPresent() && !inventory.dns().isEmpty()) {
            switch (dns.get().names().remove()) {
                case FleetNames.Removal.Done ignored -> progress.accept("DNS knows the fleet's names no more");
                case FleetNames.Removal.Not not -> {
                    return new Outcome.Incomplete(List.of("DNS: " + not.reason()));
                }
                case FleetNames.Removal.Fenced fenced -> {
                    return new Outcome.Fenced(fenced.reason());
                }
            }
        }
        Optional<String> lost = fence.lost();
        if (lost.isPresent()) {
            return new Outcome.Fenced(lost.get());
        }
        List<String> problems = uninstalled(inventory, progress);
        // A new chain in a bucket that is nobody's any more would be found by nobody, and stay.
        if (inventory.owned()) {
            recorded(inventory, problems, audit).ifPresent(progress);
        }
        if (!problems.isEmpty()) {
            return new Outcome.Incomplete(problems);
        }
        return terms.keepBucket() ? new Outcome.Done() : objects.erase(fence, progress);
    }

    private static Optional<String> recorded(Inventory inventory, List<String> problems, AuditLog audit) {
        List<String> changes = new ArrayList<>(inventory.lines());
        changes.add("objects: " + inventory.objects().size());
        return problems.isEmpty()
                ? audit.done("destroy", Optional.empty(), changes)
                : audit.notDone("destroy", String.join("; ", problems), changes);
    }

    private List<String> uninstalled(Inventory inventory, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (machines.isEmpty()) {
            return List.of();
        }
        Installed way = machines.get();
        List<Node> nodes = fleet.nodes().stream()
                .filter(node -> inventory.nodes().containsKey(node.id()))
                .toList();
        List<String> problems = new ArrayList<>();
        AT_ONCE.take(nodes, node -> way.remove(node, line -> progress.accept(node.id() + ": " + line)))
                .forEach((node, problem) -> problem.ifPresent(why -> problems.add(node + ": " + why)));
        return problems;
    }
}
