package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.BUCKET;
import static dev.flotilla.controller.doctor.Finding.Area.DNS;
import static dev.flotilla.controller.doctor.Finding.Area.KEYS;
import static dev.flotilla.controller.doctor.Finding.Area.NODES;

import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.doctor.Checks.Answer;
import dev.flotilla.controller.doctor.DnsChecks.Api;
import dev.flotilla.controller.doctor.NodeChecks.Way;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.status.FleetStatus;
import dev.flotilla.controller.status.FleetView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.StatusSources;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks everything at the same time: keys, bucket, DNS, and each node by SSH and by its report. Changes nothing but, where it is asked
 * to try writing, the lock. Whatever doesn't answer, it comes to an end. For one examination.
 */
public final class Doctor {
    private final StatusSources sources;
    private final FleetConfiguration fleet;
    private final Optional<Machines> machines;
    private final List<Path> keys;
    private final Clock clock;
    private final String actor;
    private final Limits limits;

    /** The ways to a fleet's machines. */
    @FunctionalInterface
    public interface Machines {
        /** The node's machine, on which commands run as root; {@link IOException} where nothing leads to any machine. */
        Machine asRoot(Node node) throws IOException;
    }

    /**
     * How long and how much at once.
     *
     * @param check for one check, from its turn on
     * @param atOnce checks under way at the same time, but for machines
     * @param machinesAtOnce machines gone to at the same time, as many as start a session at once
     * @param question for one question to a name server or a node's readiness
     * @param silence a report that is older means that the agent doesn't run
     */
    public record Limits(Duration check, int atOnce, int machinesAtOnce, Duration question, Duration silence) {
        public static Limits usual(Duration check) {
            var status = FleetStatus.Limits.USUAL;
            return new Limits(check, 32, 10, status.question(), status.silence());
        }
    }

    /**
     * An examination of a fleet.
     *
     * @param machines absent where nobody has said how to come to them
     * @param keys folders with keys beside the fleet's own
     * @param actor who asks, for the lock
     */
    public Doctor(
            StatusSources sources,
            Optional<Machines> machines,
            List<Path> keys,
            Clock clock,
            String actor,
            Limits limits) {
        this.sources = sources;
        this.fleet = sources.fleet();
        this.machines = machines;
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.actor = actor;
        this.limits = limits;
    }

    /**
     * Examines.
     *
     * @param nodes which of the nodes to go to
     * @param write whether to try that the bucket may be written to
     */
    public Diagnosis examine(Set<NodeId> nodes, boolean write) throws InterruptedException {
        Instant now = clock.instant();
        try (var checks = new Checks(limits.atOnce(), limits.check());
                var going = new Checks(limits.machinesAtOnce(), limits.check())) {
            Answer<Optional<FleetView>> status = checks.start(() -> Optional.of(view()), reason -> Optional.empty());
            Answer<List<Finding>> trust = checks.start(
                    () -> KeyChecks.of(fleet, keys, now),
                    reason -> List.of(Finding.fail(KEYS, "trust folder", reason)));
            Answer<List<Finding>> bucket = checks.start(
                    () -> new BucketChecks(fleet, sources.bucket(), clock, actor).look(write),
                    reason -> List.of(Finding.fail(
                            BUCKET, "bucket", reason, "see that bucket.endpoint is right and answers from here")));
            Optional<DnsChecks> dns = sources.zone().map(this::dns);
            Optional<Answer<Api>> api = dns.map(checked -> checks.start(checked::api, DnsChecks::unreachable));
            Map<NodeId, Answer<Way>> ways = new LinkedHashMap<>();
            for (Node node : fleet.nodes()) {
                if (nodes.contains(node.id()) && machines.isPresent() && fleet.reaches(node)) {
                    ways.put(node.id(), going.start(() -> way(node), reason -> unreached(node.id(), reason)));
                }
            }
            List<Finding> found = new ArrayList<>(trust.await());
            found.addAll(bucket.await());
            Optional<FleetView> view = status.await();
            if (dns.isPresent() && api.isPresent()) {
                found.addAll(names(dns.get(), api.get().await(), view, checks));
            }
            Set<NodeId> letIn = new HashSet<>();
            for (Map.Entry<NodeId, Answer<Way>> way : ways.entrySet()) {
                Way tried = way.getValue().await();
                found.addAll(tried.findings());
                if (tried.lets()) {
                    letIn.add(way.getKey());
                }
            }
            if (machines.isEmpty()) {
                found.add(Finding.warn(
                        NODES,
                        "machines",
                        "fleet.conf doesn't say how to come to them: only their reports tell of them",
                        "add ssh { user = … }, unless others look after the machines"));
            }
            if (view.isEmpty()) {
                found.add(Finding.fail(
                        NODES, "status", "it took longer than " + limits.check().toSeconds() + " s"));
            } else {
                found.addAll(seen(view.get(), nodes, now));
                // Nothing is claimed of machines that weren't gone to.
                fleet.nodes().stream()
                        .map(Node::id)
                        .filter(id -> !ways.containsKey(id))
                        .forEach(letIn::add);
                found.addAll(new Outages(fleet, view.get(), machines.map(there -> letIn)).all());
            }
            return Diagnosis.of(found);
        }
    }

