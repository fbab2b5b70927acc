package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.flotilla.controller.local.route53.AnswerRules.Choice;
import dev.flotilla.controller.local.route53.RecordContent.Alias;
import dev.flotilla.controller.local.route53.RecordContent.Values;
import dev.flotilla.controller.local.route53.Routing.Failover;
import dev.flotilla.controller.local.route53.Routing.Role;
import dev.flotilla.controller.local.route53.Routing.Simple;
import dev.flotilla.controller.local.route53.Routing.Weighted;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Developer Guide: "How Amazon Route 53 chooses records when health checking is configured", "How health checks work in
 * complex Amazon Route 53 configurations", "How Amazon Route 53 averts failover problems".
 */
@Timeout(30)
class AnswerRulesTest {
    private static final String ZONE = "flotilla.test";
    private static final String NAME = "mirror.flotilla.test";

    private final Set<String> unhealthy = new HashSet<>();
    private final AnswerRules rules = new AnswerRules(check -> !unhealthy.contains(check), new Random(53));

    @Test
    void anUnhealthySimpleSetIsAnsweredForWantOfAnother() {
        unhealthy.add("east");
        assertThat(answers(checked(set(NAME, new Simple(), "192.0.2.1"), "east")))
                .containsExactly("192.0.2.1");
    }

