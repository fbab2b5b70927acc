package dev.flotilla.controller.command;

import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.fabric.Fabric;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fabric.MachineWatch;
import dev.flotilla.controller.fabric.Presence;
import dev.flotilla.controller.fabric.Readiness;
import dev.flotilla.controller.fabric.Readiness.Stage;
import dev.flotilla.controller.fabric.Site;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.plan.Machines;
import dev.flotilla.controller.provision.NodeArchive;
import dev.flotilla.controller.provision.NodeFacts;
import dev.flotilla.controller.provision.Provisioning;
import dev.flotilla.controller.provision.Provisioning.Applied;
import dev.flotilla.controller.provision.Provisioning.Differences;
import dev.flotilla.controller.provision.Provisioning.Look;
import dev.flotilla.controller.provision.Step;
import dev.flotilla.controller.provision.WantedNode;
import dev.flotilla.controller.publish.TrustFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The machines of a fleet, whatever fabric they come from, and what a node's archive makes of them. Safe for many threads. */
final class ProvisionedMachines implements Machines, AutoCloseable {
    /** The archive that comes with the controller, in the folder of its programs. */
    private static final String ARCHIVE = "flotilla-node.tar.gz";

    /** Machines that are looked at at the same time: their answers wait for themselves, not for us. */
    private static final EachNode LOOKING = new EachNode(32);

    private final FleetConfiguration fleet;
    private final Fabrics fabrics;
    private final NodeArchive archive;
    private final Provisioning provisioning;

    private ProvisionedMachines(FleetConfiguration fleet, Fabrics fabrics, NodeArchive archive) {
        this.fleet = fleet;
        this.fabrics = fabrics;
        this.archive = archive;
        this.provisioning = new Provisioning(fleet.provision().stepTimeOut(), fleet.transferTimeOut());
    }

    /**
     * The machines of a fleet.
     *
     * @param programs the folder with the node's archive for fleets that name no other
     */
    static ProvisionedMachines of(FleetConfiguration fleet, Path programs, Map<String, String> environment)
            throws IOException {
        var archive = NodeArchive.open(fleet.provision().archive().orElseGet(() -> programs.resolve(ARCHIVE)));
        return new ProvisionedMachines(fleet, Fabrics.open(fleet, environment), archive);
    }

    /** What one machine is and what it should be. */
    sealed interface State {
        /**
         * It could be looked at, or there is none yet.
         *
         * @param ground what has to happen before anything is installed; none where the machine is ready
         * @param facts what it has; what a bare one has where there is none yet
         */
        record Seen(Optional<Difference> ground, NodeFacts facts, Differences differences) implements State {
            /** Whether something is installed there already. */
            boolean isNode() {
                return ground.isEmpty() && facts.installed().isPresent();
            }

            /** What is to be done, in its order. */
            List<Difference> lines() {
                List<Difference> lines = new ArrayList<>(ground.stream().toList());
                differences.steps().forEach(step -> lines.add(new Difference(step.sign(), step.text())));
                return lines;
            }
        }

        /** It couldn't, or nothing can be done there. */
        record Hidden(String reason) implements State {}
    }

    /** Looks at one machine, and changes nothing there. */
    State state(Node node) throws IOException, InterruptedException {
        if (node.issued() && certificate(node).isEmpty()) {
            // Its mirror doesn't start without one.
            return new State.Hidden("there is no certificate of " + node.id().region()
                    + " yet, and its mirror is to have one: flotilla certificates renew");
        }
        if (fabrics.of(node).presence(node) instanceof Presence.Missing missing) {
            NodeFacts bare = NodeFacts.bare(archive.machine());
            return new State.Seen(
                    Optional.of(new Difference('+', missing.step())),
                    bare,
                    Provisioning.differences(bare, wanted(node)));
        }
        return switch (watch(node).look(node)) {
            case Readiness.Ready ignored -> seen(node, Optional.empty());
            case Readiness.NotYet not
            when not.stage() == Stage.FIRST_BOOT ->
                seen(node, Optional.of(new Difference('~', "wait, since " + not.reason())));
            case Readiness.NotYet not -> new State.Hidden(not.reason());
            case Readiness.Never never -> new State.Hidden(never.reason());
        };
    }

    private MachineWatch watch(Node node) {
        return new MachineWatch(fabrics.of(node), fleet.provision().stepTimeOut());
    }

    private State seen(Node node, Optional<Difference> ground) throws IOException, InterruptedException {
        Site site = fabrics.site(node);
        return switch (provisioning.facts(site.asRoot(), site.root())) {
            case Look.Hidden hidden -> new State.Hidden(hidden.reason());
            case Look.Seen seen -> {
                Differences differences = Provisioning.differences(seen.facts(), wanted(node));
                yield differences.obstacle().isPresent()
                        ? new State.Hidden(differences.obstacle().get())
                        : new State.Seen(ground, seen.facts(), differences);
            }
        };
    }

