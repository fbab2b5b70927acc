package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.plan.Machines;
import dev.flotilla.controller.provision.NodeArchive;
import dev.flotilla.controller.provision.Provisioning;
import dev.flotilla.controller.provision.Provisioning.Applied;
import dev.flotilla.controller.provision.Provisioning.Differences;
import dev.flotilla.controller.provision.Provisioning.Look;
import dev.flotilla.controller.provision.WantedNode;
import dev.flotilla.controller.publish.TrustFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The machines of a fleet by SSH, and what a node's archive makes of them. Safe for many threads. */
final class ProvisionedMachines implements Machines, AutoCloseable {
    /** The archive that comes with the controller, in the folder of its programs. */
    private static final String ARCHIVE = "flotilla-node.tar.gz";

    private final FleetConfiguration fleet;
    private final Ways ways;
    private final NodeArchive archive;
    private final Provisioning provisioning;

    private ProvisionedMachines(FleetConfiguration fleet, Ways ways, NodeArchive archive) {
        this.fleet = fleet;
        this.ways = ways;
        this.archive = archive;
        this.provisioning = new Provisioning(
                fleet.provision().stepTimeOut(), ways.settings().transferTimeOut());
    }

    /**
     * The machines of a fleet whose file says how to come to them.
     *
     * @param programs the folder with the node's archive for fleets that name no other
     */
    static ProvisionedMachines of(FleetConfiguration fleet, Path programs, Map<String, String> environment)
            throws IOException {
        var archive = NodeArchive.open(fleet.provision().archive().orElseGet(() -> programs.resolve(ARCHIVE)));
        return new ProvisionedMachines(fleet, Ways.of(fleet, environment), archive);
    }

    /** What one machine is and what it should be. */
    record State(Look look, Optional<Differences> differences) {}

    /** Looks at one machine, and changes nothing there. */
    State look(Node node) throws IOException, InterruptedException {
        Look look = provisioning.facts(ways.asRoot(node), node.login().root());
        return new State(
                look,
                switch (look) {
                    case Look.Hidden hidden -> Optional.empty();
                    case Look.Seen seen -> Optional.of(Provisioning.differences(seen.facts(), wanted(node)));
                });
    }

    /** Does what is different. */
    Applied apply(Node node, Differences differences, Consumer<String> progress)
            throws IOException, InterruptedException {
        Optional<String> rootless = rootless();
        return rootless.isPresent()
                ? new Applied.Failed(rootless.get())
                : provisioning.apply(ways.asRoot(node), wanted(node), differences.steps(), progress);
    }

    /** Why no machine can be made a node yet, before the fleet's first publication. */
    Optional<String> rootless() {
        return Files.exists(root())
                ? Optional.empty()
                : Optional.of("there is no " + root() + " yet, which nodes have to be given: flotilla publish first");
    }

    /** Before the first publication there is no root to be given: then it is to be written, whatever is there. */
    private WantedNode wanted(Node node) throws IOException {
        Path root = root();
        Optional<Path> variables = fleet.provision().environment();
        return new WantedNode(
                archive,
                node.login().root(),
                fleet.provision().user(),
                fleet.provision().agentConfiguration(fleet, node),
                Files.exists(root) ? Files.readString(root) : "",
                variables.isPresent() ? Optional.of(Files.readString(variables.get())) : Optional.empty());
    }

    private Path root() {
        return new TrustFolder(fleet.trust().folder()).root();
    }

    @Override
    public Map<NodeId, Sight> look(Collection<Node> nodes) throws IOException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<NodeId, Future<Sight>> looking = new HashMap<>();
            nodes.forEach(node -> looking.put(node.id(), threads.submit(() -> sight(look(node)))));
            Map<NodeId, Sight> seen = new HashMap<>();
            for (var entry : looking.entrySet()) {
                seen.put(entry.getKey(), entry.getValue().get());
            }
            return seen;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException why) {
                throw why;
            }
            throw new IllegalStateException("looking at machines", failed.getCause());
        }
    }

    private static Sight sight(State state) {
        return switch (state.look()) {
            case Look.Hidden hidden -> new Sight.Hidden(hidden.reason());
            case Look.Seen seen -> {
                Differences differences = state.differences().orElseThrow();
                yield differences.obstacle().isPresent()
                        ? new Sight.Hidden(differences.obstacle().get())
                        : new Sight.Seen(
                                differences.steps().stream()
                                        .map(step -> new Difference(step.sign(), step.text()))
                                        .toList(),
                                seen.facts().toString());
            }
        };
    }

    @Override
    public Map<String, List<String>> inside(Node node) throws IOException, InterruptedException {
        Optional<Differences> differences = look(node).differences();
        return differences.isEmpty()
                ? Map.of()
                : provisioning.inside(
                        ways.asRoot(node), wanted(node), differences.get().steps());
    }

    @Override
    public Optional<String> bring(Node node, Consumer<String> progress) throws IOException, InterruptedException {
        State state = look(node);
        return switch (sight(state)) {
            case Sight.Hidden hidden -> Optional.of("can't be changed: " + hidden.reason());
            case Sight.Seen seen ->
                switch (apply(node, state.differences().orElseThrow(), progress)) {
                    case Applied.Done done -> Optional.empty();
                    case Applied.Failed failed -> Optional.of("isn't as it should be: " + failed.reason());
                };
        };
    }

    @Override
    public void close() {
        ways.close();
    }
}
