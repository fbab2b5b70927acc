package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeAddress;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares the records that a fleet should have with those that stand in the zone. Pure. A node that serves enters; one
 * that is in DNS stays as it is there until it serves again or is taken out of {@code fleet.conf}, since whether it is
 * answered meanwhile is for its health check to say. For one plan and one thread.
 */
final class DnsPlanner {
    private static final String CNAME = "CNAME";

    private final FleetConfiguration fleet;
    private final DnsSettings dns;
    private final List<RecordSet> present;
    private final Map<HealthCheckSettings, HealthCheck> usableChecks = new HashMap<>();
    private final List<HealthCheck> checks;
    private final Map<RecordSet.Key, RecordSet> ours = new LinkedHashMap<>();
    private final List<String> conflicts = new ArrayList<>();
    private final Set<DnsName> adopt;
    private Set<String> servingTypes = Set.of();

    /**
     * @param present everything at the fleet's name and below it
     * @param checks the fleet's health checks
     * @param adopt names at which the fleet may take the place of plain records that aren't its own
     */
    DnsPlanner(
            FleetConfiguration fleet,
            DnsSettings dns,
            List<RecordSet> present,
            List<HealthCheck> checks,
            Set<DnsName> adopt) {
        this.adopt = Set.copyOf(adopt);
        this.fleet = fleet;
        this.dns = dns;
        this.present = present;
        this.checks = checks;
        checks.forEach(check -> check.settings().ifPresent(settings -> usableChecks.putIfAbsent(settings, check)));
        String prefix = SetIdentifier.prefix(fleet.name());
        present.stream()
                .filter(records -> RecordTree.TYPES.contains(records.type()))
                .filter(records -> records.identifier()
                        .filter(identifier -> identifier.startsWith(prefix))
                        .isPresent())
                .forEach(records -> ours.put(records.key(), records));
    }

    DnsPlan.Planning plan(Set<NodeId> serving) {
        Optional<RecordSet> marker = Marker.find(dns.name(), present);
        Optional<String> foreign = marker.flatMap(this::foreignMarker);
        if (foreign.isPresent()) {
            return new DnsPlan.Planning.Refused(foreign.get());
        }
        List<RecordSet> desired = RecordTree.of(fleet.name(), dns, branches(serving));
        Optional<String> emptied = emptied(desired).or(() -> tooFew(desired, serving));
        if (emptied.isPresent()) {
            return new DnsPlan.Planning.Refused(emptied.get());
        }
        servingTypes = fleet.nodes().stream()
                .filter(node -> serving.contains(node.id()))
                .map(node -> RecordTree.typeOf(node.address()))
                .collect(Collectors.toSet());
        List<RecordSet> possible = withoutConflicts(desired);
        held().forEach((node, check) -> conflicts.add(node + " is drained through DNS: its health check says unhealthy"
                + " whatever it does. To end it: flotilla undrain " + node + " --through-dns"));
        leftBehind(desired);
        List<Change> changes = inOrder(
                writes(possible),
                Stream.of(adopted(possible), moved(possible), deletions(desired, possible))
                        .flatMap(List::stream)
                        .toList());
        return planned(checksToCreate(possible), changes, marker);
    }

    /** Of a name that is taken over, what the fleet has no addresses for. */
    private void leftBehind(List<RecordSet> desired) {
        present.stream()
                .filter(records -> adopt.contains(records.name()) && !ours.containsKey(records.key()))
                .filter(records -> RecordTree.TYPES.contains(records.type()))
                .filter(records -> desired.stream()
                        .noneMatch(wanted -> wanted.name().equals(records.name())
                                && wanted.type().equals(records.type())))
                .forEach(
                        records -> conflicts.add(
                                records.name() + " " + records.type()
                                        + " stays, and leads clients elsewhere still: the fleet has no such address. Delete it by hand"));
    }

    private DnsPlan.Planning planned(
            List<HealthCheckSettings> checksToCreate, List<Change> changes, Optional<RecordSet> marker) {
        Map<RecordSet.Key, RecordSet> afterwards = afterwards(changes);
        List<RecordSet> left = afterwards.values().stream()
                .filter(records -> records.identifier()
                        .filter(identifier -> identifier.startsWith(SetIdentifier.prefix(fleet.name())))
                        .isPresent())
                .toList();
        return new DnsPlan.Planning.Planned(new DnsPlan(
                checksToCreate, changes, checksToDelete(afterwards), conflicts, reach(changes), left, marker));
    }