    private FleetView view() throws InterruptedException {
        return new FleetStatus(
                        sources,
                        clock,
                        new FleetStatus.Limits(limits.question(), sooner(), limits.atOnce(), limits.silence()))
                .gather();
    }

    /** Before the check itself is given up: what was answered isn't to be lost for what wasn't. */
    private Duration sooner() {
        return limits.check().multipliedBy(4).dividedBy(5);
    }

    private DnsChecks dns(Zone zone) {
        return new DnsChecks(
                fleet.dns().orElseThrow(),
                FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, Fence.ALONE, line -> {}),
                limits.question());
    }

    private Way way(Node node) throws IOException, InterruptedException {
        return NodeChecks.way(node, machines.orElseThrow().asRoot(node), sooner(), clock);
    }

    private static Way unreached(NodeId node, String reason) {
        return new Way(false, List.of(Finding.fail(NODES, node.toString(), reason)));
    }

    private List<Finding> names(DnsChecks dns, Api api, Optional<FleetView> view, Checks checks)
            throws InterruptedException {
        List<Finding> found = new ArrayList<>(List.of(api.finding()));
        Answer<List<Finding>> records = checks.start(
                () -> view.isPresent() ? dns.records(view.get().serving()) : List.of(),
                reason -> List.of(Finding.fail(DNS, "records", reason)));
        List<InetSocketAddress> servers = new ArrayList<>();
        sources.nameServer().ifPresent(servers::add);
        if (servers.isEmpty()) {
            found.addAll(checks.start(
                            () -> {
                                servers.addAll(dns.servers());
                                return List.<Finding>of();
                            },
                            reason -> List.of(DnsChecks.undelegated(reason)))
                    .await());
        }
        List<Answer<Finding>> asked = servers.stream()
                .map(server -> checks.start(
                        () -> dns.server(server, api.marker()), reason -> DnsChecks.unanswered(server, reason)))
                .toList();
        for (Answer<Finding> answer : asked) {
            found.add(answer.await());
        }
        found.addAll(records.await());
        view.ifPresent(seen -> seen.names().forEach(name -> found.add(DnsChecks.name(name))));
        view.flatMap(FleetView::zoneProblem)
                .ifPresent(problem -> found.add(Finding.fail(DNS, "health checks", problem)));
        return found;
    }

    private List<Finding> seen(FleetView view, Set<NodeId> nodes, Instant now) {
        List<Finding> found = new ArrayList<>();
        for (NodeView node : view.nodes()) {
            if (nodes.contains(node.node().id())) {
                found.addAll(NodeChecks.seen(node, now, limits.silence()));
            }
        }
        return found;
    }
}
