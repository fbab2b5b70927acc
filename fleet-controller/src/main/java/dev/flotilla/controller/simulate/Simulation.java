package dev.flotilla.controller.simulate;

import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.dns.RecordTree;
import dev.flotilla.controller.fleet.AwsRegion;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsPolicy;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.simulate.Answers.Answer;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Looks at a fleet's records while nodes are up and down, from every name that clients use. Pure. What clients near a
 * region are near besides is guessed from distances: only AWS knows its latencies.
 */
public final class Simulation {
    private final FleetConfiguration fleet;
    private final DnsSettings dns;
    private final List<RecordSet> records;
    private final List<NodeInDns> nodes;
    private final List<Finding> findings = new ArrayList<>();
    private final Loads loads;

    /**
     * What came of it.
     *
     * @param coverage which outages were looked at
     * @param outages how many that are
     * @param rows what is answered under each name while nothing and while one region is down
     * @param findings what matters first
     */
    public record Outcome(String coverage, int outages, List<Row> rows, List<Finding> findings) {
        public Outcome {
            rows = List.copyOf(rows);
            findings = List.copyOf(findings);
        }

        public boolean hasProblems() {
            return findings.stream().anyMatch(Finding::isProblem);
        }
    }

    /**
     * Under one name and from one place, where clients come to.
     *
     * @param from near which region the clients are; absent where that makes no difference
     * @param regions shares of the answers by region, while nothing is down
     * @param without the same while that region is down
     */
    public record Row(
            String name,
            String type,
            Optional<String> from,
            Map<String, Double> regions,
            Map<String, Map<String, Double>> without) {}

    /** A name, a type, and a place to ask from. */
    private record View(DnsName name, String type, Optional<Region> from) {
        List<String> nearest() {
            return from
                    .flatMap(region -> region.traffic().awsRegion())
                    .map(AwsRegion::byDistance)
                    .orElse(List.of())
                    .stream()
                    .map(AwsRegion::id)
                    .toList();
        }

        String text() {
            return name + " " + type
                    + from.map(region -> " (asked near " + region.name() + ")").orElse("");
        }
    }

    private Simulation(FleetConfiguration fleet, DnsSettings dns, List<RecordSet> records) {
        this.fleet = fleet;
        this.dns = dns;
        this.records = records;
        this.nodes = nodes();
        this.loads = new Loads(fleet, nodes);
    }

    /** For a fleet with {@code dns { … }} and its own records, as they stand or as they are planned. */
    public static Outcome of(FleetConfiguration fleet, List<RecordSet> records) {
        DnsSettings dns =
                fleet.dns().orElseThrow(() -> new IllegalArgumentException(fleet.file() + " has no dns { … }"));
        return new Simulation(fleet, dns, records).run();
    }

    private List<NodeInDns> nodes() {
        Map<String, String> labels = fleet.nodes().stream()
                .collect(Collectors.toMap(
                        node -> node.address().toString(), node -> node.id().toString()));
        List<NodeInDns> found = new ArrayList<>();
        for (RecordSet set : records) {
            Optional<RegionName> region = RecordTree.regionOf(dns, set);
            if (region.isPresent() && set.content() instanceof Content.Values values) {
                for (String address : values.values()) {
                    found.add(new NodeInDns(
                            labels.getOrDefault(address, address), region.get(), address, set.type(), set.check()));
                }
            }
        }
        return found;
    }

    private Outcome run() {
        findings.addAll(new RecordFaults(records).find());
        Outages outages = Outages.of(nodes);
        List<View> views = views();
        Map<View, Stranding> strandings =
                new TreeMap<>((one, other) -> one.text().compareTo(other.text()));
        for (Outage outage : outages.all()) {
            Answers answers = answers(outage);
            loads.begin(outage);
            for (View view : views) {
                List<Answer> given = answers.to(view.name(), view.type(), view.nearest());
                strandings.computeIfAbsent(view, key -> new Stranding(key)).look(outage, given);
                loads.add(view.name().equals(dns.name()), view.name(), view.type(), view.from(), given);
            }
        }
        strandings.values().forEach(Stranding::tell);
        findings.addAll(loads.findings());
        findings.addAll(notes(views));
        findings.sort((one, other) -> Boolean.compare(other.isProblem(), one.isProblem()));
        return new Outcome(
                outages.coverage(),
                outages.all().size(),
                views.stream().map(this::row).toList(),
                findings);
    }

    /** The names that clients use: not those of leaves and chains, which are ways to them. */
    private List<View> views() {
        List<View> views = new ArrayList<>();
        for (String type : nodes.stream().map(NodeInDns::type).distinct().toList()) {
            if (dns.policy() == DnsPolicy.LATENCY) {
                fleet.regions().forEach(region -> views.add(new View(dns.name(), type, Optional.of(region))));
            } else {
                views.add(new View(dns.name(), type, Optional.empty()));
            }
            for (Region region : fleet.regions()) {
                views.add(new View(dns.of(region.name()), type, Optional.empty()));
            }
        }
        return views;
    }