    /** Deletions last, but for what can't stand beside what comes: kinds of routing don't mix under one name. */
    private static List<Change> inOrder(List<Change> writes, List<Change> deletions) {
        List<Change> later = new ArrayList<>(deletions);
        List<Change> changes = new ArrayList<>();
        for (Change write : writes) {
            for (Change deletion : List.copyOf(later)) {
                if (areApart(deletion.records(), write.records())) {
                    changes.add(deletion);
                    later.remove(deletion);
                }
            }
            changes.add(write);
        }
        changes.addAll(later);
        return changes;
    }

    /** What goes before it comes again for another region of AWS, where another set may stand until then: two regions that swap theirs. */
    private List<Change> moved(List<RecordSet> possible) {
        return possible.stream()
                .flatMap(wanted ->
                        Optional.ofNullable(ours.get(wanted.key())).filter(before -> isMoved(before, wanted)).stream())
                .<Change>map(Change.Delete::new)
                .toList();
    }

    private static boolean isMoved(RecordSet before, RecordSet wanted) {
        return before.routing() instanceof RecordSet.Routing.Latency
                && wanted.routing() instanceof RecordSet.Routing.Latency
                && !before.routing().equals(wanted.routing())
                && before.isExpressible();
    }

    /** Whether they can't stand in a zone at once. */
    private static boolean areApart(RecordSet goes, RecordSet comes) {
        boolean samePlace = goes.routing() instanceof RecordSet.Routing.Latency
                && goes.routing().equals(comes.routing())
                && goes.type().equals(comes.type());
        return goes.name().equals(comes.name())
                && (samePlace
                        || goes.key().equals(comes.key())
                        || goes.type().equals(CNAME)
                        || (goes.type().equals(comes.type())
                                && !goes.routing()
                                        .getClass()
                                        .equals(comes.routing().getClass())));
    }

    /** What others have at a name, and the fleet takes the place of: only where it has something to put there. */
    private List<Change> adopted(List<RecordSet> possible) {
        return present.stream()
                .filter(records -> adopt.contains(records.name()) && isPlain(records))
                .filter(records -> possible.stream()
                        .anyMatch(wanted -> wanted.name().equals(records.name())
                                && (wanted.type().equals(records.type())
                                        || records.type().equals(CNAME))))
                .<Change>map(Change.Delete::new)
                .toList();
    }

    /** A record of somebody's own making that leads clients somewhere, and that can be put back as it was. */
    private boolean isPlain(RecordSet records) {
        return !ours.containsKey(records.key())
                && (RecordTree.TYPES.contains(records.type()) || records.type().equals(CNAME))
                && records.routing() instanceof RecordSet.Routing.Simple
                && records.check().isEmpty()
                && records.isExpressible();
    }

    /** What goes where nothing of the fleet is wanted any more; the marker, which each batch needs, is for later. */
    DnsPlan.Planning removal() {
        Optional<RecordSet> marker = Marker.find(dns.name(), present);
        Optional<String> foreign = marker.flatMap(this::foreignMarker);
        if (foreign.isPresent()) {
            return new DnsPlan.Planning.Refused(foreign.get());
        }
        List<Change> changes = deletions(List.of(), List.of());
        return planned(List.of(), changes, marker);
    }

    /** The checks of nodes in DNS. */
    Map<NodeId, HealthCheck> nodeChecks() {
        Map<NodeId, HealthCheck> found = new TreeMap<>();
        for (Node node : fleet.nodes()) {
            for (String type : RecordTree.TYPES) {
                RecordSet leaf = ours.get(RecordTree.leafKey(fleet.name(), dns, node.id(), type));
                if (leaf != null && leaf.check().isPresent()) {
                    checks.stream()
                            .filter(check -> leaf.check().get().equals(new CheckReference.Existing(check.id())))
                            .findFirst()
                            .ifPresent(check -> found.put(node.id(), check));
                }
            }
        }
        return found;
    }

    /** Why a node that serves may not be who clients find by its record, and what to do: its record has stayed while its address changed. */
    Optional<String> elsewhere(NodeId id) {
        Optional<NodeAddress> stands = asItStands(id).map(RecordTree.Target::address);
        return fleet.nodes().stream()
                .filter(node -> node.id().equals(id) && !stands.equals(Optional.of(node.address())))
                .findFirst()
                .map(node -> id + " is in DNS at "
                        + stands.map(NodeAddress::toString).orElse("another address")
                        + ", and in " + fleet.file() + " at " + node.address()
                        + ": whether it serves where clients would be led isn't known. Where it still serves there, put that"
                        + " address back, undrain it, and then change it and apply. Where it doesn't, take the node out of "
                        + fleet.file() + ", apply, put it in again, and apply: its new record is led to at once");
    }

