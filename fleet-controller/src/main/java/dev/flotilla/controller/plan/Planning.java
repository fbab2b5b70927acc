package dev.flotilla.controller.plan;

import dev.flotilla.controller.dns.DnsPlan;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.plan.Machines.Sight;
import dev.flotilla.controller.plan.NodesNow.Standing;
import dev.flotilla.controller.plan.PlanLine.Area;
import dev.flotilla.controller.publish.Comparison;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.simulate.Simulation;
import dev.flotilla.controller.simulate.SimulationText;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Looks at bucket, machines, nodes and DNS at the same time, and says what has to happen. Changes nothing. For one thread. */
public final class Planning {
    private final FleetConfiguration fleet;
    private final World world;
    private final Clock clock;
    private final GuardRails rails;

    /**
     * Where everything is.
     *
     * @param dns absent where the fleet isn't in DNS
     */
    public record World(
            Publisher publisher, IntentPublisher intents, Optional<FleetDns> dns, NodesNow nodes, Machines machines) {}

    /**
     * Which part of the fleet.
     *
     * @param written the places as they were written; none for the whole fleet
     */
    public record Limit(List<String> written, Set<NodeId> nodes) {
        public Limit {
            written = List.copyOf(written);
            nodes = Set.copyOf(nodes);
        }

        public static Limit none(FleetConfiguration fleet) {
            return new Limit(
                    List.of(), Set.copyOf(fleet.nodes().stream().map(Node::id).toList()));
        }

        public List<Node> of(FleetConfiguration fleet) {
            return fleet.nodes().stream()
                    .filter(node -> nodes.contains(node.id()))
                    .toList();
        }
    }

    /** What came of it. */
    public sealed interface Result {
        /**
         * It is known what has to happen.
         *
         * @param awaited nodes that don't serve now, and should when the rest is done
         * @param different machines on which something is to be done
         * @param release the release in the bucket; absent where there is none
         * @param untold what nodes are to be told and don't know, one line each
         */
        record Planned(
                FleetPlan plan, Set<NodeId> awaited, List<Node> different, Optional<Long> release, List<String> untold)
                implements Result {}

        /** Nothing can be planned; the reason says why and what to do. */
        record Refused(String reason) implements Result {}
    }

    public Planning(FleetConfiguration fleet, World world, Clock clock, GuardRails rails) {
        this.fleet = fleet;
        this.world = world;
        this.clock = clock;
        this.rails = rails;
    }

    /** Looks and plans, without what changes inside. */
    public Result plan(Limit limit) throws IOException, InterruptedException {
        return plan(limit, false);
    }

