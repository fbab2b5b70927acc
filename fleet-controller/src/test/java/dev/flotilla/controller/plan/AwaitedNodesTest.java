package dev.flotilla.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.plan.Planning.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nodes that refuse a release, or go back from it. */
class AwaitedNodesTest extends PlannedFleet {
    @Test
    void whereAllThatAreAwaitedHaveRefusedTheReleaseNobodyWaitsOnAndThePlanSaysSoToo() throws Exception {
        for (String node : List.of("east-1", "east-2")) {
            racks.refused.put(id("east", node), 1L);
        }
        racks.refused.put(id("west", "west-1"), 1L);
        FleetConfiguration fleet = fleet(EAST, WEST);
        long begin = System.nanoTime();
        var terms = new Applying.Terms(
                Optional.of(GuardRails.USUAL), Duration.ofMinutes(10), Duration.ofMillis(1), new EachNode(2));
        Applying.Outcome outcome =
                new Applying(fleet, world(fleet), terms, progress::add).apply(plan(fleet), Limit.none(fleet));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(5));
        assertThat(outcome.end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(outcome.problems())
                .contains("west/west-1 doesn't serve: it has refused release 1: its configuration is wrong");
        assertThat(plan(fleet).plan().notes())
                .contains("west/west-1 has refused release 1: its configuration is wrong");
    }

    @Test
    void whatANodeHasRefusedBeforeIsNotTakenForTheNextRelease() throws Exception {
        apply(fleet(EAST, WEST));
        racks.refused.put(id("west", "west-1"), 1L);
        String east = "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 }, east-3 {"
                + " address = 192.0.2.4 } } }";
        racks.asked = 0;
        assertThat(apply(fleet(east, WEST)).end()).isEqualTo(Applying.End.INCOMPLETE);
        assertThat(racks.asked)
                .as("it was waited for, as it may take release 2")
                .isGreaterThan(2);
    }

    @Test
    void nodesThatGoBackFromTheReleaseAreToldAndStayOutOfDns() throws Exception {
        racks.reverted.put(id("west", "west-1"), "its mirror dies");
        Applying.Outcome outcome = apply(fleet(EAST, WEST));
        assertThat(outcome.end()).isEqualTo(Applying.End.REVERTED);
        assertThat(outcome.problems()).containsExactly("west/west-1 went back from release 1: its mirror dies");
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2");

        String east =
                "east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 }, east-3 { address = 192.0.2.4 } } }";
        outcome = apply(fleet(east, WEST));
        assertThat(outcome.end())
                .as("it went back before, and isn't touched now")
                .isEqualTo(Applying.End.INCOMPLETE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.4");
    }
}
