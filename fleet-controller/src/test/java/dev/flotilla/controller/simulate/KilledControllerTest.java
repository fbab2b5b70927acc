package dev.flotilla.controller.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.BatchLimits;
import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.DnsPlan;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.HealthCheck;
import dev.flotilla.controller.dns.MemoryZone;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.fleet.AwsRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fleet becomes another one at random, while some of its nodes are dead: whatever call the controller is killed before,
 * and whoever changes the names in between, clients of every name are led to somebody who serves, if the records before and
 * the records afterwards lead them to such a one.
 */
@Timeout(120)
class KilledControllerTest {
    private static final DnsName NAME = new DnsName("mirror.example.org");
    private static final List<String> REGIONS = List.of("alpha", "bravo", "charlie", "delta");
    private static final List<AwsRegion> NEAR =
            List.of(AwsRegion.US_EAST_1, AwsRegion.EU_WEST_1, AwsRegion.AP_SOUTH_1, AwsRegion.SA_EAST_1);
    private static final int FLEETS = 10;

    /** So few that all but the smallest changes take several batches. */
    private static final BatchLimits FEW = new BatchLimits(4, 31_000);

    private static final List<DnsName> LEAVES =
            REGIONS.stream().map(region -> NAME.below("nodes." + region)).toList();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1, 990", "2, 4", "3, 4", "4, 1"})
    void killedBeforeAnyCallTheNamesLeadToWhatServesAndTheNextOneFinishes(long seed, int records) throws Exception {
        var limits = new BatchLimits(records, 31_000);
        int killed = 0;
        for (int number = 0; number < FLEETS; number++) {
            var random = new Random(seed * 1_000 + number);
            FleetConfiguration before = fleet(random);
            FleetConfiguration after = fleet(random);
            Set<String> alive = alive(List.of(before, after), random);
            killed += kill(before, after, alive, limits);
        }
        assertThat(killed).as("there were calls to be killed before").isGreaterThan(FLEETS);
    }

    @Test
    void aRegionThatMovesUpInAChainIsInItAllTheTime() throws Exception {
        FleetConfiguration before = everyRegion(0).build();
        FleetConfiguration after = everyRegion(1).build();
        String second = "192.0.2.2";
        assertThat(kill(before, after, Set.of(second), new BatchLimits(1, 31_000)))
                .isGreaterThan(REGIONS.size());
    }

    private Fleets everyRegion(int from) {
        var fleet = new Fleets(folder);
        for (int region = from; region < REGIONS.size(); region++) {
            fleet.node(REGIONS.get(region), REGIONS.get(region) + "-1", "192.0.2." + (region + 1));
        }
        return fleet;
    }

