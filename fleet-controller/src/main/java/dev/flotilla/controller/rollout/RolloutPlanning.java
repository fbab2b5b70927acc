package dev.flotilla.controller.rollout;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.AllowedHours;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.fleet.RolloutSettings;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the plan of a release's rollout from what {@code fleet.conf} says and what nodes have reported. Pure: the same nodes
 * in the same state get the same plan. Who goes when among equals is told by a digest of the node's name, so that it is the
 * same for every release, and a share of the fleet is about that share of every region.
 */
public final class RolloutPlanning {
    private final FleetConfiguration fleet;
    private final RolloutSettings settings;
    private final Map<NodeId, NodeReport> reports;
    private final Instant now;
    private final Map<NodeId, Integer> regionOrder = new HashMap<>();
    private final Map<NodeId, Double> rank = new HashMap<>();

    public RolloutPlanning(FleetConfiguration fleet, Map<NodeId, NodeReport> reports, Instant now) {
        this.fleet = fleet;
        this.settings = fleet.rollout();
        this.reports = reports;
        this.now = now;
    }

    /** Nodes that don't run the release before, as far as they have said. */
    public List<NodeId> behind(long release) {
        return reports.entrySet().stream()
                .filter(entry -> entry.getValue()
                        .release()
                        .filter(has -> has.version() == release && has.state() != NodeReport.State.REVERTED)
                        .isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * The plan; absent where there are to be no waves, or nothing is different for anybody.
     *
     * @param affected the nodes for which the release brings something new
     */
    public Optional<RolloutPlan> plan(Set<NodeId> affected, boolean emergency) {
        if (settings.waves().isEmpty() || affected.isEmpty()) {
            return Optional.empty();
        }
        order(affected);
        List<NodeId> left = new ArrayList<>(affected);
        List<RolloutPlan.Wave> waves = new ArrayList<>();
        for (RolloutSettings.Wave wave : settings.waves()) {
            List<NodeId> taken = taken(wave, affected, left);
            left.removeAll(taken);
            add(waves, taken, soak(wave.soak(), emergency));
        }
        left.sort(interleaved());
        add(waves, left, soak(Optional.empty(), emergency));
        return Optional.of(new RolloutPlan(
                now,
                settings.silence(),
                settings.failuresPercent(),
                settings.reports(),
                emergency,
                emergency ? AllowedHours.ALWAYS : settings.hours(),
                waves));
    }

    private Duration soak(Optional<Duration> ofWave, boolean emergency) {
        Duration soak = ofWave.orElse(settings.soak());
        return emergency && soak.compareTo(settings.emergencySoak()) > 0 ? settings.emergencySoak() : soak;
    }

    private List<NodeId> taken(RolloutSettings.Wave wave, Set<NodeId> affected, List<NodeId> left) {
        List<NodeId> candidates =
                left.stream().filter(node -> isIn(wave, node.region())).toList();
        if (wave.nodes().isPresent()) {
            return candidates.stream()
                    .sorted(Comparator.comparing((NodeId node) -> !counts(node))
                            .thenComparing(regionOrder::get)
                            .thenComparing(rank::get))
                    .limit(wave.nodes().get())
                    .toList();
        }
        long all = affected.stream().filter(node -> isIn(wave, node.region())).count();
        long gone = all - candidates.size();
        long wanted = Math.ceilDiv(all * wave.sharePercent().orElse(100), 100);
        return candidates.stream()
                .sorted(interleaved())
                .limit(Math.max(0, wanted - gone))
                .toList();
    }

    private static boolean isIn(RolloutSettings.Wave wave, RegionName region) {
        return wave.regions().isEmpty() || wave.regions().contains(region);
    }

    private void add(List<RolloutPlan.Wave> waves, List<NodeId> nodes, Duration soak) {
        if (!nodes.isEmpty()) {
            waves.add(new RolloutPlan.Wave(
                    soak,
                    nodes.stream()
                            .filter(this::counts)
                            .map(RolloutPlanning::member)
                            .toList(),
                    nodes.stream()
                            .filter(node -> !counts(node))
                            .map(RolloutPlanning::member)
                            .toList()));
        }
    }

    private static Member member(NodeId node) {
        return new Member(node.region(), node.node());
    }

    /**
     * Whether what a node says will decide: it served lately. One that came back from a release before, and says so, serves as
     * well as any.
     */
    private boolean counts(NodeId node) {
        return Optional.ofNullable(reports.get(node))
                .filter(report -> report.written().isAfter(now.minus(settings.heard())))
                .filter(report ->
                        report.mirror().filter(NodeReport.Mirror::ready).isPresent())
                .filter(report -> report.condition() == NodeReport.Condition.HEALTHY
                        || report.refused().isPresent())
                .isPresent();
    }

    /** Gives every node its place within its region, from 0 to 1, so that regions can be interleaved. */
    private void order(Set<NodeId> affected) {
        int number = 0;
        for (Region region : fleet.regions()) {
            List<NodeId> nodes = affected.stream()
                    .filter(node -> node.region().equals(region.name()))
                    .sorted(Comparator.comparing(this::digest))
                    .toList();
            for (int i = 0; i < nodes.size(); i++) {
                regionOrder.put(nodes.get(i), number);
                rank.put(nodes.get(i), (i + 0.5) / nodes.size());
            }
            number++;
        }
    }

    private Sha256 digest(NodeId node) {
        return Sha256.of((fleet.name() + " " + node).getBytes(StandardCharsets.UTF_8));
    }

    private Comparator<NodeId> interleaved() {
        return Comparator.<NodeId, Double>comparing(rank::get).thenComparing(regionOrder::get);
    }
}