    /** Does what is different: has the machine be there, waits until it is ready, and looks again where it had to. */
    Applied apply(Node node, State.Seen state, Consumer<String> progress) throws IOException, InterruptedException {
        Optional<String> rootless = rootless();
        if (rootless.isPresent()) {
            return new Applied.Failed(rootless.get());
        }
        List<Step> steps = state.differences().steps();
        if (state.ground().isPresent()) {
            Fabric fabric = fabrics.of(node);
            fabric.provide(node);
            switch (watch(node).await(node, fleet.provision().bootTimeOut(), progress)) {
                case Readiness.Ready ignored -> {}
                case Readiness.NotYet not -> {
                    return new Applied.Failed(
                            "after " + fleet.provision().bootTimeOut().toSeconds() + " s the machine isn't ready: "
                                    + not.reason());
                }
                case Readiness.Never never -> {
                    return new Applied.Failed(never.reason());
                }
            }
            switch (seen(node, Optional.empty())) {
                case State.Hidden hidden -> {
                    return new Applied.Failed(hidden.reason());
                }
                case State.Seen now -> steps = now.differences().steps();
            }
        }
        return provisioning.apply(fabrics.site(node).asRoot(), wanted(node), steps, progress);
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
        Site site = fabrics.site(node);
        return new WantedNode(
                archive,
                site.root(),
                site.user(),
                fleet.provision().agentConfiguration(fleet, node),
                Files.exists(root) ? Files.readString(root) : "",
                variables.isPresent() ? Optional.of(Files.readString(variables.get())) : Optional.empty(),
                certificate(node));
    }

    /** What was issued for its region, where its mirror takes that. */
    private Optional<String> certificate(Node node) throws IOException {
        Optional<CertificateSettings> settings = fleet.certificates();
        return settings.isPresent() && node.issued()
                ? new CertificateFolder(settings.get().folder())
                        .bundle(node.id().region())
                : Optional.empty();
    }

    /** What came of {@link #certify}. */
    sealed interface Certified {
        /** It had the certificate already, or gets it when it becomes a node. */
        record Already() implements Certified {}

        /** It has it now, and its mirror takes it up by itself. */
        record Brought() implements Certified {}

        record Failed(String reason) implements Certified {}
    }

    /** Whether a node has another certificate than its region's, or none, or can't be looked at. */
    boolean lacksCertificate(Node node) throws IOException, InterruptedException {
        return switch (state(node)) {
            case State.Hidden ignored -> true;
            case State.Seen seen ->
                seen.isNode()
                        && seen.differences().steps().stream()
                                .anyMatch(step -> step instanceof Step.Write write && write.isCertificate());
        };
    }

    /** Brings the certificate of its region to a node that has another or none, and changes nothing else there. */
    Certified certify(Node node, Consumer<String> progress) throws IOException, InterruptedException {
        switch (state(node)) {
            case State.Hidden hidden -> {
                return new Certified.Failed(hidden.reason());
            }
            case State.Seen seen -> {
                if (!seen.isNode()) {
                    progress.accept("it is no node yet, and becomes one with its certificate: flotilla apply");
                    return new Certified.Already();
                }
                List<Step> steps = seen.differences().steps().stream()
                        .filter(step -> step instanceof Step.Write write && write.isCertificate())
                        .toList();
                if (steps.isEmpty()) {
                    return new Certified.Already();
                }
                Site site = fabrics.site(node);
                return switch (provisioning.apply(site.asRoot(), wanted(node), steps, progress)) {
                    case Applied.Done ignored -> new Certified.Brought();
                    case Applied.Failed failed -> new Certified.Failed(failed.reason());
                };
            }
        }
    }

    private Path root() {
        return new TrustFolder(fleet.trust().folder()).root();
    }

    @Override
    public Map<NodeId, Sight> look(Collection<Node> nodes) throws IOException, InterruptedException {
        List<Node> managed =
                nodes.stream().filter(node -> fleet.managed().contains(node)).toList();
        return LOOKING.take(managed, node -> switch (state(node)) {
            case State.Hidden hidden -> new Sight.Hidden(hidden.reason());
            case State.Seen seen -> new Sight.Seen(seen.lines(), seen.facts().toString());
        });
    }

    @Override
    public Map<String, List<String>> inside(Node node) throws IOException, InterruptedException {
        return switch (state(node)) {
            case State.Hidden hidden -> Map.of();
            case State.Seen seen ->
                provisioning.inside(
                        fabrics.site(node).asRoot(),
                        wanted(node),
                        seen.differences().steps());
        };
    }

    @Override
    public Optional<String> bring(Node node, Consumer<String> progress) throws IOException, InterruptedException {
        return switch (state(node)) {
            case State.Hidden hidden -> Optional.of("can't be changed: " + hidden.reason());
            case State.Seen seen ->
                switch (apply(node, seen, progress)) {
                    case Applied.Done done -> Optional.empty();
                    case Applied.Failed failed -> Optional.of("isn't as it should be: " + failed.reason());
                };
        };
    }

    @Override
    public void close() {
        fabrics.close();
    }
}
