package dev.flotilla.controller.plan;

import dev.flotilla.controller.dns.DnsPlan;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.plan.NodesNow.Standing;
import dev.flotilla.controller.plan.PlanLine.Area;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.plan.Planning.Result.Planned;
import dev.flotilla.controller.plan.Planning.World;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Does what a plan says: first the bucket, since machines are made for a fleet that has a root; then the machines; and last, when
 * nodes serve or their time is over, DNS. Each step is one that the next run finishes, wherever this is killed. For one thread.
 */
public final class Applying {
    private final FleetConfiguration fleet;
    private final World world;
    private final Terms terms;
    private final Consumer<String> progress;

    /**
     * Within which bounds.
     *
     * @param rails what it may take out of DNS; absent where somebody has given his word
     * @param patience for nodes that are awaited
     * @param look time between two looks at them
     * @param atOnce machines at the same time
     */
    public record Terms(Optional<GuardRails> rails, Duration patience, Duration look, EachNode atOnce) {}

    /** How it ended. */
    public enum End {
        DONE,
        /** Something wasn't done; the next run goes on. */
        INCOMPLETE,
        /** Nodes went back from the release. */
        REVERTED,
        /** The lock isn't ours any more. */
        FENCED
    }

    /**
     * What came of it.
     *
     * @param problems one line each
     */
    public record Outcome(End end, List<String> problems) {
        public Outcome {
            problems = List.copyOf(problems);
        }
    }

    public Applying(FleetConfiguration fleet, World world, Terms terms, Consumer<String> progress) {
        this.fleet = fleet;
        this.world = world;
        this.terms = terms;
        this.progress = progress;
    }

    /** Does it. What was planned has just been planned, under the lock. */
    public Outcome apply(Planned planned, Limit limit) throws IOException, InterruptedException {
        if (planned.plan().outage().isPresent() && terms.rails().isPresent()) {
            return new Outcome(End.INCOMPLETE, List.of(planned.plan().outage().get()));
        }
        long release = planned.release().orElse(0L);
        if (planned.plan().lines().stream().anyMatch(line -> line.area() == Area.BUCKET)) {
            Publishing publishing = world.publisher().publish(Publisher.Signing.WHEN_CHANGED);
            if (publishing instanceof Publishing.Fenced fenced) {
                return new Outcome(End.FENCED, List.of(fenced.reason()));
            }
            Optional<String> problem = publishing.problem();
            if (problem.isPresent()) {
                return new Outcome(End.INCOMPLETE, List.of("not published: " + problem.get()));
            }
            if (publishing instanceof Publishing.Published published) {
                progress.accept("release " + published.version() + " is published");
                release = published.version();
            }
        }
        List<String> lines = new ArrayList<>();
        if (!planned.untold().isEmpty()) {
            Optional<IntentPublisher.Outcome> told = world.intents().tell();
            if (told.isPresent() && told.get() instanceof IntentPublisher.Outcome.Fenced fenced) {
                return new Outcome(End.FENCED, List.of(fenced.reason()));
            }
            Optional<String> problem = told.flatMap(IntentPublisher.Outcome::problem);
            // Machines and names can do without.
            String what = String.join("; ", planned.untold());
            problem.ifPresent(why -> lines.add("nodes don't hear yet that " + what + ": " + why));
            if (problem.isEmpty()) {
                progress.accept("nodes are told: " + what);
            }
        }
        Map<NodeId, String> problems = new TreeMap<>(bring(planned.different()));
        Map<NodeId, Standing> standings = await(planned.awaited(), Set.copyOf(problems.keySet()), limit, release);
        Set<NodeId> serving = new HashSet<>();
        boolean reverted = false;
        for (Map.Entry<NodeId, Standing> node : standings.entrySet()) {
            switch (node.getValue()) {
                case Standing.Serving ignored -> serving.add(node.getKey());
                case Standing.NotServing not -> {
                    if (planned.awaited().contains(node.getKey())) {
                        problems.putIfAbsent(node.getKey(), "doesn't serve: " + not.reason());
                    }
                }
                case Standing.Refused refused -> {
                    if (planned.awaited().contains(node.getKey())) {
                        problems.putIfAbsent(
                                node.getKey(),
                                "doesn't serve: it has refused release " + refused.release() + ": " + refused.reason());
                    }
                }
                case Standing.Reverted back -> {
                    // Whoever was there before, and was left alone, is for whoever published that.
                    reverted |= planned.awaited().contains(node.getKey())
                            || planned.different().stream()
                                    .anyMatch(different -> different.id().equals(node.getKey()));
                    problems.putIfAbsent(
                            node.getKey(), "went back from release " + back.release() + ": " + back.reason());
                }
            }
        }
        problems.forEach((node, problem) -> lines.add(node + " " + problem));
        End names = names(serving, lines);
        if (names != End.DONE) {
            return new Outcome(names, lines);
        }
        return new Outcome(reverted ? End.REVERTED : lines.isEmpty() ? End.DONE : End.INCOMPLETE, lines);
    }

