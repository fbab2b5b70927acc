package dev.flotilla.controller.command;

import dev.flotilla.controller.fabric.StaticFabric;
import dev.flotilla.controller.fleet.FabricKind;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.ssh.HostKeySight;
import dev.flotilla.controller.ssh.SshTarget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** Whose host keys are meant. */
final class HostKeyTargets {
    private HostKeyTargets() {}

    /**
     * Whose host keys these names mean: first jump hosts, then machines that may be behind them. All where there are no names. A
     * {@link CommandFailure} for a name that nothing has.
     */
    static List<List<SshTarget>> of(StaticFabric fabric, FleetConfiguration fleet, Collection<MachineName> names) {
        List<Node> nodes = fleet.nodes().stream()
                .filter(node -> node.fabric() == FabricKind.STATIC)
                .toList();
        List<List<SshTarget>> all = onTheWay(fabric, nodes);
        List<SshTarget> jumpHosts = all.getFirst();
        if (names.isEmpty()) {
            return all;
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
        List<Node> named = places.isEmpty()
                ? List.of()
                : List.copyOf(Ways.nodes(fleet, places).values());
        named.stream()
                .filter(node -> node.fabric() != FabricKind.STATIC)
                .findFirst()
                .ifPresent(node -> {
                    throw new CommandFailure(node.id() + " has no host key: its machine is a folder of this computer");
                });
        return List.of(jumps, named.stream().map(fabric::target).toList());
    }

    /** The jump hosts on the way to these nodes' machines, and then the machines. */
    static List<List<SshTarget>> onTheWay(StaticFabric fabric, Collection<Node> nodes) {
        List<SshTarget> machines = nodes.stream().map(fabric::target).toList();
        Set<SshTarget> jumpHosts = new LinkedHashSet<>();
        machines.forEach(machine -> machine.through().ifPresent(jumpHosts::add));
        return List.of(List.copyOf(jumpHosts), machines);
    }

    /** What the machines show, by their names. */
    static Map<String, HostKeySight> look(StaticFabric fabric, List<SshTarget> targets) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Future<HostKeySight>> looking = new LinkedHashMap<>();
            for (SshTarget target : targets) {
                looking.put(
                        target.machine(),
                        threads.submit(() -> fabric.connections().look(target)));
            }
            Map<String, HostKeySight> seen = new LinkedHashMap<>();
            for (var entry : looking.entrySet()) {
                seen.put(entry.getKey(), entry.getValue().get());
            }
            return seen;
        } catch (ExecutionException bug) {
            throw new IllegalStateException("looking at machines", bug.getCause());
        }
    }
}
