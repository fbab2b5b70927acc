package dev.flotilla.controller.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordTreeTest {
    private static final List<String> NAMES = List.of("alpha", "bravo", "charlie", "delta", "echo", "foxtrot");

    @TempDir
    Path folder;

    private FleetConfiguration fleet(int regions) {
        var fleet = new Fleets(folder);
        for (int i = 0; i < regions; i++) {
            fleet.node(NAMES.get(i), NAMES.get(i) + "-1", "192.0.2." + (i + 1));
        }
        return fleet.build();
    }

    private static List<RecordSet> tree(FleetConfiguration fleet) {
        return tree(fleet, Set.of());
    }

    private static List<RecordSet> tree(FleetConfiguration fleet, Set<String> regionsOutside) {
        var dns = fleet.dns().orElseThrow();
        var targets = new LinkedHashMap<RegionName, RecordTree.Branch>();
        for (Region region : fleet.regions()) {
            List<RecordTree.Target> inRegion = new ArrayList<>();
            for (Node node : region.nodes()) {
                if (!regionsOutside.contains(region.name().value())) {
                    inRegion.add(new RecordTree.Target(
                            node.id(), node.address(), new CheckReference.Wanted(HealthCheckSettings.of(node, dns))));
                }
            }
            targets.put(region.name(), new RecordTree.Branch(region.traffic(), inRegion));
        }
        return RecordTree.of(fleet.name(), dns, targets);
    }

    private static String text(List<RecordSet> tree) {
        return tree.stream()
                        .map(RecordTreeTest::line)
                        .map(line -> line.replace(".mirror.example.org", ".~").replace("mirror.example.org", "~"))
                        .collect(Collectors.joining("\n"))
                + "\n";
    }

    private static String line(RecordSet records) {
        return records.toString().replaceAll(" +", " ") + " ["
                + records.identifier().orElse("") + "]";
    }

    @Test
    void oneRegionAnswersByItselfAndIsReadyForASecond() {
        assertThat(text(tree(fleet(1)))).isEqualTo("""
                A nodes.alpha.~ weight 10 192.0.2.1 (ttl 60 s), check 192.0.2.1:8080/readyz [flotilla:acme:nodes.alpha:alpha-1:a]
                A alpha.~ first -> nodes.alpha.~ [flotilla:acme:alpha:a:primary]
                A ~ first -> nodes.alpha.~ [flotilla:acme:@:a:primary]
                """);
    }

    @Test
    void ofTwoRegionsEachIsTheOthersSecondChoice() {
        assertThat(text(tree(fleet(2)))).isEqualTo("""
                A nodes.alpha.~ weight 10 192.0.2.1 (ttl 60 s), check 192.0.2.1:8080/readyz [flotilla:acme:nodes.alpha:alpha-1:a]
                A nodes.bravo.~ weight 10 192.0.2.2 (ttl 60 s), check 192.0.2.2:8080/readyz [flotilla:acme:nodes.bravo:bravo-1:a]
                A alpha.~ then -> nodes.bravo.~ [flotilla:acme:alpha:a:secondary]
                A alpha.~ first -> nodes.alpha.~ [flotilla:acme:alpha:a:primary]
                A bravo.~ then -> nodes.alpha.~ [flotilla:acme:bravo:a:secondary]
                A bravo.~ first -> nodes.bravo.~ [flotilla:acme:bravo:a:primary]
                A ~ then -> nodes.bravo.~ [flotilla:acme:@:a:secondary]
                A ~ first -> nodes.alpha.~ [flotilla:acme:@:a:primary]
                """);
    }

    @Test
    void moreThanTwoRegionsFormAChain() {
        String text = text(tree(fleet(4)));
        assertThat(text).endsWith("""
                A next-3.delta.~ then -> nodes.charlie.~ [flotilla:acme:next-3.delta:a:secondary]
                A next-3.delta.~ first -> nodes.bravo.~ [flotilla:acme:next-3.delta:a:primary]
                A next-2.delta.~ then -> next-3.delta.~ [flotilla:acme:next-2.delta:a:secondary]
                A next-2.delta.~ first -> nodes.alpha.~ [flotilla:acme:next-2.delta:a:primary]
                A delta.~ then -> next-2.delta.~ [flotilla:acme:delta:a:secondary]
                A delta.~ first -> nodes.delta.~ [flotilla:acme:delta:a:primary]
                A next-3.~ then -> nodes.delta.~ [flotilla:acme:next-3.@:a:secondary]
                A next-3.~ first -> nodes.charlie.~ [flotilla:acme:next-3.@:a:primary]
                A next-2.~ then -> next-3.~ [flotilla:acme:next-2.@:a:secondary]
                A next-2.~ first -> nodes.bravo.~ [flotilla:acme:next-2.@:a:primary]
                A ~ then -> next-2.~ [flotilla:acme:@:a:secondary]
                A ~ first -> nodes.alpha.~ [flotilla:acme:@:a:primary]
                """);
    }

    @Test
    void byLatencyTheFleetsNameLeadsToEachRegionAndTheRegionsNamesFailOverAsEver() {
        var fleet = new Fleets(folder)
                .dns("policy = latency")
                .region("alpha", "aws-region = eu-central-1")
                .region("bravo", "aws-region = us-west-2")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("bravo", "bravo-1", "192.0.2.2")
                .node("bravo", "bravo-2", "2001:db8::2")
                .build();
        assertThat(text(tree(fleet))).contains("""
                A bravo.~ then -> nodes.alpha.~ [flotilla:acme:bravo:a:secondary]
                A bravo.~ first -> nodes.bravo.~ [flotilla:acme:bravo:a:primary]
                A ~ near eu-central-1 -> nodes.alpha.~ [flotilla:acme:@:a:near:alpha]
                A ~ near us-west-2 -> nodes.bravo.~ [flotilla:acme:@:a:near:bravo]
                """).endsWith("""
                AAAA bravo.~ first -> nodes.bravo.~ [flotilla:acme:bravo:aaaa:primary]
                AAAA ~ near us-west-2 -> nodes.bravo.~ [flotilla:acme:@:aaaa:near:bravo]
                """);
    }

    @Test
    void byWeightTheFleetsNameLeadsToTheRegionsInProportionAndNoAliasIsTakenForANode() {
        var fleet = new Fleets(folder)
                .dns("policy = weighted")
                .region("alpha", "weight = 200")
                .region("bravo", "weight = 0")
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("bravo", "bravo-1", "192.0.2.2")
                .build();
        List<RecordSet> tree = tree(fleet);
        assertThat(text(tree)).endsWith("""
                A ~ weight 200 -> nodes.alpha.~ [flotilla:acme:@:a:weight:alpha]
                A ~ weight 0 -> nodes.bravo.~ [flotilla:acme:@:a:weight:bravo]
                """);
        assertThat(tree.stream().filter(RecordTree::isLeaf)).hasSize(2);
    }

    @Test
    void aRegionWithoutNodesInDnsIsAnsweredByTheOthers() {
        assertThat(text(tree(fleet(3), Set.of("alpha")))).isEqualTo("""
                A nodes.bravo.~ weight 10 192.0.2.2 (ttl 60 s), check 192.0.2.2:8080/readyz [flotilla:acme:nodes.bravo:bravo-1:a]
                A nodes.charlie.~ weight 10 192.0.2.3 (ttl 60 s), check 192.0.2.3:8080/readyz [flotilla:acme:nodes.charlie:charlie-1:a]
                A alpha.~ then -> nodes.charlie.~ [flotilla:acme:alpha:a:secondary]
                A alpha.~ first -> nodes.bravo.~ [flotilla:acme:alpha:a:primary]
                A bravo.~ then -> nodes.charlie.~ [flotilla:acme:bravo:a:secondary]
                A bravo.~ first -> nodes.bravo.~ [flotilla:acme:bravo:a:primary]
                A charlie.~ then -> nodes.bravo.~ [flotilla:acme:charlie:a:secondary]
                A charlie.~ first -> nodes.charlie.~ [flotilla:acme:charlie:a:primary]
                A ~ then -> nodes.charlie.~ [flotilla:acme:@:a:secondary]
                A ~ first -> nodes.bravo.~ [flotilla:acme:@:a:primary]
                """);
    }

    @Test
    void addressesOfBothFamiliesHaveTreesOfTheirOwn() {
        var fleet = new Fleets(folder)
                .node("alpha", "alpha-1", "192.0.2.1")
                .node("alpha", "alpha-2", "2001:db8::2")
                .node("bravo", "bravo-1", "192.0.2.3")
                .build();
        assertThat(text(tree(fleet))).contains("""
                AAAA nodes.alpha.~ weight 10 2001:db8:0:0:0:0:0:2 (ttl 60 s), check [2001:db8:0:0:0:0:0:2]:8080/readyz [flotilla:acme:nodes.alpha:alpha-2:aaaa]
                AAAA alpha.~ first -> nodes.alpha.~ [flotilla:acme:alpha:aaaa:primary]
                AAAA bravo.~ first -> nodes.alpha.~ [flotilla:acme:bravo:aaaa:primary]
                AAAA ~ first -> nodes.alpha.~ [flotilla:acme:@:aaaa:primary]
                """);
    }

    @Test
    void withoutANodeThereIsNothing() {
        assertThat(tree(fleet(2), Set.of("alpha", "bravo"))).isEmpty();
    }

    /** What a client gets from a name when all nodes of some regions are unhealthy, by Route53's rules for failover. */
    private static Optional<String> answer(List<RecordSet> tree, String name, Set<String> dead) {
        List<RecordSet> here =
                tree.stream().filter(set -> set.name().value().equals(name)).toList();
        if (here.getFirst().content() instanceof Content.Values) {
            String region = name.split("\\.", -1)[1];
            return dead.contains(region) ? Optional.empty() : Optional.of(region);
        }
        for (boolean primary : new boolean[] {true, false}) {
            for (RecordSet set : here) {
                boolean role = ((RecordSet.Routing.Failover) set.routing()).primary();
                if (role == primary) {
                    Optional<String> found = answer(
                            tree, ((Content.Alias) set.content()).target().value(), dead);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void everyCombinationOfDeadRegionsIsAnsweredByTheFirstOfTheOthers(int regions) {
        var tree = tree(fleet(regions));
        for (int combination = 0; combination < 1 << regions; combination++) {
            Set<String> dead = new HashSet<>();
            for (int i = 0; i < regions; i++) {
                if ((combination >> i & 1) == 1) {
                    dead.add(NAMES.get(i));
                }
            }
            List<String> alive = NAMES.subList(0, regions).stream()
                    .filter(region -> !dead.contains(region))
                    .toList();
            Optional<String> first = alive.stream().findFirst();
            assertThat(answer(tree, "mirror.example.org", dead)).isEqualTo(first);
            for (String region : NAMES.subList(0, regions)) {
                assertThat(answer(tree, region + ".mirror.example.org", dead))
                        .isEqualTo(dead.contains(region) ? first : Optional.of(region));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatAnAliasLeadsToAlwaysStandsBeforeIt(int regions) {
        Set<String> seen = new HashSet<>();
        Set<String> identifiers = new HashSet<>();
        for (RecordSet set : tree(fleet(regions))) {
            if (set.content() instanceof Content.Alias alias) {
                assertThat(seen).contains(alias.target().value());
            }
            seen.add(set.name().value());
            assertThat(identifiers.add(set.identifier().orElseThrow()))
                    .as("identifiers are unique")
                    .isTrue();
        }
    }

    @Test
    void longNamesStillGiveIdentifiersThatRoute53Takes() {
        String label = "r".repeat(63);
        var fleet = new Fleets(folder)
                .named("f".repeat(63))
                .node(label, "n".repeat(63), "192.0.2.1")
                .node("other", "n".repeat(62), "192.0.2.2")
                .build();
        assertThat(tree(fleet))
                .allSatisfy(set -> assertThat(set.identifier().orElseThrow())
                        .hasSizeLessThanOrEqualTo(128)
                        .startsWith("flotilla:" + "f".repeat(63) + ":"));
        assertThat(tree(fleet).stream().map(RecordSet::identifier).distinct()).hasSameSizeAs(tree(fleet));
    }
}