    private Map<NodeId, HealthCheck> held() {
        Map<NodeId, HealthCheck> held = nodeChecks();
        held.values().removeIf(check -> !check.held());
        return held;
    }

    /** The fleet's own records as they stand. */
    List<RecordSet> own() {
        return List.copyOf(ours.values());
    }

    /** What stands at the fleet's names and isn't the fleet's. */
    List<RecordSet> others() {
        Optional<RecordSet> marker = Marker.find(dns.name(), present);
        return present.stream()
                .filter(records -> !ours.containsKey(records.key()))
                .filter(records -> !marker.equals(Optional.of(records)))
                .toList();
    }

    private Optional<String> foreignMarker(RecordSet marker) {
        Optional<Marker> parsed = Marker.parse(marker);
        if (parsed.isEmpty()) {
            return Optional.of("the TXT record " + marker.name()
                    + " says something that no fleet wrote: the names below " + dns.name()
                    + " are left alone. Delete that record if they are yours.");
        }
        return parsed.filter(read -> !read.fleet().equals(fleet.name()))
                .map(read -> dns.name() + " belongs to the fleet " + read.fleet() + " (the TXT record " + marker.name()
                        + " says so), and this is the fleet " + fleet.name() + ". Choose another dns.name.");
    }

    private SequencedMap<RegionName, RecordTree.Branch> branches(Set<NodeId> serving) {
        var branches = new LinkedHashMap<RegionName, RecordTree.Branch>();
        // A drain through DNS would end if its record got another check.
        Set<NodeId> held = held().keySet();
        for (Region region : fleet.regions()) {
            List<RecordTree.Target> inRegion = new ArrayList<>();
            for (Node node : region.nodes()) {
                if (serving.contains(node.id()) && !held.contains(node.id())) {
                    var wanted = new CheckReference.Wanted(HealthCheckSettings.of(node, dns));
                    inRegion.add(new RecordTree.Target(node.id(), node.address(), wanted));
                } else {
                    asItStands(node.id()).ifPresent(inRegion::add);
                }
            }
            branches.put(region.name(), new RecordTree.Branch(region.traffic(), inRegion));
        }
        return branches;
    }

    /** A node that doesn't serve or is held, with the address and check that it has in DNS, if it is there. */
    private Optional<RecordTree.Target> asItStands(NodeId node) {
        for (String type : RecordTree.TYPES) {
            RecordSet leaf = ours.get(RecordTree.leafKey(fleet.name(), dns, node, type));
            if (leaf != null
                    && leaf.check().isPresent()
                    && leaf.content() instanceof Content.Values values
                    && values.values().size() == 1) {
                var address = NodeAddress.parse(values.values().getFirst());
                return Optional.of(
                        new RecordTree.Target(node, address, leaf.check().get()));
            }
        }
        return Optional.empty();
    }

    /** Why the change would leave clients without an answer, if it would. */
    private Optional<String> emptied(List<RecordSet> desired) {
        boolean answering = ours.values().stream().anyMatch(RecordTree::isLeaf);
        if (!answering || desired.stream().anyMatch(RecordTree::isLeaf)) {
            return emptiedFamily(desired);
        }
        return Optional.of("none of the fleet's nodes serves, and none of those in DNS is in fleet.conf any more: the"
                + " change would leave " + dns.name() + " without an address. Nothing is changed until a node serves.");
    }

    /** Why too few nodes would be left to bear what others bear now, if so. */
    private Optional<String> tooFew(List<RecordSet> desired, Set<NodeId> serving) {
        Set<RecordSet.Key> wanted = new HashSet<>();
        desired.forEach(records -> wanted.add(records.key()));
        long leaving = ours.values().stream()
                .filter(records -> RecordTree.isLeaf(records) && !wanted.contains(records.key()))
                .count();
        Set<NodeId> held = held().keySet();
        long left = fleet.nodes().stream()
                .filter(node -> serving.contains(node.id()) && !held.contains(node.id()))
                .count();
        return leaving == 0 || left >= fleet.minimumServing()
                ? Optional.empty()
                : Optional.of("the change takes " + leaving + " out of DNS, and of the nodes that stay only " + left
                        + " serve: minimum-serving is " + fleet.minimumServing()
                        + ". Nothing is changed until as many serve.");
    }

