package dev.flotilla.controller.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.DnsPlan;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.HealthCheck;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.fleet.AwsRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.simulate.Answers.Answer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fleet becomes another one at random, while some of its nodes are dead: whatever call the controller is killed before,
 * and whoever changes the names in between, clients of the fleet's name are led to somebody who serves, if there is one in
 * DNS at all.
 */
@Timeout(120)
class KilledControllerTest {
    private static final DnsName NAME = new DnsName("mirror.example.org");
    private static final List<String> REGIONS = List.of("alpha", "bravo", "charlie", "delta");
    private static final List<AwsRegion> NEAR =
            List.of(AwsRegion.US_EAST_1, AwsRegion.EU_WEST_1, AwsRegion.AP_SOUTH_1, AwsRegion.SA_EAST_1);
    private static final int FLEETS = 15;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void killedBeforeAnyCallTheNamesLeadToWhatServesAndTheNextOneFinishes(long seed) throws Exception {
        int killed = 0;
        for (int number = 0; number < FLEETS; number++) {
            boolean finished = false;
            for (int calls = 0; !finished; calls++) {
                var random = new Random(seed * 1_000 + number);
                var zone = new MemoryZone();
                FleetConfiguration before = fleet(random);
                dns(before, zone).bring(ids(before));
                FleetConfiguration after = fleet(random);
                Set<String> alive = alive(before, after, random);
                Set<NodeId> serving = serving(after, alive);
                zone.beforeWrite(() -> look(zone, alive));
                zone.dieAfter(calls, new IllegalStateException("killed"));
                try {
                    dns(after, zone).bring(serving);
                    finished = true;
                } catch (IllegalStateException dead) {
                    killed++;
                }
                look(zone, alive);
                zone.live();
                dns(after, zone).bring(serving);
                look(zone, alive);
                assertThat(dns(after, zone).bring(serving))
                        .isInstanceOfAny(Outcome.Unchanged.class, Outcome.Refused.class);
            }
        }
        assertThat(killed).as("there were calls to be killed before").isGreaterThan(FLEETS);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void aPlanThatSomebodyHasOvertakenChangesNothing(long seed) throws Exception {
        int overtaken = 0;
        for (int number = 0; number < FLEETS; number++) {
            var random = new Random(seed * 1_000 + number);
            var zone = new MemoryZone();
            FleetConfiguration before = fleet(random);
            dns(before, zone).bring(ids(before));
            FleetConfiguration one = fleet(random);
            FleetConfiguration other = fleet(random);
            FleetDns late = dns(one, zone);
            DnsPlan.Planning planning = late.plan(ids(one));
            Outcome changed = dns(other, zone).bring(ids(other));
            if (planning instanceof DnsPlan.Planning.Planned planned && changed instanceof Outcome.Applied) {
                List<RecordSet> records = zone.all();
                Outcome outcome = late.apply(planned.plan());
                assertThat(zone.all()).isEqualTo(records);
                if (outcome instanceof Outcome.Overtaken) {
                    overtaken++;
                }
            }
        }
        assertThat(overtaken).as("some plans were late").isGreaterThan(FLEETS / 2);
    }

    private static void look(MemoryZone zone, Set<String> alive) {
        Map<String, String> addresses = zone.allChecks().stream()
                .collect(Collectors.toMap(
                        HealthCheck::id,
                        check -> check.settings().orElseThrow().address().toString()));
        Answers answers = new Answers(
                zone.all(),
                check -> !(check instanceof CheckReference.Existing existing)
                        || alive.contains(addresses.get(existing.id())));
        for (String type : List.of("A", "AAAA")) {
            Set<String> there = zone.all().stream()
                    .filter(set -> set.type().equals(type) && set.content() instanceof Content.Values)
                    .flatMap(set -> ((Content.Values) set.content()).values().stream())
                    .collect(Collectors.toSet());
            boolean anybody = there.stream().anyMatch(alive::contains);
            for (AwsRegion near : NEAR) {
                List<Answer> given = answers.to(
                        NAME,
                        type,
                        near.byDistance().stream().map(AwsRegion::id).toList());
                assertThat(given.isEmpty())
                        .as("%s has no answer although %s are there: %s", type, there, zone.all())
                        .isEqualTo(there.isEmpty());
                assertThat(given)
                        .as("%s while %s are alive: %s", type, alive, zone.all())
                        .allMatch(answer -> !anybody || alive.containsAll(answer.values()));
            }
        }
    }

    private static FleetDns dns(FleetConfiguration fleet, MemoryZone zone) {
        return new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, duration -> {}, Fence.ALONE, line -> {});
    }

    /** Some of all addresses, old and new. */
    private static Set<String> alive(FleetConfiguration before, FleetConfiguration after, Random random) {
        Set<String> alive = new HashSet<>();
        for (FleetConfiguration fleet : List.of(before, after)) {
            for (Node node : fleet.nodes()) {
                if (random.nextInt(3) > 0) {
                    alive.add(node.address().toString());
                }
            }
        }
        return alive;
    }

    private static Set<NodeId> serving(FleetConfiguration fleet, Set<String> alive) {
        return fleet.nodes().stream()
                .filter(node -> alive.contains(node.address().toString()))
                .map(Node::id)
                .collect(Collectors.toSet());
    }

    private static Set<NodeId> ids(FleetConfiguration fleet) {
        return fleet.nodes().stream().map(Node::id).collect(Collectors.toSet());
    }

    private FleetConfiguration fleet(Random random) {
        var fleet = new Fleets(folder)
                .dns("policy = " + List.of("failover", "latency", "weighted").get(random.nextInt(3)));
        int regions = 1 + random.nextInt(REGIONS.size());
        for (int region = 0; region < regions; region++) {
            fleet.region(
                    REGIONS.get(region), "aws-region = " + NEAR.get(region) + ", weight = " + (1 + random.nextInt(3)));
            for (int node = 1; node <= 1 + random.nextInt(3); node++) {
                int host = region * 10 + node * 2 + random.nextInt(2);
                fleet.node(
                        REGIONS.get(region),
                        REGIONS.get(region) + "-" + node,
                        random.nextInt(4) == 0 ? "2001:db8::" + host : "192.0.2." + host);
            }
        }
        return fleet.build();
    }
}