    /** Kills the controller before its first call, before its second and so on, until it finishes; says how often. */
    private static int kill(FleetConfiguration before, FleetConfiguration after, Set<String> alive, BatchLimits limits)
            throws Exception {
        Set<NodeId> serving = serving(after, alive);
        MemoryZone wanted = brought(before, after, serving);
        var ends = List.of(answered(zone(before), alive, LEAVES), answered(wanted, alive, LEAVES));
        for (int calls = 0; ; calls++) {
            MemoryZone zone = zone(before);
            var watch = new Watch(zone, alive, LEAVES, ends);
            zone.beforeWrite(watch::look);
            zone.dieAfter(calls, new IllegalStateException("killed"));
            boolean finished = false;
            try {
                dns(after, zone, limits).bring(serving);
                finished = true;
            } catch (IllegalStateException dead) {
                assertThat(dead).hasMessage("killed");
            }
            watch.look();
            zone.live();
            dns(after, zone, limits).bring(serving);
            watch.look();
            assertThat(without(zone.all())).isEqualTo(without(wanted.all()));
            assertThat(dns(after, zone, limits).bring(serving))
                    .isInstanceOfAny(Outcome.Unchanged.class, Outcome.Refused.class);
            if (finished) {
                return calls;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void whileTwoControllersWantDifferentThingsTheNamesLeadToWhatServes(long seed) throws Exception {
        int met = 0;
        for (int number = 0; number < FLEETS; number++) {
            var random = new Random(seed * 1_000 + number);
            FleetConfiguration before = fleet(random);
            FleetConfiguration one = fleet(random);
            FleetConfiguration other = fleet(random);
            Set<String> alive = alive(List.of(before, one, other), random);
            // A leaf alone may be empty meanwhile: of a dead node that the first has taken out and the second keeps.
            var ends = List.of(
                    answered(zone(before), alive, List.of()),
                    answered(brought(before, one, serving(one, alive)), alive, List.of()),
                    answered(brought(before, other, serving(other, alive)), alive, List.of()));
            for (int calls = 0; calls < 6; calls++) {
                MemoryZone zone = zone(before);
                var watch = new Watch(zone, alive, List.of(), ends);
                zone.beforeWrite(watch::look);
                var until = new AtomicInteger(calls);
                var came = new AtomicBoolean();
                zone.beforeChange(() -> {
                    if (until.getAndDecrement() == 0) {
                        came.set(true);
                        bring(other, zone, serving(other, alive));
                    }
                });
                bring(one, zone, serving(one, alive));
                watch.look();
                met += came.get() ? 1 : 0;
            }
        }
        assertThat(met).as("they met").isGreaterThan(FLEETS);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 990})
    void whatIsDoneByACallWhoseAnswerIsLostIsNotTakenForSomebodyElses(int records) throws Exception {
        var random = new Random(8);
        int changed = 0;
        for (int number = 0; number < FLEETS; number++) {
            FleetConfiguration before = fleet(random);
            FleetConfiguration after = fleet(random);
            Set<String> alive = alive(List.of(before, after), random);
            Set<NodeId> serving = serving(after, alive);
            MemoryZone zone = zone(before);
            MemoryZone wanted = brought(before, after, serving);
            zone.loseAnswers();
            FleetDns dns = dns(after, zone, new BatchLimits(records, 31_000), new Holder());
            if (dns.plan(serving) instanceof DnsPlan.Planning.Planned planned) {
                assertThat(dns.apply(planned.plan())).isInstanceOfAny(Outcome.Applied.class, Outcome.Unchanged.class);
                changed += planned.plan().isEmpty() ? 0 : 1;
            }
            assertThat(without(zone.all())).isEqualTo(without(wanted.all()));
        }
        assertThat(changed).isGreaterThan(FLEETS / 2);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void aPlanThatSomebodyHasOvertakenChangesNothing(long seed) throws Exception {
        int overtaken = 0;
        for (int number = 0; number < FLEETS; number++) {
            var random = new Random(seed * 1_000 + number);
            MemoryZone zone = zone(fleet(random));
            FleetConfiguration one = fleet(random);
            FleetConfiguration other = fleet(random);
            FleetDns late = dns(one, zone, FEW);
            DnsPlan.Planning planning = late.plan(ids(one));
            Outcome changed = dns(other, zone, FEW).bring(ids(other));
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

    /** Looks at the fleet's name, the regions' and these leaves, from everywhere. */
    private record Watch(
            MemoryZone zone, Set<String> alive, List<DnsName> leaves, List<Map<Question, Set<String>>> ends) {
        void look() {
            Map<Question, Set<String>> now = answered(zone, alive, leaves);
            ends.getFirst().keySet().stream()
                    .filter(question -> ends.stream().allMatch(end -> end.containsKey(question)))
                    .forEach(question -> {
                        Set<String> values = now.getOrDefault(question, Set.of());
                        assertThat(values)
                                .as("%s while %s are alive: %s", question, alive, zone.all())
                                .isNotEmpty();
                        if (ends.stream().allMatch(end -> alive.containsAll(end.getOrDefault(question, Set.of())))) {
                            assertThat(alive).as("%s: %s", question, zone.all()).containsAll(values);
                        }
                    });
        }
    }

    /** All that clients are given, wherever they are. */
    private static Map<Question, Set<String>> answered(MemoryZone zone, Set<String> alive, List<DnsName> leaves) {
        Map<String, String> addresses = zone.allChecks().stream()
                .collect(Collectors.toMap(
                        HealthCheck::id,
                        check -> check.settings().orElseThrow().address().toString()));
        var answers = new Answers(
                zone.all(),
                check -> !(check instanceof CheckReference.Existing existing)
                        || alive.contains(addresses.getOrDefault(existing.id(), "")));
        List<DnsName> names = new ArrayList<>(leaves);
        names.add(NAME);
        REGIONS.forEach(region -> names.add(NAME.below(region)));
        Map<Question, Set<String>> answered = new HashMap<>();
        for (DnsName name : names) {
            for (String type : List.of("A", "AAAA")) {
                for (AwsRegion near : name.equals(NAME) ? NEAR : NEAR.subList(0, 1)) {
                    Set<String> values =
                            answers
                                    .to(
                                            name,
                                            type,
                                            near.byDistance().stream()
                                                    .map(AwsRegion::id)
                                                    .toList())
                                    .stream()
                                    .flatMap(answer -> answer.values().stream())
                                    .collect(Collectors.toSet());
                    if (!values.isEmpty()) {
                        answered.put(new Question(name, type, near), values);
                    }
                }
            }
        }
        return answered;
    }

    private record Question(DnsName name, String type, AwsRegion near) {}

    /** Where a fleet is in DNS with all of its nodes. */
    private static MemoryZone zone(FleetConfiguration fleet) throws Exception {
        var zone = new MemoryZone();
        dns(fleet, zone, BatchLimits.ROUTE53).bring(ids(fleet));
        return zone;
    }

    /** The zone once that has become of it, without a disturbance. */
    private static MemoryZone brought(FleetConfiguration before, FleetConfiguration after, Set<NodeId> serving)
            throws Exception {
        MemoryZone zone = zone(before);
        dns(after, zone, BatchLimits.ROUTE53).bring(serving);
        return zone;
    }

    private static void bring(FleetConfiguration fleet, MemoryZone zone, Set<NodeId> serving) {
        try {
            dns(fleet, zone, FEW).bring(serving);
        } catch (IOException | InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    /** The fleet's records but for the marker, which counts batches, and the numbers of checks. */
    private static Set<String> without(List<RecordSet> records) {
        return records.stream()
                .filter(set -> !set.type().equals("TXT"))
                .map(set -> set.key() + " " + set.routing() + " " + set.content())
                .collect(Collectors.toSet());
    }

    /** Who holds the fleet's lock, as every controller but the local fleet's does. */
    private record Holder() implements Fence {
        @Override
        public long generation() {
            return 1;
        }

        @Override
        public Optional<String> lost() {
            return Optional.empty();
        }
    }

    private static FleetDns dns(FleetConfiguration fleet, MemoryZone zone, BatchLimits limits) {
        return dns(fleet, zone, limits, Fence.ALONE);
    }

    private static FleetDns dns(FleetConfiguration fleet, MemoryZone zone, BatchLimits limits, Fence fence) {
        return new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, duration -> {}, fence, line -> {}, limits);
    }

    /** Some of all addresses, old and new. */
    private static Set<String> alive(List<FleetConfiguration> fleets, Random random) {
        Set<String> alive = new HashSet<>();
        for (FleetConfiguration fleet : fleets) {
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