    private Optional<String> emptiedFamily(List<RecordSet> desired) {
        for (String type : RecordTree.TYPES) {
            boolean answers = ours.values().stream()
                    .anyMatch(leaf -> RecordTree.isLeaf(leaf) && leaf.type().equals(type));
            boolean wouldAnswer = desired.stream()
                    .anyMatch(leaf -> RecordTree.isLeaf(leaf) && leaf.type().equals(type));
            boolean meantTo = fleet.nodes().stream()
                    .anyMatch(node -> RecordTree.typeOf(node.address()).equals(type));
            if (answers && !wouldAnswer && meantTo) {
                return Optional.of("no node with an address for " + type + " records serves: the change would leave "
                        + dns.name() + " without " + type + " records. Nothing is changed until such a node serves.");
            }
        }
        return Optional.empty();
    }

    /** What can be written; names that are taken are left out, and so is whatever would lead to them. */
    private List<RecordSet> withoutConflicts(List<RecordSet> desired) {
        Set<NameAndType> skipped = new HashSet<>();
        Set<NameAndType> seen = new LinkedHashSet<>();
        desired.forEach(records -> seen.add(NameAndType.of(records)));
        for (NameAndType name : seen) {
            taken(name).ifPresent(conflict -> {
                skipped.add(name);
                conflicts.add(conflict);
            });
        }
        // Aliases stand behind what they lead to, except within a pair, whose two sets share a name: so until no more.
        boolean more = !skipped.isEmpty();
        while (more) {
            more = false;
            for (RecordSet records : desired) {
                if (records.content() instanceof Content.Alias alias
                        && skipped.contains(new NameAndType(alias.target(), records.type()))
                        && skipped.add(NameAndType.of(records))) {
                    conflicts.add(records.name() + " " + records.type() + " is left alone: it would lead to "
                            + alias.target() + ", which is taken");
                    more = true;
                }
            }
        }
        return desired.stream()
                .filter(records -> !skipped.contains(NameAndType.of(records)))
                .toList();
    }

    private Optional<String> taken(NameAndType name) {
        return present.stream()
                .filter(records -> records.name().equals(name.name()))
                .filter(records -> !ours.containsKey(records.key()))
                .filter(records -> records.type().equals(name.type())
                        || records.type().equals(CNAME)
                        || (records.type().equals("NS") && !records.name().equals(dns.zone())))
                .filter(records -> !mayTakeThePlaceOf(records, name.type()))
                .findFirst()
                .map(records -> name.name() + " " + name.type() + " is left alone: there is a " + records.type()
                        + " record that isn't this fleet's" + wayToAdopt(records));
    }

    private boolean mayTakeThePlaceOf(RecordSet records, String type) {
        return adopt.contains(records.name()) && isPlain(records) && servingTypes.contains(type);
    }

    private String wayToAdopt(RecordSet records) {
        if (!adopt.contains(records.name())) {
            return isPlain(records) ? ". To have the fleet take its place: --adopt " + records.name() : "";
        }
        return isPlain(records)
                ? ", and no node serves that could take its place"
                : ", and it is none that can be taken over: only plain ones, without a policy or a health check";
    }

    private List<Change> writes(List<RecordSet> possible) {
        List<Change> writes = new ArrayList<>();
        for (RecordSet wanted : possible) {
            RecordSet before = ours.get(wanted.key());
            if (before == null || isMoved(before, wanted)) {
                writes.add(new Change.Create(wanted));
            } else if (!resolved(before).equals(resolved(wanted))) {
                writes.add(new Change.Replace(before, wanted));
            }
        }
        return writes;
    }

    /** The set with its check named by id where one exists, so that two sets can be compared. */
    private RecordSet resolved(RecordSet records) {
        if (records.check().isPresent() && records.check().get() instanceof CheckReference.Wanted wanted) {
            HealthCheck usable = usableChecks.get(wanted.settings());
            return usable == null ? records : records.withCheck(new CheckReference.Existing(usable.id()));
        }
        return records;
    }