    /**
     * Looks and plans.
     *
     * @param inside whether to find out what changes inside what changes, too
     */
    public Result plan(Limit limit, boolean inside) throws IOException, InterruptedException {
        List<Node> nodes = limit.of(fleet);
        Comparison comparison;
        Map<NodeId, Standing> standings;
        Map<NodeId, Sight> sights;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Comparison> compared = threads.submit((Callable<Comparison>) world.publisher()::compare);
            Future<Map<NodeId, Standing>> asked =
                    threads.submit(() -> world.nodes().ask(nodes));
            Future<Map<NodeId, Sight>> seen =
                    threads.submit(() -> world.machines().look(nodes));
            comparison = result(compared);
            standings = result(asked);
            sights = result(seen);
        }
        List<PlanLine> lines = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        if (comparison instanceof Comparison.Unknown unknown) {
            return new Result.Refused(unknown.reason());
        }
        boolean first = comparison instanceof Comparison.Different different
                && different.release().isEmpty();
        if (comparison instanceof Comparison.Different different) {
            different.changes().forEach(change -> lines.add(PlanLine.of(Area.BUCKET, change, false)));
        }
        List<String> untold = world.intents().untold(release(comparison).isPresent());
        // It is one document for all nodes.
        String whose = limit.written().isEmpty() ? "" : " (of all nodes, whatever the limit)";
        untold.forEach(line -> lines.add(new PlanLine(Area.BUCKET, "", '~', line + whose, false)));
        world.machines().problem().ifPresent(why -> notes.add("the machines aren't looked at: " + why));
        List<Node> changed = machines(nodes, sights, lines, notes);
        Set<NodeId> serving = new HashSet<>();
        Set<NodeId> awaited = new HashSet<>();
        for (Node node : nodes) {
            switch (standings.get(node.id())) {
                case Standing.Serving ignored -> serving.add(node.id());
                case Standing.NotServing not -> {
                    // Nothing was done on a machine that can't be looked at: nothing is to be expected of it.
                    boolean isHidden = sights.get(node.id()) instanceof Sight.Hidden;
                    if ((first && !isHidden) || changed.contains(node)) {
                        awaited.add(node.id());
                    } else {
                        notes.add(node.id() + " doesn't serve: " + not.reason());
                    }
                }
                case Standing.Refused refused -> {
                    // Another release may be what helps.
                    if (comparison instanceof Comparison.Different || changed.contains(node)) {
                        awaited.add(node.id());
                    } else {
                        notes.add(node.id() + " has refused release " + refused.release() + ": " + refused.reason());
                    }
                }
                case Standing.Reverted reverted ->
                    notes.add(node.id() + " went back from release " + reverted.release() + ": " + reverted.reason());
                case null -> notes.add(node.id() + " wasn't asked");
            }
        }
        Names names = names(serving, awaited);
        if (names.refused().isPresent()) {
            return new Result.Refused(names.refused().get());
        }
        lines.addAll(names.lines());
        notes.addAll(names.notes());
        List<PlanLine> shown = inside ? withInside(lines, comparison, names, changed) : lines;
        var plan = new FleetPlan(
                fleet.name(),
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                observed(comparison, untold, sights, names, limit),
                limit.written(),
                shown,
                notes,
                names.outlook(),
                names.outage());
        return new Result.Planned(plan, Set.copyOf(awaited), List.copyOf(changed), release(comparison), untold);
    }

    private static Optional<Long> release(Comparison comparison) {
        return switch (comparison) {
            case Comparison.Same same -> Optional.of(same.release());
            case Comparison.Different different -> different.release();
            case Comparison.Unknown ignored -> Optional.empty();
        };
    }

    private List<PlanLine> withInside(List<PlanLine> lines, Comparison comparison, Names names, List<Node> changed)
            throws IOException, InterruptedException {
        Map<String, List<String>> files = comparison instanceof Comparison.Different different
                ? world.publisher().differences(different)
                : Map.of();
        Map<String, Map<String, List<String>>> machines = new HashMap<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Node, Future<Map<String, List<String>>>> asked = new HashMap<>();
            changed.forEach(node ->
                    asked.put(node, threads.submit(() -> world.machines().inside(node))));
            for (Map.Entry<Node, Future<Map<String, List<String>>>> answer : asked.entrySet()) {
                machines.put(answer.getKey().id().toString(), result(answer.getValue()));
            }
        }
        return lines.stream()
                .map(line -> line.with(
                        switch (line.area()) {
                            case BUCKET -> files.getOrDefault(line.sign() + " " + line.text(), List.of());
                            case MACHINES ->
                                machines.getOrDefault(line.where(), Map.of()).getOrDefault(line.text(), List.of());
                            case DNS -> names.inside().getOrDefault(line.sign() + " " + line.text(), List.of());
                        }))
                .toList();
    }

    private static List<Node> machines(
            List<Node> nodes, Map<NodeId, Sight> sights, List<PlanLine> lines, List<String> notes) {
        List<Node> changed = new ArrayList<>();
        for (Node node : nodes) {
            switch (sights.get(node.id())) {
                case null -> {}
                case Sight.Hidden hidden -> notes.add(node.id() + " can't be looked at: " + hidden.reason());
                case Sight.Seen seen -> {
                    seen.differences()
                            .forEach(step -> lines.add(new PlanLine(
                                    Area.MACHINES, node.id().toString(), step.sign(), step.text(), false)));
                    if (!seen.differences().isEmpty()) {
                        changed.add(node);
                    }
                }
            }
        }
        return changed;
    }

    /**
     * What changes in DNS.
     *
     * @param seen what was seen there, as far as it tells two states apart
     * @param inside what changes inside records, by their lines
     * @param outlook what would happen to clients while something is down
     */
    private record Names(
            List<PlanLine> lines,
            List<String> notes,
            List<String> seen,
            Map<String, List<String>> inside,
            List<String> outlook,
            Optional<String> outage,
            Optional<String> refused) {
        static Names none() {
            return new Names(List.of(), List.of(), List.of(), Map.of(), List.of(), Optional.empty(), Optional.empty());
        }
    }

    private Names names(Set<NodeId> serving, Set<NodeId> awaited) throws IOException, InterruptedException {
        if (world.dns().isEmpty()) {
            return Names.none();
        }
        FleetDns dns = world.dns().get();
        Optional<DnsPlan> now = Optional.empty();
        Optional<String> refused = Optional.empty();
        switch (dns.plan(serving)) {
            case DnsPlan.Planning.Planned planned -> now = Optional.of(planned.plan());
            case DnsPlan.Planning.Refused why -> refused = Optional.of(why.reason());
        }
        Optional<DnsPlan> after = now;
        if (!awaited.isEmpty()) {
            Set<NodeId> all = new HashSet<>(serving);
            all.addAll(awaited);
            if (dns.plan(all) instanceof DnsPlan.Planning.Planned planned) {
                after = Optional.of(planned.plan());
                refused = Optional.empty();
            }
        }
        if (refused.isPresent() || after.isEmpty()) {
            return new Names(List.of(), List.of(), List.of(), Map.of(), List.of(), Optional.empty(), refused);
        }
        List<String> atOnce = now.map(DnsPlan::changeLines).orElse(List.of());
        List<PlanLine> lines = after.get().changeLines().stream()
                .map(line -> PlanLine.of(Area.DNS, line, !atOnce.contains(line)))
                .toList();
        List<String> seen = new ArrayList<>(now.map(DnsPlan::lines).orElse(List.of()));
        seen.addAll(after.get().lines());
        seen.add(after.get().marker().map(Object::toString).orElse("no marker"));
        Map<String, List<String>> inside = new HashMap<>();
        after.get()
                .differences()
                .forEach((line, difference) ->
                        inside.put(line.substring(0, 2) + line.substring(2).strip(), difference));
        return new Names(
                lines,
                after.get().conflicts(),
                seen,
                inside,
                outlook(after.get()),
                rails.outage(after.get()),
                Optional.empty());
    }

    /** Only where something changes in DNS: what doesn't was looked at before, and {@code simulate} says it any time. */
    private List<String> outlook(DnsPlan after) {
        return after.changes().isEmpty()
                ? List.of()
                : fleet.dns()
                        .map(dns -> SimulationText.summary(dns, Simulation.of(fleet, after.records())))
                        .orElse(List.of());
    }

    private Sha256 observed(
            Comparison comparison, List<String> untold, Map<NodeId, Sight> sights, Names names, Limit limit) {
        var text = new StringBuilder("fleet " + fleet.name() + "\nbucket " + comparison + "\n");
        untold.forEach(line -> text.append("untold " + line + "\n"));
        new TreeMap<>(sights).forEach((node, sight) -> text.append("machine " + node + " " + sight + "\n"));
        names.seen().forEach(line -> text.append("dns " + line + "\n"));
        limit.nodes().stream().sorted(Comparator.naturalOrder()).forEach(node -> text.append("of " + node + "\n"));
        return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static <T> T result(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException why) {
                throw why;
            }
            throw new IllegalStateException("looking at the fleet", failed.getCause());
        }
    }
}