    @Test
    void thePrimaryIsAnsweredWhileItIsHealthyAndTheSecondaryElse() {
        RecordSet[] pair = {
            checked(set(NAME, new Failover("p", Role.PRIMARY), "192.0.2.1"), "east"),
            checked(set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2"), "west")
        };
        assertThat(answers(pair)).containsExactly("192.0.2.1");
        unhealthy.add("east");
        assertThat(answers(pair)).containsExactly("192.0.2.2");
    }

    @Test
    void ofAPairThatIsDownThePrimaryIsAnswered() {
        unhealthy.addAll(Set.of("east", "west"));
        assertThat(answers(
                        checked(set(NAME, new Failover("p", Role.PRIMARY), "192.0.2.1"), "east"),
                        checked(set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2"), "west")))
                .containsExactly("192.0.2.1");
    }

    @Test
    void aSetWithoutAHealthCheckIsAlwaysHealthy() {
        unhealthy.add("east");
        assertThat(answers(
                        checked(set(NAME, new Failover("p", Role.PRIMARY), "192.0.2.1"), "east"),
                        set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2")))
                .containsExactly("192.0.2.2");
    }

    @Test
    void weightedSetsAreAnsweredInProportion() {
        Map<String, Long> counts = counts(
                8_000, set(NAME, new Weighted("a", 1), "192.0.2.1"), set(NAME, new Weighted("b", 3), "192.0.2.2"));
        assertThat(counts.get("192.0.2.1")).isBetween(1_800L, 2_200L);
        assertThat(counts.get("192.0.2.2")).isBetween(5_800L, 6_200L);
    }

    @Test
    void anUnhealthyWeightedSetIsLeftOut() {
        unhealthy.add("east");
        assertThat(answers(
                        checked(set(NAME, new Weighted("a", 200), "192.0.2.1"), "east"),
                        checked(set(NAME, new Weighted("b", 1), "192.0.2.2"), "west")))
                .containsExactly("192.0.2.2");
    }

    @Test
    void aSetOfWeightZeroIsAnsweredOnlyWhenAllOthersAreDown() {
        RecordSet[] sets = {
            checked(set(NAME, new Weighted("a", 10), "192.0.2.1"), "east"),
            checked(set(NAME, new Weighted("b", 0), "192.0.2.2"), "west")
        };
        assertThat(answers(sets)).containsExactly("192.0.2.1");
        unhealthy.add("east");
        assertThat(answers(sets)).containsExactly("192.0.2.2");
        unhealthy.add("west");
        assertThat(answers(sets)).as("all down: as if all were healthy").containsExactly("192.0.2.1");
    }

    @Test
    void setsThatAllHaveWeightZeroAreEquallyLikely() {
        Map<String, Long> counts = counts(
                4_000, set(NAME, new Weighted("a", 0), "192.0.2.1"), set(NAME, new Weighted("b", 0), "192.0.2.2"));
        assertThat(counts.get("192.0.2.1")).isBetween(1_850L, 2_150L);
    }

    @Test
    void whenAllWeightedSetsAreDownAllAreAnswered() {
        unhealthy.addAll(Set.of("east", "west"));
        assertThat(answers(
                        checked(set(NAME, new Weighted("a", 1), "192.0.2.1"), "east"),
                        checked(set(NAME, new Weighted("b", 1), "192.0.2.2"), "west")))
                .containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
    }

    @Test
    void anAliasIsHealthyWhileItsTargetHasOneHealthySet() {
        RecordSet[] sets = fleet();
        assertThat(answers(sets)).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
        unhealthy.add("east-1");
        assertThat(answers(sets)).containsExactly("192.0.2.2");
        unhealthy.add("east-2");
        assertThat(answers(sets)).containsExactly("192.0.2.3");
    }

    @Test
    void whenAllIsDownTheFirstLeafIsAnsweredAsIfItWereHealthy() {
        unhealthy.addAll(Set.of("east-1", "east-2", "west-1"));
        assertThat(answers(fleet())).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
    }

    @Test
    void anAliasThatDoesNotEvaluateItsTargetIsHealthyWhateverTheTargetIs() {
        unhealthy.add("east-1");
        assertThat(answers(
                        checked(set("leaf.flotilla.test", new Simple(), "192.0.2.1"), "east-1"),
                        alias(NAME, new Failover("p", Role.PRIMARY), "leaf.flotilla.test", false),
                        set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2")))
                .containsExactly("192.0.2.1");
    }

    @Test
    void anAliasWithAHealthCheckNeedsBothToBeHealthy() {
        RecordSet[] sets = {
            checked(set("leaf.flotilla.test", new Simple(), "192.0.2.1"), "leaf"),
            checked(alias(NAME, new Failover("p", Role.PRIMARY), "leaf.flotilla.test", true), "own"),
            set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2")
        };
        assertThat(answers(sets)).containsExactly("192.0.2.1");
        unhealthy.add("own");
        assertThat(answers(sets)).containsExactly("192.0.2.2");
    }

    @Test
    void aChainOfThreeRegionsIsFollowedToTheFirstHealthyOne() {
        RecordSet[] sets = {
            checked(set("nodes.a.flotilla.test", new Weighted("1", 1), "192.0.2.1"), "a"),
            checked(set("nodes.b.flotilla.test", new Weighted("1", 1), "192.0.2.2"), "b"),
            checked(set("nodes.c.flotilla.test", new Weighted("1", 1), "192.0.2.3"), "c"),
            alias("rest.flotilla.test", new Failover("p", Role.PRIMARY), "nodes.b.flotilla.test", true),
            alias("rest.flotilla.test", new Failover("s", Role.SECONDARY), "nodes.c.flotilla.test", true),
            alias(NAME, new Failover("p", Role.PRIMARY), "nodes.a.flotilla.test", true),
            alias(NAME, new Failover("s", Role.SECONDARY), "rest.flotilla.test", true)
        };
        assertThat(answers(sets)).containsExactly("192.0.2.1");
        unhealthy.add("a");
        assertThat(answers(sets)).containsExactly("192.0.2.2");
        unhealthy.add("b");
        assertThat(answers(sets)).containsExactly("192.0.2.3");
        unhealthy.remove("a");
        assertThat(answers(sets)).containsExactly("192.0.2.1");
    }

    @Test
    void aliasesInALoopAreNotHealthyAndAnswerNothingRatherThanForever() {
        RecordSet[] loop = {
            alias(NAME, new Failover("p", Role.PRIMARY), "b.flotilla.test", true),
            alias("b.flotilla.test", new Simple(), NAME, true)
        };
        assertThat(choice(NAME, RecordType.A, loop)).isInstanceOf(Choice.NoData.class);
        assertThat(answers(loop[0], loop[1], set(NAME, new Failover("s", Role.SECONDARY), "192.0.2.2")))
                .containsExactly("192.0.2.2");
    }

    @Test
    void theHealthOfAThousandPathsToOneTargetIsLookedAtOnce() {
        RecordSet[] ladder = IntStream.range(0, 60)
                .boxed()
                .flatMap(step -> Stream.of(
                        alias(step(step), new Weighted("a", 1), step(step + 1), true),
                        alias(step(step), new Weighted("b", 1), step(step + 1), true)))
                .toArray(RecordSet[]::new);
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(choice(step(0), RecordType.A, ladder)).isInstanceOf(Choice.NoData.class));
    }

    @Test
    void aNameWithoutTheTypeHasNoDataAndOneThatIsNotThereIsNone() {
        RecordSet[] sets = {set("a.b.flotilla.test", new Simple(), "192.0.2.1")};
        assertThat(choice("a.b.flotilla.test", RecordType.AAAA, sets)).isInstanceOf(Choice.NoData.class);
        assertThat(choice("b.flotilla.test", RecordType.A, sets))
                .as("an empty name above")
                .isInstanceOf(Choice.NoData.class);
        assertThat(choice("c.flotilla.test", RecordType.A, sets)).isInstanceOf(Choice.NoName.class);
        assertThat(choice("x.a.b.flotilla.test", RecordType.A, sets)).isInstanceOf(Choice.NoName.class);
    }

    @Test
    void regionsOfWhichNothingIsKnownComeLastByName() {
        RecordSet[] sets = {
            set(NAME, new Routing.Latency("u", "us-west-2"), "192.0.2.1"),
            set(NAME, new Routing.Latency("a", "ap-south-1"), "192.0.2.2"),
            checked(set(NAME, new Routing.Latency("e", "eu-west-1"), "192.0.2.3"), "europe")
        };
        assertThat(found(List.of(), sets)).containsExactly("192.0.2.2");
        assertThat(found(List.of("eu-west-1"), sets)).containsExactly("192.0.2.3");
        unhealthy.add("europe");
        assertThat(found(List.of("eu-west-1"), sets)).containsExactly("192.0.2.2");
    }

    @Test
    void ofManySetsEveryCombinationHasItsTurnWithTheShortestTimeToLive() {
        RecordSet[] sets = IntStream.range(0, 10)
                .mapToObj(number -> new RecordSet(
                        DomainName.parse(NAME),
                        RecordType.A,
                        new Routing.Multivalue("m" + number),
                        new Values(60 + number, List.of("192.0.2." + number)),
                        Optional.empty()))
                .toArray(RecordSet[]::new);
        Set<Set<String>> combinations = new HashSet<>();
        for (int query = 0; query < 2_000; query++) {
            List<String> values = found(List.of(), sets);
            assertThat(values).hasSize(8).doesNotHaveDuplicates();
            combinations.add(Set.copyOf(values));
        }
        assertThat(combinations).as("8 of 10").hasSize(45);
        assertThat(choice(NAME, RecordType.A, sets[3], sets[7]))
                .isInstanceOfSatisfying(
                        Choice.Found.class,
                        found -> assertThat(found.values().ttlSeconds()).isEqualTo(63));
    }

    private List<String> found(List<String> nearest, RecordSet... sets) {
        return rules.choose(ZoneRecords.of(List.of(sets)), DomainName.parse(NAME), RecordType.A, nearest)
                        instanceof Choice.Found found
                ? found.values().values()
                : List.of();
    }

    private static String step(int number) {
        return "step-" + number + ".flotilla.test";
    }

    private static RecordSet[] fleet() {
        return new RecordSet[] {
            checked(set("nodes.east.flotilla.test", new Weighted("1", 1), "192.0.2.1"), "east-1"),
            checked(set("nodes.east.flotilla.test", new Weighted("2", 1), "192.0.2.2"), "east-2"),
            checked(set("nodes.west.flotilla.test", new Weighted("1", 1), "192.0.2.3"), "west-1"),
            alias(NAME, new Failover("p", Role.PRIMARY), "nodes.east.flotilla.test", true),
            alias(NAME, new Failover("s", Role.SECONDARY), "nodes.west.flotilla.test", true)
        };
    }

    /** All that is answered for the name in some hundred queries. */
    private Set<String> answers(RecordSet... sets) {
        return counts(200, sets).keySet();
    }

    private Map<String, Long> counts(int queries, RecordSet... sets) {
        return IntStream.range(0, queries)
                .mapToObj(_ -> choice(NAME, RecordType.A, sets))
                .flatMap(choice -> switch (choice) {
                    case Choice.Found found -> found.values().values().stream();
                    case Choice.CanonicalName _, Choice.NoData _, Choice.NoName _ -> Stream.empty();
                })
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private Choice choice(String name, RecordType type, RecordSet... sets) {
        return rules.choose(ZoneRecords.of(List.of(sets)), DomainName.parse(name), type, List.of());
    }

    private static RecordSet set(String name, Routing routing, String... values) {
        return new RecordSet(
                DomainName.parse(name), RecordType.A, routing, new Values(1, List.of(values)), Optional.empty());
    }

    private static RecordSet alias(String name, Routing routing, String target, boolean evaluate) {
        return new RecordSet(
                DomainName.parse(name),
                RecordType.A,
                routing,
                new Alias(ZONE, DomainName.parse(target), evaluate),
                Optional.empty());
    }

    private static RecordSet checked(RecordSet set, String healthCheck) {
        return new RecordSet(set.name(), set.type(), set.routing(), set.content(), Optional.of(healthCheck));
    }
}