    /** What is ours and not wanted any more: from what clients ask down to the leaves. */
    private List<Change> deletions(List<RecordSet> desired, List<RecordSet> possible) {
        Set<RecordSet.Key> wanted = new HashSet<>();
        desired.forEach(records -> wanted.add(records.key()));
        Set<RecordSet.Key> written = new HashSet<>();
        possible.forEach(records -> written.add(records.key()));
        Set<NameAndType> needed = new HashSet<>();
        ours.values().stream()
                .filter(records -> wanted.contains(records.key()) && !written.contains(records.key()))
                .forEach(records -> need(records, needed));
        List<Change> deletions = new ArrayList<>();
        ours.values().stream()
                .filter(records -> !wanted.contains(records.key()))
                .sorted(Comparator.comparing(RecordTree::isLeaf)
                        .thenComparingInt(records -> records.name().value().length())
                        .thenComparing(RecordSet::name)
                        .thenComparing(records -> records.identifier().orElse("")))
                .forEach(records -> {
                    if (needed.contains(NameAndType.of(records))) {
                        conflicts.add(records.name() + " " + records.type()
                                + " stays: a name that is left alone leads to it");
                    } else if (records.isExpressible()) {
                        deletions.add(new Change.Delete(records));
                    } else {
                        conflicts.add(records.name() + " " + records.type() + " is left alone: somebody has changed"
                                + " this fleet's record by hand; delete it by hand too");
                    }
                });
        return deletions;
    }

    /** Adds what {@code kept}, which stays as it is, leads to, and what that leads to. */
    private void need(RecordSet kept, Set<NameAndType> needed) {
        if (kept.content() instanceof Content.Alias alias) {
            var target = new NameAndType(alias.target(), kept.type());
            if (needed.add(target)) {
                ours.values().stream()
                        .filter(records -> NameAndType.of(records).equals(target))
                        .forEach(records -> need(records, needed));
            }
        }
    }

    private List<HealthCheckSettings> checksToCreate(List<RecordSet> possible) {
        Set<HealthCheckSettings> missing = new LinkedHashSet<>();
        for (RecordSet records : possible) {
            if (records.check().isPresent()
                    && records.check().get() instanceof CheckReference.Wanted wanted
                    && !usableChecks.containsKey(wanted.settings())) {
                missing.add(wanted.settings());
            }
        }
        return List.copyOf(missing);
    }

    /** Regions by their names in DNS: those that have left the fleet, too. */
    private List<DnsPlan.Reach> reach(List<Change> changes) {
        Map<RegionName, Set<RecordSet.Key>> before = new TreeMap<>();
        Map<RegionName, Set<RecordSet.Key>> leaving = new TreeMap<>();
        for (RecordSet records : ours.values()) {
            RecordTree.regionOf(dns, records)
                    .ifPresent(region -> before.computeIfAbsent(region, key -> new HashSet<>())
                            .add(records.key()));
        }
        for (Change change : changes) {
            if (change instanceof Change.Delete delete) {
                RecordTree.regionOf(dns, delete.records())
                        .ifPresent(region -> leaving.computeIfAbsent(region, key -> new HashSet<>())
                                .add(delete.records().key()));
            }
        }
        return before.entrySet().stream()
                .map(region -> new DnsPlan.Reach(
                        region.getKey(),
                        region.getValue().size(),
                        leaving.getOrDefault(region.getKey(), Set.of()).size()))
                .toList();
    }

    /** What stands at the fleet's names once the changes are made. */
    private Map<RecordSet.Key, RecordSet> afterwards(List<Change> changes) {
        Map<RecordSet.Key, RecordSet> afterwards = new LinkedHashMap<>();
        present.forEach(records -> afterwards.put(records.key(), resolved(records)));
        for (Change change : changes) {
            switch (change) {
                case Change.Create create -> afterwards.put(create.records().key(), resolved(create.records()));
                case Change.Replace replace -> afterwards.put(replace.records().key(), resolved(replace.records()));
                case Change.Delete delete -> afterwards.remove(delete.records().key());
            }
        }
        return afterwards;
    }

    /** The fleet's checks that no record will name. */
    private List<HealthCheck> checksToDelete(Map<RecordSet.Key, RecordSet> afterwards) {
        Set<CheckReference> named = new HashSet<>();
        afterwards.values().forEach(records -> records.check().ifPresent(named::add));
        return checks.stream()
                .filter(check -> !named.contains(new CheckReference.Existing(check.id())))
                .toList();
    }

    private record NameAndType(DnsName name, String type) {
        static NameAndType of(RecordSet records) {
            return new NameAndType(records.name(), records.type());
        }
    }
}
