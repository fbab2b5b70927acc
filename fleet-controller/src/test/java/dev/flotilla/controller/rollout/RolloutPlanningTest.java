package dev.flotilla.controller.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.rollout.AllowedHours;
import dev.flotilla.agent.rollout.Member;
import dev.flotilla.agent.rollout.RolloutPlan;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutPlanningTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir
    Path folder;

    private final Map<NodeId, NodeReport> reports = new HashMap<>();

    /** Two regions, of eight nodes and of four. */
    private FleetConfiguration fleet(String rollout) throws IOException {
        var regions = new StringBuilder();
        int address = 1;
        for (String region : List.of("east", "west")) {
            regions.append(region).append(" { nodes {\n");
            for (int number = 1; number <= (region.equals("east") ? 8 : 4); number++) {
                regions.append(region + "-" + number + " { address = 192.0.2." + address++ + " }\n");
            }
            regions.append("} }\n");
        }
        Path file = Files.writeString(
                folder.resolve("fleet.conf"),
                "flotilla.fleet { name = acme, bucket { name = acme-mirrors }, rollout { " + rollout + " }\nregions {\n"
                        + regions + "} }");
        return switch (FleetConfiguration.load(file)) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private static Set<NodeId> nodes(FleetConfiguration fleet) {
        return fleet.nodes().stream().map(Node::id).collect(Collectors.toSet());
    }

    private NodeReport report(NodeId node, long release, Instant written, boolean ready, Optional<String> problem) {
        return new NodeReport(
                new FleetName("acme"),
                node.region(),
                node.node(),
                written,
                new NodeReport.Agent("test", 1),
                Optional.of(new NodeReport.Release(release, NodeReport.State.COMMITTED, NOW)),
                Optional.of(new NodeReport.Mirror(2, ready, NOW, 0, release)),
                problem.isPresent() ? NodeReport.Condition.DEGRADED : NodeReport.Condition.HEALTHY,
                problem,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private RolloutPlan plan(FleetConfiguration fleet, Set<NodeId> affected, boolean emergency) {
        return new RolloutPlanning(fleet, reports, NOW)
                .plan(affected, emergency)
                .orElseThrow();
    }

    private RolloutPlan plan(String rollout) throws IOException {
        FleetConfiguration fleet = fleet(rollout);
        nodes(fleet).forEach(node -> reports.putIfAbsent(node, report(node, 4, NOW, true, Optional.empty())));
        return plan(fleet, nodes(fleet), false);
    }

    private static List<Integer> sizes(RolloutPlan plan) {
        return plan.waves().stream().map(wave -> wave.members().size()).toList();
    }

    private static long of(String region, RolloutPlan.Wave wave) {
        return wave.members().stream()
                .filter(member -> member.region().value().equals(region))
                .count();
    }

    @Test
    void usuallyOneNodeOfTheFirstRegionGoesThenAQuarterThenAll() throws IOException {
        RolloutPlan plan = plan("");
        assertThat(sizes(plan)).containsExactly(1, 2, 9);
        assertThat(of("east", plan.waves().getFirst())).isEqualTo(1);
        assertThat(plan.start()).isEqualTo(NOW);
        assertThat(plan.silence()).isEqualTo(Duration.ofHours(1));
        assertThat(plan.waves())
                .allMatch(wave -> wave.soak().equals(Duration.ofMinutes(10)))
                .allMatch(wave -> wave.others().isEmpty());
        assertThat(RolloutPlan.parse(plan.toBytes())).isEqualTo(plan);
    }

    @Test
    void everyNodeHasOnePlaceAndTheSameInEveryRelease() throws IOException {
        RolloutPlan plan = plan("waves = [ { nodes = 2 }, { share = 30, soak = 1m }, { share = 60 } ]");
        assertThat(sizes(plan)).containsExactly(2, 2, 4, 4);
        assertThat(plan.waves().stream().flatMap(wave -> wave.members().stream()))
                .doesNotHaveDuplicates()
                .hasSize(12);
        assertThat(plan.waves().get(1).soak()).isEqualTo(Duration.ofMinutes(1));
        assertThat(plan("waves = [ { nodes = 2 }, { share = 30, soak = 1m }, { share = 60 } ]"))
                .isEqualTo(plan);
    }

    @Test
    void aShareIsOneOfEveryRegion() throws IOException {
        RolloutPlan plan = plan("waves = [ { share = 25 }, { share = 50 }, { share = 75 } ]");
        assertThat(plan.waves())
                .hasSize(4)
                .allMatch(wave -> of("east", wave) == 2)
                .allMatch(wave -> of("west", wave) == 1);
    }

    @Test
    void aWaveMayBeOfSomeRegionsAlone() throws IOException {
        RolloutPlan plan = plan("waves = [ { nodes = 1, regions = [ west ] }, { share = 100, regions = [ west ] } ]");
        assertThat(sizes(plan)).containsExactly(1, 3, 8);
        assertThat(of("west", plan.waves().get(1))).isEqualTo(3);
    }

    @Test
    void theCanaryIsOneThatServesAndWhoDoesNotIsNotWaitedFor() throws IOException {
        FleetConfiguration fleet = fleet("");
        NodeId usual = nodes(fleet).stream()
                .filter(node ->
                        allHealthy(fleet).waves().getFirst().members().contains(new Member(node.region(), node.node())))
                .findFirst()
                .orElseThrow();
        for (NodeReport sick : List.of(
                report(usual, 4, NOW.minus(Duration.ofMinutes(6)), true, Optional.empty()),
                report(usual, 4, NOW, false, Optional.empty()),
                report(usual, 4, NOW, true, Optional.of("the disk is full")))) {
            reports.put(usual, sick);
            RolloutPlan plan = plan("");
            assertThat(plan.waves().getFirst().counted()).hasSize(1);
            assertThat(plan.waves().getFirst().members())
                    .noneMatch(member -> member.node().equals(usual.node()));
            assertThat(plan.waves().stream().flatMap(wave -> wave.others().stream()))
                    .containsExactly(new Member(usual.region(), usual.node()));
        }
    }

    private RolloutPlan allHealthy(FleetConfiguration fleet) {
        nodes(fleet).forEach(node -> reports.put(node, report(node, 4, NOW, true, Optional.empty())));
        return plan(fleet, nodes(fleet), false);
    }

    @Test
    void onlyNodesThatGetSomethingNewAreInThePlan() throws IOException {
        FleetConfiguration fleet = fleet("");
        Set<NodeId> west = new HashSet<>(nodes(fleet));
        west.removeIf(node -> node.region().value().equals("east"));
        assertThat(sizes(plan(fleet, west, false))).containsExactly(1, 3);
        var planning = new RolloutPlanning(fleet, reports, NOW);
        assertThat(planning.plan(Set.of(), false)).isEmpty();
        assertThat(new RolloutPlanning(fleet("waves = []"), reports, NOW).plan(west, false))
                .isEmpty();
    }

    @Test
    void aNodeThatDoesNotRunTheReleaseBeforeIsBehind() throws IOException {
        FleetConfiguration fleet = fleet("");
        NodeId late = fleet.nodes().getFirst().id();
        nodes(fleet).forEach(node -> reports.put(node, report(node, 4, NOW, true, Optional.empty())));
        reports.put(late, report(late, 3, NOW, true, Optional.empty()));
        assertThat(new RolloutPlanning(fleet, reports, NOW).behind(4)).containsExactly(late);
    }

    @Test
    void anEmergencyKeepsNoHoursAndShortSoaks() throws IOException {
        FleetConfiguration fleet = fleet(
                "hours = [ \"mon-fri 08:00-11:00\" ], emergency-soak = 30s, waves = [ { nodes = 1, soak = 10s }, { share = 100 } ]");
        nodes(fleet).forEach(node -> reports.put(node, report(node, 4, NOW, true, Optional.empty())));
        assertThat(plan(fleet, nodes(fleet), false).hours().areNow(NOW)).isFalse();
        RolloutPlan plan = plan(fleet, nodes(fleet), true);
        assertThat(plan.hours()).isEqualTo(AllowedHours.ALWAYS);
        assertThat(plan.emergency()).isTrue();
        assertThat(plan.waves())
                .extracting(RolloutPlan.Wave::soak)
                .containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    @Test
    void peopleReadWhichNodeGoesWhenAndWhetherAnythingStopsIt() throws IOException {
        RolloutPlan plan = plan("waves = [ { nodes = 1 } ], hours = [ \"mon 08:00-12:05\", \"tue 08:00-09:00\" ]");
        Member canary = plan.waves().getFirst().counted().getFirst();
        List<String> lines = PlanText.lines(plan, NOW);
        assertThat(lines.get(0)).isEqualTo("rollout in 2 waves");
        assertThat(lines.get(1)).isEqualTo("1. from 2026-06-01T12:00:00Z: " + canary + ", healthy for 10 min");
        assertThat(lines.get(2))
                .startsWith("2. not before 2026-06-02T08:00:00Z: ")
                .endsWith("10 min: 9 of 11");
        assertThat(lines.get(4)).contains("mon 08:00-12:05, tue 08:00-09:00");
        assertThat(PlanText.lines(plan("reports = false"), NOW))
                .anyMatch(line -> line.contains("waves go by time alone"));
        reports.clear();
        FleetConfiguration fleet = fleet("");
        assertThat(PlanText.lines(plan(fleet, nodes(fleet), false), NOW))
                .anyMatch(line -> line.contains("no node that the release is for has reported lately"));
    }

    @Test
    void aSoakThatIsShorterThanAnAgentsTrialIsSaid() throws IOException {
        assertThat(PlanText.lines(plan("waves = [ { nodes = 1, soak = 599s }, { nodes = 1 } ]"), NOW))
                .anyMatch(line -> line.startsWith("the soak of wave 1 is shorter than a new agent's trial"));
        assertThat(PlanText.lines(plan("waves = [ { nodes = 1 } ]"), NOW)).noneMatch(line -> line.contains("trial"));
    }
}
