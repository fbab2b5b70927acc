package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.ChangeBatch.Action;
import dev.flotilla.controller.local.route53.ChangeBatch.Change;
import dev.flotilla.controller.local.route53.ChangeBatch.Outcome;
import dev.flotilla.controller.local.route53.RecordContent.Alias;
import dev.flotilla.controller.local.route53.RecordContent.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Judges a change batch against the records of a zone, as Route 53 does: the changes are looked at in their order, each
 * against what the ones before it leave, and either all of them happen or none (API Reference,
 * ChangeResourceRecordSets, "Change Batches and Transactional Changes"; "Quotas on API requests"). Immutable.
 */
final class ChangeRules {
    private static final int RECORDS_LIMIT = 1_000;
    private static final int CHARACTERS_LIMIT = 32_000;
    private static final int GROUP_LIMIT = 100;

    private final DomainName zone;
    private final String zoneId;
    private final Predicate<String> healthCheckExists;
    private final int recordSetsLimit;

    ChangeRules(DomainName zone, String zoneId, Predicate<String> healthCheckExists, int recordSetsLimit) {
        this.zone = zone;
        this.zoneId = zoneId;
        this.healthCheckExists = healthCheckExists;
        this.recordSetsLimit = recordSetsLimit;
    }

    Outcome apply(ZoneRecords before, ChangeBatch batch) {
        List<String> messages = new ArrayList<>(overLimits(batch));
        ZoneRecords records = before;
        for (Change change : batch.changes()) {
            Optional<String> problem = problem(records, change);
            if (problem.isPresent()) {
                messages.add(problem.get());
            } else if (change.action() == Action.DELETE) {
                records = records.without(change.set().key());
            } else {
                records = records.with(change.set());
            }
        }
        if (messages.isEmpty() && records.size() > recordSetsLimit) {
            messages.add("The hosted zone " + zoneId + " can't hold more than " + recordSetsLimit + " record sets");
        }
        return messages.isEmpty() ? new Outcome.Applied(records) : new Outcome.Refused(messages);
    }

    private static List<String> overLimits(ChangeBatch batch) {
        long records = 0;
        long characters = 0;
        for (Change change : batch.changes()) {
            int times = change.action() == Action.UPSERT ? 2 : 1;
            switch (change.set().content()) {
                case Values values -> {
                    records += (long) times * values.values().size();
                    characters += times
                            * values.values().stream().mapToLong(String::length).sum();
                }
                case Alias _ -> records += times;
            }
        }
        List<String> messages = new ArrayList<>();
        if (records > RECORDS_LIMIT) {
            messages.add("Number of records limit of " + RECORDS_LIMIT + " exceeded.");
        }
        if (characters > CHARACTERS_LIMIT) {
            messages.add("Number of characters limit of " + CHARACTERS_LIMIT + " exceeded.");
        }
        return messages;
    }

    private Optional<String> problem(ZoneRecords records, Change change) {
        RecordSet set = change.set();
        if (!set.name().isWithin(zone)) {
            return Optional.of("RRSet with DNS name " + set.name() + " is not permitted in zone " + zone);
        }
        return switch (change.action()) {
            case DELETE -> problemOfDeletion(records, set);
            case CREATE ->
                records.find(set.key()).isPresent()
                        ? Optional.of(
                                "Tried to create resource record set " + set.describe() + " but it already exists")
                        : problemOfWriting(records, set);
            case UPSERT -> problemOfWriting(records, set);
        };
    }

    private Optional<String> problemOfDeletion(ZoneRecords records, RecordSet set) {
        Optional<RecordSet> current = records.find(set.key());
        if (current.isEmpty()) {
            return Optional.of("Tried to delete resource record set " + set.describe() + " but it was not found");
        }
        if (!current.get().sameAs(set)) {
            return Optional.of("Tried to delete resource record set " + set.describe()
                    + " but the values provided do not match the current values");
        }
        if (set.name().equals(zone) && (set.type() == RecordType.SOA || set.type() == RecordType.NS)) {
            return Optional.of("A HostedZone must contain exactly one SOA record and at least one NS record"
                    + " for the zone itself");
        }
        return Optional.empty();
    }

    private Optional<String> problemOfWriting(ZoneRecords records, RecordSet set) {
        return problemOfType(records, set)
                .or(() -> problemOfGroup(records, set))
                .or(() -> problemOfTarget(records, set))
                .or(() -> problemOfValues(set))
                .or(() -> set.healthCheckId()
                        .filter(id -> !healthCheckExists.test(id))
                        .map(id -> "No health check exists with the ID " + id + ", which " + set.describe()
                                + " refers to"));
    }

    /** Developer Guide, "Supported DNS record types", for CNAME, NS and SOA. */
    private Optional<String> problemOfType(ZoneRecords records, RecordSet set) {
        boolean apex = set.name().equals(zone);
        boolean others = records.named(set.name()).stream().anyMatch(other -> other.type() != set.type());
        boolean cname = records.named(set.name()).stream().anyMatch(other -> other.type() == RecordType.CNAME);
        String named = "RRSet of type " + set.type() + " with DNS name " + set.name() + " is not permitted ";
        return switch (set.type()) {
            case CNAME -> {
                if (apex) {
                    yield Optional.of(named + "at apex in zone " + zone);
                }
                yield others
                        ? Optional.of(
                                named + "as it conflicts with other records with the same DNS name in zone " + zone)
                        : Optional.empty();
            }
            case SOA, NS ->
                apex && set.content() instanceof Values && set.routing() instanceof Routing.Simple
                        ? Optional.empty()
                        : Optional.of(named + "in zone " + zone + " but as the zone's own simple record");
            case A, AAAA, CAA, MX, PTR, SRV, TXT ->
                cname
                        ? Optional.of(named + "because a conflicting RRSet of type CNAME with the same DNS name"
                                + " already exists in zone " + zone)
                        : Optional.empty();
        };
    }

