package dev.flotilla.controller.simulate;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordSet.Routing;
import dev.flotilla.controller.fleet.DnsName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * All that Route 53 may answer from these records while these checks pass, each with how likely it is (Developer Guide,
 * "How Amazon Route 53 chooses records when health checking is configured" and "How health checks work in complex Amazon
 * Route 53 configurations"). For one thread.
 */
public final class Answers {
    /** How many records are answered at once where several are (API Reference, ResourceRecordSet, MultiValueAnswer). */
    private static final int MOST_VALUES = 8;

    private final Map<Place, List<RecordSet>> groups = new HashMap<>();
    private final Predicate<CheckReference> passes;
    private final Map<Place, Boolean> healthy = new HashMap<>();

    /** Where sets stand that are chosen from. */
    private record Place(DnsName name, String type) {}

    /**
     * One of the things that may be answered.
     *
     * @param values in their order; an answer holds at most {@code atOnce} of them
     * @param share of all answers, above 0 and at most 1
     * @param failsOpen whether somewhere on the way nothing was healthy, and unhealthy sets were taken as if they were
     */
    public record Answer(Set<String> values, int atOnce, double share, boolean failsOpen) {}

    /**
     * The records of a zone at one moment.
     *
     * @param passes whether a check counts as healthy
     */
    public Answers(Collection<RecordSet> records, Predicate<CheckReference> passes) {
        this.passes = passes;
        records.forEach(set -> groups.computeIfAbsent(new Place(set.name(), set.type()), key -> new ArrayList<>())
                .add(set));
    }

    /**
     * What a client may be answered. Where aliases lead nowhere or in a circle nothing is, and the shares sum up to less
     * than 1.
     *
     * @param nearest AWS regions in the order of their latency to the client; those that aren't named come last, by name
     */
    public List<Answer> to(DnsName name, String type, List<String> nearest) {
        List<Answer> answers = new ArrayList<>();
        follow(new Place(name, type), nearest, new Way(1, false, Set.of()), answers);
        return answers;
    }

    /** How likely it was to come here, whether something failed open before, and past which places. */
    private record Way(double share, boolean open, Set<Place> passed) {
        Way on(Place place, boolean opens) {
            Set<Place> longer = new HashSet<>(passed);
            longer.add(place);
            return new Way(share, open || opens, longer);
        }

        Way of(double part) {
            return new Way(share * part, open, passed);
        }
    }

    private void follow(Place place, List<String> nearest, Way way, List<Answer> answers) {
        List<RecordSet> group = groups.getOrDefault(place, List.of());
        if (group.isEmpty() || way.passed().contains(place)) {
            return;
        }
        List<RecordSet> fit = group.stream().filter(this::isHealthy).toList();
        List<RecordSet> considered = fit.isEmpty() ? group : fit;
        Way here = way.on(place, fit.isEmpty());
        switch (group.getFirst().routing()) {
            case Routing.Simple ignored -> take(considered.getFirst(), nearest, here, answers);
            case Routing.Failover ignored -> take(firstOf(considered), nearest, here, answers);
            case Routing.Latency ignored -> take(nearestOf(considered, nearest), nearest, here, answers);
            case Routing.Weighted ignored -> byWeight(considered, nearest, here, answers);
            case Routing.Multivalue ignored -> atOnce(considered, here, answers);
            case Routing.Other ignored -> {}
        }
    }

    private void take(RecordSet set, List<String> nearest, Way way, List<Answer> answers) {
        switch (set.content()) {
            case Content.Values values ->
                answers.add(new Answer(
                        new TreeSet<>(values.values()), values.values().size(), way.share(), way.open()));
            case Content.Alias alias -> follow(new Place(alias.target(), set.type()), nearest, way, answers);
            case Content.Other ignored -> {}
        }
    }

    /** While both are down, or only one is there, the one that there is; the primary before the secondary. */
    private static RecordSet firstOf(List<RecordSet> pair) {
        return pair.stream()
                .filter(set -> set.routing() instanceof Routing.Failover failover && failover.primary())
                .findFirst()
                .orElse(pair.getFirst());
    }

    private static RecordSet nearestOf(List<RecordSet> sets, List<String> nearest) {
        for (String region : nearest) {
            for (RecordSet set : sets) {
                if (regionOf(set).equals(region)) {
                    return set;
                }
            }
        }
        return sets.stream().min(Comparator.comparing(Answers::regionOf)).orElseThrow();
    }

    private static String regionOf(RecordSet set) {
        return set.routing() instanceof Routing.Latency latency ? latency.awsRegion() : "";
    }

    private void byWeight(List<RecordSet> sets, List<String> nearest, Way way, List<Answer> answers) {
        double sum = sets.stream().mapToInt(Answers::weightOf).sum();
        for (RecordSet set : sets) {
            double part = sum == 0 ? 1.0 / sets.size() : weightOf(set) / sum;
            if (part > 0) {
                take(set, nearest, way.of(part), answers);
            }
        }
    }

    private static int weightOf(RecordSet set) {
        return set.routing() instanceof Routing.Weighted weighted ? weighted.weight() : 0;
    }

    private static void atOnce(List<RecordSet> sets, Way way, List<Answer> answers) {
        Set<String> values = new TreeSet<>();
        for (RecordSet set : sets) {
            if (set.content() instanceof Content.Values own) {
                values.addAll(own.values());
            }
        }
        answers.add(new Answer(values, Math.min(MOST_VALUES, values.size()), way.share(), way.open()));
    }

    private boolean isHealthy(RecordSet set) {
        return set.check().map(passes::test).orElse(true)
                && (!(set.content() instanceof Content.Alias alias)
                        || !alias.evaluateTargetHealth()
                        || leadsToHealth(new Place(alias.target(), set.type())));
    }

    /** A place that is being looked at already leads in a circle, and nowhere. */
    private boolean leadsToHealth(Place place) {
        Boolean known = healthy.putIfAbsent(place, false);
        if (known != null) {
            return known;
        }
        boolean found = groups.getOrDefault(place, List.of()).stream().anyMatch(this::isHealthy);
        healthy.put(place, found);
        return found;
    }
}