    private Answers answers(Outage outage) {
        Set<CheckReference> failing = new HashSet<>();
        for (int node = 0; node < nodes.size(); node++) {
            if (outage.isDown(node)) {
                nodes.get(node).check().ifPresent(failing::add);
            }
        }
        return new Answers(records, check -> !failing.contains(check));
    }

    private Row row(View view) {
        Map<String, Map<String, Double>> without = new TreeMap<>();
        for (Region region : fleet.regions()) {
            without.put(region.name().value(), byRegion(view, answers(lost(region.name()))));
        }
        return new Row(
                view.name().value(),
                view.type(),
                view.from().map(region -> region.name().value()),
                byRegion(view, answers(Outage.of())),
                without);
    }

    private Outage lost(RegionName region) {
        return Outage.of(IntStream.range(0, nodes.size())
                .filter(node -> nodes.get(node).region().equals(region))
                .toArray());
    }

    private Map<String, Double> byRegion(View view, Answers answers) {
        Map<String, Double> shares = new TreeMap<>();
        for (Answer answer : answers.to(view.name(), view.type(), view.nearest())) {
            for (String address : answer.values()) {
                indexOf(address)
                        .ifPresent(node -> shares.merge(
                                nodes.get(node).region().value(),
                                answer.share() / answer.values().size(),
                                Double::sum));
            }
        }
        return shares;
    }

    private Optional<Integer> indexOf(String address) {
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.get(node).address().equals(address)) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    private List<Finding> notes(List<View> views) {
        List<Finding> notes = new ArrayList<>();
        if (nodes.isEmpty()) {
            notes.add(new Finding.Broken("empty", "no node is in DNS: " + dns.name() + " has no answer"));
        }
        Outage all = Outage.of(IntStream.range(0, nodes.size()).toArray());
        for (View view : views) {
            if (view.name().equals(dns.name()) && view.from().isEmpty()) {
                notes.add(new Finding.Note(
                        "all-down",
                        "while all nodes are down, " + view.text() + " leads to "
                                + String.join(
                                        " and ", byRegion(view, answers(all)).keySet())
                                + ", as if it were healthy: Route 53 fails open"));
            }
        }
        for (String type : nodes.stream().map(NodeInDns::type).distinct().toList()) {
            Set<RegionName> regions = nodes.stream()
                    .filter(node -> node.type().equals(type))
                    .map(NodeInDns::region)
                    .collect(Collectors.toSet());
            if (regions.size() == 1 && fleet.regions().size() > 1) {
                notes.add(new Finding.Note(
                        "one-region",
                        "only " + regions.iterator().next() + " has " + type
                                + " records: when it is down there is nowhere else to go by them"));
            }
        }
        for (Node node : fleet.nodes()) {
            if (nodes.stream().noneMatch(known -> known.label().equals(node.id().toString()))) {
                notes.add(new Finding.Note("absent", node.id() + " is not in DNS: nobody is led to it"));
            }
        }
        loads.unknown().ifPresent(notes::add);
        return notes;
    }

    /** Clients of one view that are led to where nobody serves, although somebody could. */
    private final class Stranding {
        private final View view;
        private int cases;
        private Optional<String> smallest = Optional.empty();

        Stranding(View view) {
            this.view = view;
        }

        void look(Outage outage, List<Answer> given) {
            boolean somebodyServes = IntStream.range(0, nodes.size())
                    .anyMatch(node -> nodes.get(node).type().equals(view.type()) && !outage.isDown(node));
            double reached = given.stream().mapToDouble(Answer::share).sum();
            Set<String> dead = given.stream()
                    .flatMap(answer -> answer.values().stream())
                    .filter(address -> indexOf(address).map(outage::isDown).orElse(true))
                    .collect(Collectors.toSet());
            boolean nowhere = reached < 1 - 1e-9;
            if (somebodyServes && (nowhere || !dead.isEmpty())) {
                cases++;
                if (smallest.isEmpty()) {
                    smallest = Optional.of("with " + outage.text(nodes) + " down, "
                            + view.text() + (nowhere ? " has no answer" : " leads to " + labels(dead))
                            + ", although another node serves");
                }
            }
        }

        private String labels(Set<String> addresses) {
            return addresses.stream()
                    .sorted()
                    .map(address -> indexOf(address)
                            .map(node -> nodes.get(node).label())
                            .orElse(address))
                    .collect(Collectors.joining(", "));
        }

        void tell() {
            smallest.ifPresent(text -> findings.add(new Finding.Stranded(
                    view.name().value(), text + (cases > 1 ? "; in " + cases + " cases in all" : ""), cases)));
        }
    }
}
