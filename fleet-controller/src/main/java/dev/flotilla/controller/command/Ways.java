package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.JumpHost;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.SshSettings;
import dev.flotilla.controller.machine.AsRoot;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.ssh.HostKeyBook;
import dev.flotilla.controller.ssh.Identities;
import dev.flotilla.controller.ssh.SshConnections;
import dev.flotilla.controller.ssh.SshTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The ways to a fleet's machines by SSH, for the verbs that go there. */
record Ways(SshSettings settings, HostKeyBook book, SshConnections connections) implements AutoCloseable {
    /** The ways of a fleet whose file says how to come to its machines; a {@link CommandFailure} says what is missing. */
    static Ways of(FleetConfiguration fleet, Map<String, String> environment) throws IOException {
        SshSettings settings = fleet.ssh()
                .orElseThrow(() -> new CommandFailure(
                        fleet.file() + " doesn't say how to come to the machines: add ssh { user = \"root\" }"));
        var identities = Identities.of(
                settings.identities(),
                Path.of(System.getProperty("user.home")),
                Optional.ofNullable(environment.get("SSH_AUTH_SOCK")).map(Path::of));
        var book = HostKeyBook.open(settings.hostKeys());
        return new Ways(
                settings,
                book,
                new SshConnections(identities, book, SshConnections.Limits.usual(settings.connectTimeOut())));
    }

    SshTarget to(Node node) {
        return new SshTarget(
                node.id().toString(),
                node.login().host().orElse(node.address().toString()),
                node.login().port().orElse(settings.port()),
                node.login().user().orElse(settings.user()),
                node.login().through().orElse(settings.through()).map(this::to));
    }

    private SshTarget to(JumpHost jumpHost) {
        return new SshTarget(
                jumpHost.name(),
                jumpHost.host(),
                jumpHost.port(),
                jumpHost.user().orElse(settings.user()));
    }

    /**
     * Whose host keys these names mean: first jump hosts, then machines that may be behind them. All where there are no names. A
     * {@link CommandFailure} for a name that nothing has.
     */
    List<List<SshTarget>> targets(FleetConfiguration fleet, Collection<MachineName> names) {
        Set<SshTarget> jumpHosts = new LinkedHashSet<>();
        fleet.nodes().forEach(node -> to(node).through().ifPresent(jumpHosts::add));
        if (names.isEmpty()) {
            return List.of(
                    List.copyOf(jumpHosts), fleet.nodes().stream().map(this::to).toList());
        }
        List<SshTarget> jumps = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (MachineName name : names) {
            switch (name) {
                case MachineName.At(Place place) -> places.add(place);
                case MachineName.Jump(String jump) ->
                    jumps.add(jumpHosts.stream()
                            .filter(known -> known.machine().equals(jump))
                            .findFirst()
                            .orElseThrow(() -> new CommandFailure("fleet.conf has no jump host " + jump + ": there "
                                    + (jumpHosts.isEmpty()
                                            ? "are none"
                                            : "is "
                                                    + jumpHosts.stream()
                                                            .map(SshTarget::machine)
                                                            .collect(Collectors.joining(", "))))));
            }
        }
        return List.of(
                jumps,
                places.isEmpty()
                        ? List.of()
                        : nodes(fleet, places).values().stream().map(this::to).toList());
    }

    /** The node's machine, on which each command runs as root. */
    Machine asRoot(Node node) {
        SshTarget target = to(node);
        Machine machine = connections.machine(target);
        return node.login().sudo().orElse(settings.sudo()) ? new AsRoot(machine, target.user()) : machine;
    }

    /** The nodes at these places, all where there are none, in their order. */
    static SequencedMap<NodeId, Node> nodes(FleetConfiguration fleet, Collection<Place> places) {
        List<NodeId> wanted =
                places.stream().flatMap(place -> place.nodes(fleet).stream()).toList();
        var nodes = new TreeMap<NodeId, Node>();
        fleet.nodes().stream()
                .filter(node -> places.isEmpty() || wanted.contains(node.id()))
                .forEach(node -> nodes.put(node.id(), node));
        return nodes;
    }

    @Override
    public void close() {
        connections.close();
    }
}
