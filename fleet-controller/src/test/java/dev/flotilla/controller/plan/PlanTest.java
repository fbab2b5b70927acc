package dev.flotilla.controller.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.plan.Planning.Result;
import dev.flotilla.controller.publish.Publisher;
import dev.flotilla.controller.publish.Publishing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a plan says, and what comes of it. */
class PlanTest extends PlannedFleet {
    @Test
    void aBareFleetIsPlannedAndBroughtAboutAndThenThereIsNothingToDo() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        FleetPlan plan = plan(fleet).plan();
        assertThat(bucket.takeWrites()).isEmpty();
        assertThat(zone.batches()).isEmpty();
        assertThat(plan.text())
                .contains("bucket:", "  + configuration/east/east-1/mirror.conf", "  + programs/flotilla-mirror.tar.gz")
                .contains("machines:", "  + east/east-1: install Flotilla", "  + west/west-1: install Flotilla")
                .anyMatch(line ->
                        line.startsWith("  + A ") && line.contains("192.0.2.1") && line.endsWith("(once it serves)"));
        assertThat(plan.notes()).isEmpty();
        assertThat(apply(fleet)).isEqualTo(new Applying.Outcome(Applying.End.DONE, List.of()));
        assertThat(progress).contains("release 1 is published", "east/east-1: installed", "west/west-1: serves");
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
        bucket.takeWrites();
        assertThat(plan(fleet).plan().text()).containsExactly("Nothing to do: the fleet is as fleet.conf says.");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(bucket.takeWrites()).isEmpty();
        assertThat(zone.batches()).hasSize(1);
    }

    @Test
    void aNodeEntersDnsOnlyWhenItServesAndTheOthersDoNotWaitForEver() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        racks.broken.add(id("east", "east-2"));
        Applying.Outcome outcome = apply(fleet);
        assertThat(outcome)
                .isEqualTo(new Applying.Outcome(
                        Applying.End.INCOMPLETE, List.of("east/east-2 doesn't serve: nothing answers")));
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3");
        assertThat(plan(fleet).plan().notes()).containsExactly("east/east-2 doesn't serve: nothing answers");
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
        racks.broken.clear();
        assertThat(plan(fleet).plan().lines()).isNotEmpty().noneMatch(PlanLine::later);
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void ofAMachineThatCanNotBeLookedAtNothingIsExpected() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        racks.hidden.add(id("east", "east-2"));
        Result.Planned planned = plan(fleet);
        assertThat(planned.awaited()).containsExactlyInAnyOrder(id("east", "east-1"), id("west", "west-1"));
        assertThat(planned.plan().notes())
                .containsExactly(
                        "east/east-2 can't be looked at: no way there", "east/east-2 doesn't serve: nothing answers");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3");
    }

    @Test
    void aNodeThatIsInDnsStaysThereWhileItDoesNotServe() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        apply(fleet);
        racks.broken.addAll(List.of(id("east", "east-1"), id("east", "east-2"), id("west", "west-1")));
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
        assertThat(plan(fleet).plan().notes()).hasSize(3);
        apply(fleet);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void takingOutAllOfARegionOrTooLargeAShareNeedsSomebodysWord() throws Exception {
        apply(fleet(EAST, WEST));
        FleetConfiguration without = fleet(EAST);
        assertThat(plan(without).plan().outage())
                .get()
                .asString()
                .contains("all nodes of west")
                .contains("--allow-outage");
        assertThat(apply(without).end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(addresses()).hasSize(3);
        assertThat(plan(without).plan().lines()).anyMatch(line -> line.area() == PlanLine.Area.BUCKET);
        FleetConfiguration smaller = fleet("east { nodes { east-1 { address = 192.0.2.1 } } }", WEST);
        assertThat(plan(smaller).plan().outage()).get().asString().contains("1 of 3 nodes out of DNS, more than 30 %");
        var lenient = new Planning(smaller, world(smaller), Clock.fixed(NOW, ZoneOffset.UTC), new GuardRails(34));
        assertThat(((Result.Planned) lenient.plan(Limit.none(smaller))).plan().outage())
                .isEmpty();
        assertThat(apply(without, Limit.none(without), Optional.empty()).end()).isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2");
    }

    @Test
    void dnsIsNeverEmptiedWhateverAnybodysWord() throws Exception {
        apply(fleet(EAST, WEST));
        racks.broken.add(id("north", "north-1"));
        FleetConfiguration moved = fleet("north { nodes { north-1 { address = 192.0.2.9 } } }");
        racks.installed.add(id("north", "north-1"));
        assertThat(planning(moved, Limit.none(moved)))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.reason()).contains("without an address"));
        // It is awaited, since it has yet to be installed, and then doesn't come.
        racks.installed.remove(id("north", "north-1"));
        Applying.Outcome outcome = apply(moved, Limit.none(moved), Optional.empty());
        assertThat(outcome.end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(outcome.problems()).anyMatch(line -> line.startsWith("DNS is left as it is: "));
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void whatIsSeenTellsWhetherTheWorldHasMoved() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        var seen = new HashSet<>(Set.of(plan(fleet).plan().observed()));
        assertThat(plan(fleet).plan().observed()).isIn(seen);
        assertThat(seen.add(plan(fleet(EAST)).plan().observed()))
                .as("fleet.conf")
                .isTrue();
        assertThat(seen.add(((Result.Planned) planning(fleet, new Limit(List.of("west"), Set.of(id("west", "west-1")))))
                        .plan()
                        .observed()))
                .as("limit")
                .isTrue();
        fleet = fleet(EAST, WEST);
        assertThat(world(fleet).publisher().publish(Publisher.Signing.WHEN_CHANGED))
                .isInstanceOf(Publishing.Published.class);
        assertThat(seen.add(plan(fleet).plan().observed())).as("bucket").isTrue();
        racks.installed.add(id("east", "east-2"));
        assertThat(seen.add(plan(fleet).plan().observed())).as("machine").isTrue();
        racks.facts = "another archive";
        assertThat(seen.add(plan(fleet).plan().observed()))
                .as("a machine's facts alone")
                .isTrue();
        world(fleet).dns().orElseThrow().bring(Set.of(id("east", "east-2")));
        assertThat(seen.add(plan(fleet).plan().observed())).as("dns").isTrue();
        // Signed once more for longer it is the same release.
        assertThat(world(fleet).publisher().publish(Publisher.Signing.ALWAYS)).isInstanceOf(Publishing.Published.class);
        assertThat(plan(fleet).plan().observed()).isIn(seen);
    }

    @Test
    void aPlanComesBackFromItsFileAndNothingElseIsOne() throws Exception {
        FleetPlan plan = plan(fleet(EAST, WEST)).plan();
        assertThat(FleetPlan.parse(plan.toBytes())).isEqualTo(plan);
        assertThatThrownBy(() -> FleetPlan.parse("{}".getBytes(UTF_8))).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void limitedToAPlaceOtherMachinesAreLeftAloneAndOtherNodesStayOutOfDns() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        var west = new Limit(List.of("west"), Set.of(id("west", "west-1")));
        assertThat(apply(fleet, west, Optional.of(GuardRails.USUAL)).end()).isEqualTo(Applying.End.DONE);
        assertThat(racks.installed).containsExactly(id("west", "west-1"));
        assertThat(addresses()).containsExactly("192.0.2.3");
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        var east = new Limit(List.of("east/east-1"), Set.of(id("east", "east-1")));
        apply(fleet, east, Optional.of(GuardRails.USUAL));
        assertThat(addresses()).hasSize(3);
    }

    @Test
    void whenNodesComeBackIsPlannedAndToldToThemAndNothingElseChanges() throws Exception {
        assertThat(apply(fleet(EAST, WEST)).end()).isEqualTo(Applying.End.DONE);
        FleetPlan before = plan(fleet(EAST, WEST)).plan();
        dns = "failback = manual";
        FleetConfiguration fleet = fleet(EAST, WEST);
        FleetPlan plan = plan(fleet).plan();
        assertThat(plan.text())
                .containsExactly(
                        "bucket:",
                        "  ~ nodes whose mirrors end by themselves come back when flotilla undrain says so",
                        "Plan: 0 to add, 1 to change, 0 to remove.");
        assertThat(plan.observed()).isNotEqualTo(before.observed());
        assertThat(apply(fleet)).isEqualTo(new Applying.Outcome(Applying.End.DONE, List.of()));
        assertThat(progress)
                .contains(
                        "nodes are told: nodes whose mirrors end by themselves come back when flotilla undrain says so");
        assertThat(known(fleet)).isEqualTo(new Failback(Failback.Policy.MANUAL, Duration.ZERO));
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
        assertThat(plan(fleet).release()).as("the release stays").contains(1L);
        dns = "failback = after-soak, failback-soak = 5m";
        assertThat(apply(fleet(EAST, WEST)).end()).isEqualTo(Applying.End.DONE);
        assertThat(known(fleet)).isEqualTo(new Failback(Failback.Policy.AFTER_SOAK, Duration.ofMinutes(5)));
    }

    @Test
    void aFirstApplyTellsNodesWhenTheyComeBackAndWithoutItsKeyDoesAllElse() throws Exception {
        dns = "failback = manual";
        FleetConfiguration fleet = fleet(EAST, WEST);
        Path key = key("intents");
        Path elsewhere = Files.move(key, folder.resolve("elsewhere"));
        assertThat(plan(fleet).plan().text()).anyMatch(line -> line.contains("come back when flotilla undrain"));
        assertThat(apply(fleet)).satisfies(outcome -> {
            assertThat(outcome.end()).isEqualTo(Applying.End.INCOMPLETE);
            assertThat(outcome.problems())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "nodes don't hear yet that nodes whose mirrors end by themselves come back when flotilla");
        });
        assertThat(addresses()).hasSize(3);
        Files.move(elsewhere, key);
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.DONE);
        assertThat(known(fleet).policy()).isEqualTo(Failback.Policy.MANUAL);
    }

    @Test
    void anotherMinimumReachesAllNodesWithTheNextApplyWhateverItsLimit() throws Exception {
        dns = "failback = manual";
        assertThat(apply(fleet(EAST, WEST)).end()).isEqualTo(Applying.End.DONE);
        minimum = 2;
        FleetConfiguration fleet = fleet(EAST, WEST);
        assertThat(plan(fleet).plan().text())
                .containsExactly(
                        "bucket:", "  ~ minimum-serving is 2, and was 1", "Plan: 0 to add, 1 to change, 0 to remove.");
        var west = new Limit(List.of("west"), Set.of(id("west", "west-1")));
        assertThat(((Result.Planned) planning(fleet, west)).plan().text())
                .contains("  ~ minimum-serving is 2, and was 1 (of all nodes, whatever the limit)");
        assertThat(apply(fleet, west, Optional.of(GuardRails.USUAL)).end()).isEqualTo(Applying.End.DONE);
        assertThat(world(fleet).intents().read().orElseThrow().minimumServing()).isEqualTo(2);
        assertThat(plan(fleet).plan().isEmpty()).isTrue();
    }

    private Failback known(FleetConfiguration fleet) throws Exception {
        return world(fleet).intents().read().orElseThrow().failback();
    }

    private Path key(String role) throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("trust"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(role))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
