package dev.flotilla.controller.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.dns.RecordTree;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.simulate.Simulation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SimulationTest {
    private static final DnsName NAME = new DnsName("mirror.example.org");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"failover", "latency", "weighted"})
    void whateverIsDownClientsOfTheFleetsOwnRecordsAreLedToWhatServes(String policy) {
        FleetConfiguration fleet = three(policy);
        Outcome outcome = simulate(fleet);
        assertThat(problems(outcome)).isEmpty();
        assertThat(outcome.outages()).as("two to the power of five nodes").isEqualTo(32);
        assertThat(outcome.rows()).hasSize(policy.equals("latency") ? 6 : 4);
        assertThat(outcome.rows())
                .allSatisfy(row -> row.without()
                        .forEach((region, answers) -> assertThat(answers).doesNotContainKey(region)));
        assertThat(SimulationText.summary(fleet.dns().orElseThrow(), outcome))
                .containsExactly(
                        "a dead region is left within 10 s x 3 + 60 s = 90 s: checks at their interval, so many in a row,"
                                + " and as long as clients keep an answer",
                        "whatever is down, clients are led to what serves: every combination of 5 nodes that are up or"
                                + " down");
    }

    @Test
    void whereClientsComeToIsToldByNameAndByPlace() {
        assertThat(simulate(three("failover")).rows().getFirst().regions()).isEqualTo(Map.of("alpha", 1.0));
        assertThat(simulate(three("failover")).rows().getFirst().without())
                .containsEntry("alpha", Map.of("bravo", 1.0))
                .containsEntry("bravo", Map.of("alpha", 1.0));
        assertThat(simulate(three("weighted")).rows().getFirst().regions())
                .isEqualTo(Map.of("alpha", 0.5, "bravo", 0.25, "charlie", 0.25));
        List<Simulation.Row> near = simulate(three("latency")).rows();
        assertThat(near.get(1).from()).contains("bravo");
        assertThat(near.get(1).regions()).isEqualTo(Map.of("bravo", 1.0));
        assertThat(near.get(1).without()).containsEntry("bravo", Map.of("charlie", 1.0));
    }

    @Test
    void aRegionThatGetsMoreThanItCanBearIsToldWithTheLeastThatHasToBeDown() {
        FleetConfiguration fleet = new Fleets(folder)
                .dns("policy = failover")
                .region("alpha", "load = 100, capacity = 300")
                .region("bravo", "load = 50, capacity = 140")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("alpha", "alpha-2", "192.0.2.2")
                .node("alpha", "alpha-3", "192.0.2.3")
                .node("bravo", "bravo-1", "192.0.2.4")
                .build();
        assertThat(problems(simulate(fleet)))
                .containsExactly(
                        "with alpha/alpha-1, alpha/alpha-2 down, alpha gets 150 and can bear 100 (150 %), where clients"
                                + " use the fleet's name",
                        "with alpha/alpha-1, alpha/alpha-3 down, alpha gets 150 and can bear 100 (150 %), where clients"
                                + " use the fleet's name",
                        "with alpha/alpha-2, alpha/alpha-3 down, alpha gets 150 and can bear 100 (150 %), where clients"
                                + " use the fleet's name",
                        "with alpha down, bravo gets 150 and can bear 140 (107 %), where clients use the fleet's name");
    }

    @Test
    void withoutLoadsAndCapacitiesNothingIsSaidOfThem() {
        FleetConfiguration fleet = new Fleets(folder)
                .region("alpha", "capacity = 1")
                .node("alpha", "alpha-1", "192.0.2.1")
                .build();
        Outcome outcome = simulate(fleet);
        assertThat(outcome.hasProblems()).isFalse();
        assertThat(outcome.findings()).extracting(Finding::kind).contains("capacities");
    }

    @Test
    void anAliasThatDoesNotEvaluateHealthStrandsClients() {
        Outcome outcome = simulate(
                three("failover"),
                set -> set.content() instanceof Content.Alias alias
                                && set.name().equals(NAME)
                                && set.routing().equals(new Routing.Failover(true))
                        ? with(set, new Content.Alias(alias.target(), false))
                        : set);
        assertThat(problems(outcome))
                .containsExactly(
                        "mirror.example.org A leads to nodes.alpha.mirror.example.org whether anything is healthy there"
                                + " or not",
                        "with alpha down, mirror.example.org A leads to alpha/alpha-1, alpha/alpha-2, although another"
                                + " node serves; in 7 cases in all");
    }

    @Test
    void aNodeWithoutACheckIsAnsweredDeadOrAlive() {
        Outcome outcome = simulate(
                three("failover"),
                set -> set.content() instanceof Content.Values values
                                && values.values().contains("192.0.2.1")
                        ? new RecordSet(
                                set.name(),
                                set.type(),
                                set.identifier(),
                                set.routing(),
                                set.content(),
                                Optional.empty())
                        : set);
        assertThat(problems(outcome))
                .contains("nodes.alpha.mirror.example.org A has an address without a health check: it is answered dead"
                        + " or alive")
                .anyMatch(text -> text.startsWith(
                        "with alpha/alpha-1 down, mirror.example.org A leads to alpha/alpha-1, although another node"
                                + " serves"));
    }

    @Test
    void aliasesToNothingAndInACircleAreFound() {
        FleetConfiguration fleet = three("weighted");
        List<RecordSet> records =
                new ArrayList<>(RecordTree.whole(fleet, fleet.dns().orElseThrow()));
        RecordSet alias = records.getLast();
        DnsName leaf = new DnsName("nodes.charlie.mirror.example.org");
        records.removeIf(set -> set.name().equals(leaf));
        records.add(with(at(alias, "here.example.org"), new Content.Alias(new DnsName("there.example.org"), true)));
        records.add(with(at(alias, "there.example.org"), new Content.Alias(new DnsName("here.example.org"), true)));
        assertThat(problems(Simulation.of(fleet, records)))
                .contains(
                        "mirror.example.org A is an alias of nodes.charlie.mirror.example.org, where there is nothing",
                        "here.example.org A is an alias that leads back to itself",
                        "there.example.org A is an alias that leads back to itself")
                .noneMatch(text -> text.contains("with nothing down"));
    }

    @Test
    void ofManyNodesRegionsAreLookedAtAsAWholeAndEachNodeBesides() {
        var fleet = new Fleets(folder);
        for (String region : List.of("alpha", "bravo", "charlie")) {
            for (int node = 1; node <= 6; node++) {
                fleet.node(region, region + "-" + node, "192.0.2." + (node + 10 * (region.charAt(0) - 'a')));
            }
        }
        Outcome outcome = simulate(fleet.build());
        assertThat(outcome.hasProblems()).isFalse();
        assertThat(outcome.coverage())
                .isEqualTo("every combination of 3 regions that are up or down as a whole, and with each of them every"
                        + " one of 18 nodes down besides; all combinations of so many nodes are too many");
        assertThat(outcome.outages())
                .as("8 of regions; beside none 18 nodes, beside one 12, beside two 6")
                .isEqualTo(8 + 18 + 3 * 12 + 3 * 6);
    }

    private FleetConfiguration three(String policy) {
        return new Fleets(folder)
                .dns("policy = " + policy)
                .region("alpha", "aws-region = us-east-1, weight = 20, load = 10, capacity = 200")
                .region("bravo", "aws-region = eu-west-1, load = 10, capacity = 200")
                .region("charlie", "aws-region = eu-central-1, load = 10, capacity = 200")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("alpha", "alpha-2", "192.0.2.2")
                .node("bravo", "bravo-1", "192.0.2.3")
                .node("charlie", "charlie-1", "192.0.2.4")
                .node("charlie", "charlie-2", "192.0.2.5")
                .build();
    }

    private static Outcome simulate(FleetConfiguration fleet) {
        return simulate(fleet, UnaryOperator.identity());
    }

    private static Outcome simulate(FleetConfiguration fleet, UnaryOperator<RecordSet> edit) {
        return Simulation.of(
                fleet,
                RecordTree.whole(fleet, fleet.dns().orElseThrow()).stream()
                        .map(edit)
                        .toList());
    }

    private static RecordSet with(RecordSet set, Content content) {
        return new RecordSet(set.name(), set.type(), set.identifier(), set.routing(), content, set.check());
    }

    private static RecordSet at(RecordSet set, String name) {
        return new RecordSet(
                new DnsName(name), set.type(), set.identifier(), set.routing(), set.content(), set.check());
    }

    private static List<String> problems(Outcome outcome) {
        return outcome.findings().stream()
                .filter(Finding::isProblem)
                .map(Finding::text)
                .toList();
    }
}
