package dev.flotilla.controller.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.dns.RecordTree;
import dev.flotilla.controller.fleet.AwsRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.simulate.Answers.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulation and the stand-in's name server, which share no code, on records and health at random. */
@Timeout(120)
class AgreementTest {
    private static final DnsName ZONE = new DnsName("example.org");
    private static final List<String> REGIONS = List.of("alpha", "bravo", "charlie", "delta");
    private static final List<AwsRegion> NEAR =
            List.of(AwsRegion.US_EAST_1, AwsRegion.EU_WEST_1, AwsRegion.AP_SOUTH_1, AwsRegion.SA_EAST_1);
    private static final int CASES = 20;

    /** So seldom that everything is seen: the rarest answer of these cases comes once in a hundred. */
    private static final int MOST_QUESTIONS = 4_000;

    private static StandInZone standIn;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        Set<List<String>> places = new LinkedHashSet<>();
        NEAR.forEach(region -> places.add(nearest(region)));
        standIn = new StandInZone(ZONE, places);
    }

    @AfterAll
    static void stop() {
        standIn.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ofRandomFleetsTheyAnswerTheSame(long seed) throws Exception {
        var random = new Random(seed);
        for (int number = 0; number < CASES; number++) {
            FleetConfiguration fleet = fleet(random);
            List<RecordSet> records = RecordTree.whole(fleet, fleet.dns().orElseThrow());
            standIn.put(records);
            compare(records, random);
            compare(records, random);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ofRandomTreesTheyAnswerTheSame(long seed) throws Exception {
        var random = new Random(seed);
        for (int number = 0; number < CASES; number++) {
            List<RecordSet> records = tree(random);
            standIn.put(records);
            compare(records, random);
            compare(records, random);
        }
    }

    private static void compare(List<RecordSet> records, Random random) throws IOException {
        Set<CheckReference> down = records.stream()
                .flatMap(set -> set.check().stream())
                .filter(check -> random.nextInt(5) < 2)
                .collect(Collectors.toSet());
        standIn.down(down);
        var answers = new Answers(records, check -> !down.contains(check));
        List<String> nearest = nearest(NEAR.get(random.nextInt(NEAR.size())));
        for (DnsName name :
                records.stream().map(RecordSet::name).collect(Collectors.toCollection(LinkedHashSet::new))) {
            for (String type : List.of("A", "AAAA")) {
                Set<Set<String>> seen = new HashSet<>();
                Set<Set<String>> all = answers.to(name, type, nearest).stream()
                        .map(Answer::values)
                        .collect(Collectors.toSet());
                if (all.isEmpty()) {
                    all = Set.of(Set.of());
                }
                for (int question = 0; question < 3 || !seen.equals(all); question++) {
                    Set<String> values = standIn.ask(name, type, nearest);
                    assertThat(all)
                            .as("%s %s near %s with %s down, from %s", name, type, nearest.getFirst(), down, records)
                            .contains(values);
                    seen.add(values);
                    assertThat(question)
                            .as("%s %s never gets all of %s, from %s", name, type, all, records)
                            .isLessThan(MOST_QUESTIONS);
                }
            }
        }
    }

    private FleetConfiguration fleet(Random random) {
        var fleet = new Fleets(folder)
                .dns("policy = " + List.of("failover", "latency", "weighted").get(random.nextInt(3)));
        int address = 1;
        int regions = 1 + random.nextInt(REGIONS.size());
        for (int region = 0; region < regions; region++) {
            fleet.region(
                    REGIONS.get(region),
                    "aws-region = " + NEAR.get(region) + ", weight = " + (region == 0 ? 2 : random.nextInt(4)));
            int nodes = 1 + random.nextInt(3);
            for (int node = 1; node <= nodes; node++) {
                fleet.node(
                        REGIONS.get(region),
                        REGIONS.get(region) + "-" + node,
                        random.nextInt(4) == 0 ? "2001:db8::" + address : "192.0.2." + address);
                address++;
            }
        }
        return fleet.build();
    }

    /** Six names, each led by any rule to addresses or to names behind it, with checks and without. */
    private static List<RecordSet> tree(Random random) {
        List<RecordSet> records = new ArrayList<>();
        int address = 1;
        for (int name = 5; name >= 0; name--) {
            int kind = random.nextInt(5);
            int members = kind == 0 ? 1 : kind == 1 ? 2 : 1 + random.nextInt(3);
            List<AwsRegion> regions = new ArrayList<>(NEAR);
            Collections.shuffle(regions, random);
            for (int member = 0; member < members; member++) {
                Routing routing = switch (kind) {
                    case 0 -> new Routing.Simple();
                    case 1 -> new Routing.Failover(member == 0);
                    case 2 -> new Routing.Latency(regions.get(member).id());
                    case 3 -> new Routing.Multivalue();
                    default -> new Routing.Weighted(random.nextInt(4));
                };
                boolean alias = kind != 3 && name < 4 && random.nextInt(3) > 0;
                Content content = alias
                        ? new Content.Alias(
                                ZONE.below("n" + (name + 1 + random.nextInt(5 - name))), random.nextInt(5) > 0)
                        : new Content.Values(Vectors.TTL, List.of("192.0.2." + address));
                records.add(new RecordSet(
                        ZONE.below("n" + name),
                        "A",
                        kind == 0 ? Optional.empty() : Optional.of("set-" + member),
                        routing,
                        content,
                        random.nextInt(alias ? 6 : 4) == 0 == alias
                                ? Optional.of(new CheckReference.Existing("check-" + address))
                                : Optional.empty()));
                address++;
            }
        }
        return records;
    }

    private static List<String> nearest(AwsRegion region) {
        return region.byDistance().stream().map(AwsRegion::id).toList();
    }
}
