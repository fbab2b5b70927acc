package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.FleetDns.Outcome;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.AwsRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random fleets that change at random, in a zone with random records of others. */
class DnsPlanPropertiesTest {
    private static final List<String> REGIONS = List.of("alpha", "bravo", "charlie", "delta", "echo");
    private static final List<AwsRegion> AWS = List.of(AwsRegion.values());
    private static final int STEPS = 25;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyStepConvergesKeepsTheNamesAnsweredAndTouchesNothingForeign(long seed) throws Exception {
        var random = new Random(seed);
        var zone = new MemoryZone();
        boolean answered = false;
        for (int step = 0; step < STEPS; step++) {
            disturb(zone, random);
            FleetConfiguration fleet = fleet(random);
            Set<NodeId> serving = serving(fleet, random);
            var dns =
                    new FleetDns(fleet, zone, FleetDns.Timing.USUAL, () -> 0, duration -> {}, Fence.ALONE, line -> {});
            Set<RecordSet> foreign = foreign(zone);
            List<RecordSet> before = zone.all();

            Outcome outcome = dns.bring(serving);

            assertThat(foreign(zone)).isEqualTo(foreign);
            assertThat(outcome).isNotInstanceOf(Outcome.Overtaken.class);
            if (outcome instanceof Outcome.Refused) {
                assertThat(zone.all()).isEqualTo(before);
            } else {
                assertThat(dns.bring(serving)).isInstanceOf(Outcome.Unchanged.class);
            }
            answered |= hasLeaf(zone);
            assertThat(hasLeaf(zone)).as("once answered, always answered").isEqualTo(answered);
            assertThat(zone.all())
                    .allSatisfy(set -> assertThat(leadsSomewhere(set, zone)).isTrue());
        }
        assertThat(answered).isTrue();
    }

    private FleetConfiguration fleet(Random random) {
        var fleet = new Fleets(folder);
        String threshold = random.nextInt(4) == 0 ? ", check-threshold = " + (1 + random.nextInt(10)) : "";
        fleet.dns("policy = " + List.of("failover", "latency", "weighted").get(random.nextInt(3)) + threshold);
        for (String region : REGIONS) {
            fleet.region(
                    region,
                    "aws-region = " + AWS.get(REGIONS.indexOf(region) * 5 + random.nextInt(5)) + ", weight = "
                            + (1 + random.nextInt(3)));
        }
        boolean any = false;
        for (String region : REGIONS) {
            for (int number = 1; number <= 3; number++) {
                if (random.nextInt(3) == 0 || (!any && region.equals("echo") && number == 3)) {
                    int host = REGIONS.indexOf(region) * 20 + number * 4 + random.nextInt(2);
                    String address = random.nextInt(4) == 0 ? "2001:db8::" + host : "192.0.2." + (host + 1);
                    fleet.node(region, region + "-" + number, address);
                    any = true;
                }
            }
        }
        return fleet.build();
    }

    private static Set<NodeId> serving(FleetConfiguration fleet, Random random) {
        Set<NodeId> serving = new HashSet<>();
        for (Node node : fleet.nodes()) {
            if (random.nextInt(3) > 0) {
                serving.add(node.id());
            }
        }
        return serving;
    }

    /** Others put records into the zone and take them out, at our names and below. */
    private static void disturb(MemoryZone zone, Random random) {
        foreign(zone).stream().filter(set -> random.nextInt(2) == 0).forEach(zone::remove);
        List<String> names = List.of(
                "mirror.example.org",
                "alpha.mirror.example.org",
                "nodes.bravo.mirror.example.org",
                "next-2.mirror.example.org",
                "files.mirror.example.org",
                "www.example.org");
        for (String name : names) {
            boolean free =
                    zone.all().stream().noneMatch(set -> set.name().value().equals(name));
            if (free && random.nextInt(8) == 0) {
                String type = List.of("A", "AAAA", "TXT", "CNAME").get(random.nextInt(4));
                zone.put(new RecordSet(
                        new DnsName(name),
                        type,
                        Optional.empty(),
                        new Routing.Simple(),
                        new Content.Values(Duration.ofMinutes(1), List.of("foreign-" + random.nextInt())),
                        Optional.empty()));
            }
        }
    }

    private static Set<RecordSet> foreign(MemoryZone zone) {
        Set<RecordSet> foreign = new HashSet<>();
        for (RecordSet set : zone.all()) {
            boolean marker = set.name().value().startsWith("_flotilla.");
            if (set.identifier().isEmpty() && !marker) {
                foreign.add(set);
            }
        }
        return foreign;
    }

    private static boolean hasLeaf(MemoryZone zone) {
        return zone.all().stream().anyMatch(RecordTree::isLeaf);
    }

    private static boolean leadsSomewhere(RecordSet set, MemoryZone zone) {
        return !(set.content() instanceof Content.Alias alias)
                || zone.all().stream()
                        .anyMatch(other -> other.name().equals(alias.target())
                                && other.type().equals(set.type())
                                && other.identifier().isPresent());
    }
}