    /** API Reference, ResourceRecordSet: Weight, Region, Failover, MultiValueAnswer and SetIdentifier. */
    private static Optional<String> problemOfGroup(ZoneRecords records, RecordSet set) {
        List<RecordSet> others = records.group(set.name(), set.type()).stream()
                .filter(other -> !other.key().equals(set.key()))
                .toList();
        String named = "RRSet with DNS name " + set.name() + ", type " + set.type();
        return switch (set.routing()) {
            case Routing.Simple _ ->
                others.isEmpty()
                        ? Optional.empty()
                        : Optional.of(named + " cannot be created as other RRSets exist with the same name and type.");
            case Routing.Weighted _ ->
                mixed(others, Routing.Weighted.class, "weighted", named).or(() -> full(others, "weighted", named));
            case Routing.Latency latency ->
                mixed(others, Routing.Latency.class, "latency", named)
                        .or(() -> problemOfRegion(others, latency, named));
            case Routing.Multivalue _ ->
                mixed(others, Routing.Multivalue.class, "multivalue answer", named)
                        .or(() -> problemOfMultivalue(set, named))
                        .or(() -> full(others, "multivalue answer", named));
            case Routing.Failover failover ->
                mixed(others, Routing.Failover.class, "failover", named)
                        .or(() -> problemOfPair(others, failover, named));
        };
    }

    private static Optional<String> mixed(
            List<RecordSet> others, Class<? extends Routing> kind, String kindName, String named) {
        return others.stream()
                .filter(other -> !kind.isInstance(other.routing()))
                .findFirst()
                .map(_ -> named + " cannot be created as " + kindName + " sets do not mix with other RRSets that exist"
                        + " with the same name and type.");
    }

    private static Optional<String> full(List<RecordSet> others, String kindName, String named) {
        return others.size() < GROUP_LIMIT
                ? Optional.empty()
                : Optional.of(named + " cannot be created as " + GROUP_LIMIT + " " + kindName
                        + " sets exist with the same name and type.");
    }

    private static Optional<String> problemOfRegion(List<RecordSet> others, Routing.Latency latency, String named) {
        return others.stream()
                .filter(other -> other.routing() instanceof Routing.Latency same
                        && same.region().equals(latency.region()))
                .findFirst()
                .map(_ -> named + " cannot be created as a latency set with the region " + latency.region()
                        + " exists with the same name and type.");
    }

    /** Developer Guide, "Values specific for multivalue answer records". */
    private static Optional<String> problemOfMultivalue(RecordSet set, String named) {
        if (set.content() instanceof Alias) {
            return Optional.of(named + " cannot be created as multivalue answer sets can't be aliases.");
        }
        return set.type() == RecordType.CNAME
                ? Optional.of(named + " cannot be created as multivalue answer sets can't have this type.")
                : Optional.empty();
    }

    private static Optional<String> problemOfPair(List<RecordSet> others, Routing.Failover failover, String named) {
        for (RecordSet other : others) {
            if (other.routing() instanceof Routing.Failover pair && pair.role() == failover.role()) {
                return Optional.of(named + " cannot be created as a failover set with the role " + pair.role()
                        + " exists with the same name and type.");
            }
        }
        return Optional.empty();
    }

    /** API Reference, AliasTarget: a record set of the same type in this hosted zone. */
    private Optional<String> problemOfTarget(ZoneRecords records, RecordSet set) {
        if (!(set.content() instanceof Alias alias)) {
            return Optional.empty();
        }
        String tried = "Tried to create an alias that targets " + alias.target() + ", type " + set.type() + " in zone "
                + alias.hostedZoneId() + ", but ";
        if (!alias.hostedZoneId().equals(zoneId) || !alias.target().isWithin(zone)) {
            return Optional.of(tried + "the alias target name does not lie within the target zone");
        }
        if (alias.target().equals(set.name())
                || records.group(alias.target(), set.type()).isEmpty()) {
            return Optional.of(tried + "that target was not found");
        }
        return Optional.empty();
    }

    private static Optional<String> problemOfValues(RecordSet set) {
        if (!(set.content() instanceof Values values)) {
            return Optional.empty();
        }
        boolean single = set.type() == RecordType.CNAME
                || set.type() == RecordType.SOA
                || set.routing() instanceof Routing.Weighted
                || set.routing() instanceof Routing.Latency
                || set.routing() instanceof Routing.Multivalue;
        if (single && values.values().size() > 1) {
            return Optional.of("RRSet with DNS name " + set.name() + ", type " + set.type()
                    + " can only have one resource record");
        }
        return values.values().stream()
                .flatMap(value -> RecordData.problem(set.type(), value).stream())
                .findFirst();
    }
}