    private Map<NodeId, String> bring(List<Node> nodes) throws IOException, InterruptedException {
        Map<NodeId, String> problems = new TreeMap<>();
        terms.atOnce()
                .take(nodes, node -> {
                    try {
                        return world.machines().bring(node, line -> progress.accept(node.id() + ": " + line));
                    } catch (IOException failed) {
                        return Optional.of(String.valueOf(failed.getMessage()));
                    }
                })
                .forEach((node, problem) -> problem.ifPresent(why -> problems.put(node, why)));
        return problems;
    }

    /**
     * What nodes are doing when all that are awaited serve, have given up the release or failed, or at the end of the time. What one said of
     * a release before says nothing about this one.
     */
    private Map<NodeId, Standing> await(Set<NodeId> awaited, Set<NodeId> failed, Limit limit, long release)
            throws InterruptedException {
        long end = System.nanoTime() + terms.patience().toNanos();
        Set<NodeId> said = new HashSet<>();
        while (true) {
            Map<NodeId, Standing> standings = world.nodes().ask(limit.of(fleet));
            boolean open = false;
            for (NodeId node : awaited) {
                switch (standings.get(node)) {
                    case Standing.Serving ignored -> {
                        if (said.add(node)) {
                            progress.accept(node + ": serves");
                        }
                    }
                    case Standing.NotServing ignored -> open |= !failed.contains(node);
                    case Standing.Refused refused -> open |= !failed.contains(node) && refused.release() < release;
                    case Standing.Reverted back -> open |= !failed.contains(node) && back.release() < release;
                    case null -> {}
                }
            }
            if (!open || System.nanoTime() >= end) {
                return standings;
            }
            Thread.sleep(terms.look());
        }
    }

    private End names(Set<NodeId> serving, List<String> problems) throws IOException, InterruptedException {
        if (world.dns().isEmpty()) {
            return End.DONE;
        }
        DnsPlan plan;
        switch (world.dns().get().plan(serving)) {
            case DnsPlan.Planning.Refused refused -> {
                problems.add("DNS is left as it is: " + refused.reason());
                return End.INCOMPLETE;
            }
            case DnsPlan.Planning.Planned planned -> plan = planned.plan();
        }
        // What serves now may be less than what was planned with.
        Optional<String> outage = terms.rails().flatMap(rails -> rails.outage(plan));
        if (outage.isPresent()) {
            problems.add("DNS is left as it is: " + outage.get());
            return End.INCOMPLETE;
        }
        return switch (world.dns().get().apply(plan)) {
            case FleetDns.Outcome.Unchanged ignored -> End.DONE;
            case FleetDns.Outcome.Applied applied -> {
                progress.accept("DNS is changed" + (applied.inSync() ? "" : unsettled(applied.plan())));
                yield End.DONE;
            }
            case FleetDns.Outcome.Refused refused -> {
                problems.add("DNS is left as it is: " + refused.reason());
                yield End.INCOMPLETE;
            }
            case FleetDns.Outcome.Overtaken overtaken -> {
                problems.add("somebody else changes DNS: " + overtaken.reason() + ". Apply again");
                yield End.INCOMPLETE;
            }
            case FleetDns.Outcome.Fenced fenced -> {
                problems.add(fenced.reason());
                yield End.FENCED;
            }
        };
    }

    private static String unsettled(DnsPlan plan) {
        String left = plan.checksToDelete().isEmpty()
                ? ""
                : ", so that health checks which nothing needs any more stay until apply runs again";
        return "; not all of its servers answer by it yet" + left;
    }
}
