package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.RecordContent.Alias;
import dev.flotilla.controller.local.route53.RecordContent.Values;
import dev.flotilla.controller.local.route53.Routing.Role;
import dev.flotilla.controller.local.route53.Routing.Weighted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Chooses what a query is answered with, from the records of its zone and the health of the moment (Developer Guide, "How
 * Amazon Route 53 chooses records when health checking is configured" and "How health checks work in complex Amazon
 * Route 53 configurations"). Immutable; as safe for threads as the random source.
 */
final class AnswerRules {
    /** How many sets are answered at once where several are. */
    private static final int MOST_VALUES = 8;

    private final Health health;
    private final RandomGenerator random;

    AnswerRules(Health health, RandomGenerator random) {
        this.health = health;
        this.random = random;
    }

    /** What there is to answer under one name. */
    sealed interface Choice {
        /** Values of the type that was asked for. */
        record Found(Values values) implements Choice {}

        /** The name is another name for one that has to be asked instead. */
        record CanonicalName(Values values) implements Choice {}

        /** The name exists, but has nothing of the type. */
        record NoData() implements Choice {}

        /** Neither the name nor any name below it has records. */
        record NoName() implements Choice {}
    }

    /**
     * Chooses for one client.
     *
     * @param nearest the AWS regions in the order of their latency to the client, as far as it is known
     */
    Choice choose(ZoneRecords records, DomainName name, RecordType type, List<String> nearest) {
        Optional<Values> values = values(records, name, type, nearest, new HashSet<>());
        if (values.isPresent()) {
            return new Choice.Found(values.get());
        }
        if (!records.exists(name)) {
            return new Choice.NoName();
        }
        if (type == RecordType.CNAME) {
            return new Choice.NoData();
        }
        return values(records, name, RecordType.CNAME, nearest, new HashSet<>())
                .<Choice>map(Choice.CanonicalName::new)
                .orElseGet(Choice.NoData::new);
    }

    /** Follows aliases to values; empty where nothing is found, which a loop or a dangling alias amounts to. */
    private Optional<Values> values(
            ZoneRecords records, DomainName name, RecordType type, List<String> nearest, Set<DomainName> passed) {
        List<RecordSet> group = records.group(name, type);
        if (group.isEmpty() || !passed.add(name)) {
            return Optional.empty();
        }
        Predicate<RecordSet> healthy = health(records, passed);
        if (group.getFirst().routing() instanceof Routing.Multivalue) {
            return Optional.of(several(group, healthy));
        }
        return switch (member(group, nearest, healthy).content()) {
            case Values values -> Optional.of(values);
            case Alias alias -> values(records, alias.target(), type, nearest, passed);
        };
    }

    /**
     * How the sets of a group are, each looked at once.
     *
     * @param passed the names on the way to the group and its own: an alias that leads back to one of them is not healthy
     */
    private Predicate<RecordSet> health(ZoneRecords records, Set<DomainName> passed) {
        Map<DomainName, Boolean> known = new HashMap<>();
        passed.forEach(name -> known.put(name, false));
        return set -> isHealthy(records, set, known);
    }

    /** Chooses one set of a group that is not empty; all sets of a group are routed in the same way. */
    private RecordSet member(List<RecordSet> group, List<String> nearest, Predicate<RecordSet> healthy) {
        return switch (group.getFirst().routing()) {
            case Routing.Simple _, Routing.Multivalue _ -> group.getFirst();
            case Routing.Failover _ -> failoverMember(group, healthy);
            case Routing.Latency _ -> latencyMember(group, nearest, healthy);
            case Weighted _ -> weightedMember(group, healthy);
        };
    }

    /**
     * Developer Guide, "How health checks work in complex Amazon Route 53 configurations": the healthy set with the best
     * latency; the best of all where none is healthy. Regions of which nothing is known come last, by name.
     */
    private static RecordSet latencyMember(List<RecordSet> group, List<String> nearest, Predicate<RecordSet> healthy) {
        List<RecordSet> fit = group.stream().filter(healthy).toList();
        return (fit.isEmpty() ? group : fit)
                .stream()
                        .min(Comparator.comparingInt((RecordSet set) -> {
                                    int place = nearest.indexOf(region(set));
                                    return place < 0 ? Integer.MAX_VALUE : place;
                                })
                                .thenComparing(AnswerRules::region))
                        .orElseThrow();
    }

    private static String region(RecordSet set) {
        return set.routing() instanceof Routing.Latency latency ? latency.region() : "";
    }

    /** API Reference, ResourceRecordSet, MultiValueAnswer: up to eight healthy sets, up to eight of all where none is. */
    private Values several(List<RecordSet> group, Predicate<RecordSet> healthy) {
        List<RecordSet> fit = group.stream().filter(healthy).toList();
        List<Values> offered = (fit.isEmpty() ? group : fit)
                .stream()
                        .map(RecordSet::content)
                        .filter(Values.class::isInstance)
                        .map(Values.class::cast)
                        .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(offered, random);
        List<Values> chosen = offered.subList(0, Math.min(MOST_VALUES, offered.size()));
        return new Values(
                chosen.stream().mapToLong(Values::ttlSeconds).min().orElseThrow(),
                chosen.stream()
                        .flatMap(values -> values.values().stream())
                        .distinct()
                        .toList());
    }

    /** The primary while it is healthy, else the secondary while that is, else the primary. */
    private static RecordSet failoverMember(List<RecordSet> pair, Predicate<RecordSet> healthy) {
        Optional<RecordSet> primary = withRole(pair, Role.PRIMARY);
        Optional<RecordSet> secondary = withRole(pair, Role.SECONDARY);
        return primary.filter(healthy)
                .or(() -> secondary.filter(healthy))
                .or(() -> primary)
                .or(() -> secondary)
                .orElseThrow();
    }

    private static Optional<RecordSet> withRole(List<RecordSet> pair, Role role) {
        return pair.stream()
                .filter(set -> set.routing() instanceof Routing.Failover failover && failover.role() == role)
                .findFirst();
    }

    /**
     * Developer Guide, "How Amazon Route 53 chooses records when health checking is configured": the healthy sets with a
     * weight; the healthy ones of weight zero where there is none of those; all sets as if they were healthy where none
     * is. API Reference, ResourceRecordSet, Weight: sets that all have the weight zero are equally likely.
     */
    private RecordSet weightedMember(List<RecordSet> group, Predicate<RecordSet> healthy) {
        List<RecordSet> fit = group.stream().filter(healthy).toList();
        List<RecordSet> considered = fit.isEmpty() ? group : fit;
        int sum = considered.stream().mapToInt(AnswerRules::weight).sum();
        if (sum == 0) {
            return considered.get(random.nextInt(considered.size()));
        }
        int point = random.nextInt(sum);
        for (RecordSet set : considered) {
            point -= weight(set);
            if (point < 0) {
                return set;
            }
        }
        throw new IllegalStateException("the weights of " + considered + " do not sum up to " + sum);
    }

    private static int weight(RecordSet set) {
        return set.routing() instanceof Weighted weighted ? weighted.weight() : 0;
    }

    /**
     * A set is healthy when its health check is, where it has one, and, for an alias that evaluates its target's health,
     * when the target is: that has at least one healthy set.
     *
     * @param known the health of the targets that were looked at; one that leads back to itself is not healthy
     */
    private boolean isHealthy(ZoneRecords records, RecordSet set, Map<DomainName, Boolean> known) {
        boolean checkPasses = set.healthCheckId().map(health::isHealthy).orElse(true);
        if (!checkPasses || !(set.content() instanceof Alias alias) || !alias.evaluateTargetHealth()) {
            return checkPasses;
        }
        Boolean found = known.putIfAbsent(alias.target(), false);
        if (found != null) {
            return found;
        }
        boolean targetPasses = records.group(alias.target(), set.type()).stream()
                .anyMatch(target -> isHealthy(records, target, known));
        known.put(alias.target(), targetPasses);
        return targetPasses;
    }
}
