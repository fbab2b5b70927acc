package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.ApiRefusal.Code;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The hosted zones, their records and the changes made to them. What the API lists is the newest state; what DNS answers
 * is the newest state whose change is INSYNC (API Reference, GetChange). Thread-safe.
 */
final class HostedZones {
    private static final List<String> NAME_SERVERS =
            List.of("ns-1.route53.invalid.", "ns-2.route53.invalid.", "ns-3.route53.invalid.", "ns-4.route53.invalid.");

    private final Map<String, Entry> zones = new LinkedHashMap<>();
    private final Map<String, ChangeInfo> changes;
    private final Clock clock;
    private final Duration changeDelay;
    private final Predicate<String> healthCheckExists;
    private final Route53Limits limits;
    private long zoneNumber;
    private long changeNumber;

    HostedZones(Clock clock, Duration changeDelay, Predicate<String> healthCheckExists, Route53Limits limits) {
        this.clock = clock;
        this.changeDelay = changeDelay;
        this.healthCheckExists = healthCheckExists;
        this.limits = limits;
        this.changes = new LinkedHashMap<>();
    }

    /** A change as GetChange tells of it. */
    record ChangeInfo(String id, Instant submitted, Instant inSync, Optional<String> comment) {}

    /** A zone with the number of its record sets. */
    record Summary(HostedZone zone, int recordSets) {}

    /** A new zone with the change that made it. */
    record Creation(Summary summary, ChangeInfo change) {}

    /** A zone with what DNS answers from. */
    record Published(HostedZone zone, ZoneRecords records) {}

    synchronized Creation create(DomainName name, String callerReference, Optional<String> comment) throws ApiRefusal {
        for (Entry entry : zones.values()) {
            if (entry.zone.callerReference().equals(callerReference)) {
                throw new ApiRefusal(
                        Code.HOSTED_ZONE_ALREADY_EXISTS,
                        "A hosted zone has already been created with the specified caller reference.");
            }
        }
        if (zones.size() >= limits.hostedZones()) {
            throw new ApiRefusal(
                    Code.TOO_MANY_HOSTED_ZONES, "There can't be more than " + limits.hostedZones() + " hosted zones.");
        }
        zoneNumber++;
        String id = "Z%013d".formatted(zoneNumber);
        HostedZone zone = new HostedZone(id, name, callerReference, comment, NAME_SERVERS);
        Entry entry = new Entry(zone, zone.initialRecords());
        zones.put(id, entry);
        return new Creation(entry.summary(), remember(Optional.empty()));
    }

    synchronized Summary get(String id) throws ApiRefusal {
        return entry(id).summary();
    }

    /** All zones in the order of their making. */
    synchronized List<Summary> list() {
        return zones.values().stream().map(Entry::summary).toList();
    }

    synchronized ChangeInfo delete(String id) throws ApiRefusal {
        Entry entry = entry(id);
        boolean onlyOwn = entry.newest().all().stream()
                .allMatch(set -> set.name().equals(entry.zone.name())
                        && (set.type() == RecordType.SOA || set.type() == RecordType.NS));
        if (!onlyOwn) {
            throw new ApiRefusal(
                    Code.HOSTED_ZONE_NOT_EMPTY,
                    "The specified hosted zone contains non-required resource record sets and so cannot be deleted.");
        }
        zones.remove(id);
        return remember(Optional.empty());
    }

    synchronized ChangeInfo change(String id, ChangeBatch batch, Optional<String> comment) throws ApiRefusal {
        Entry entry = entry(id);
        if (entry.unfinished(clock.instant()) >= limits.unfinishedChangesPerZone()) {
            throw new ApiRefusal(
                    Code.PRIOR_REQUEST_NOT_COMPLETE,
                    "The request was rejected because Route 53 was still processing a prior request.");
        }
        ChangeRules rules = new ChangeRules(entry.zone.name(), id, healthCheckExists, limits.recordSetsPerZone());
        return switch (rules.apply(entry.newest(), batch)) {
            case ChangeBatch.Outcome.Applied applied -> {
                ChangeInfo change = remember(comment);
                entry.publish(applied.records(), change.inSync());
                yield change;
            }
            case ChangeBatch.Outcome.Refused refused -> throw ApiRefusal.invalidBatch(refused.messages());
        };
    }

    synchronized ZoneRecords records(String id) throws ApiRefusal {
        return entry(id).newest();
    }

    synchronized ChangeInfo findChange(String id) throws ApiRefusal {
        ChangeInfo change = changes.get(id);
        if (change == null) {
            throw new ApiRefusal(Code.NO_SUCH_CHANGE, "Could not find resource with ID: " + id);
        }
        return change;
    }

    boolean isInSync(ChangeInfo change) {
        return !clock.instant().isBefore(change.inSync());
    }

    /** The zone that a name belongs to: the longest one that holds it, of two with one name the older. */
    synchronized Optional<Published> holding(DomainName name) {
        Instant now = clock.instant();
        return zones.values().stream()
                .filter(entry -> name.isWithin(entry.zone.name()))
                .min(Comparator.comparingInt(entry -> -entry.zone.name().text().length()))
                .map(entry -> new Published(entry.zone, entry.inSync(now)));
    }

    private Entry entry(String id) throws ApiRefusal {
        Entry entry = zones.get(id);
        if (entry == null) {
            throw new ApiRefusal(Code.NO_SUCH_HOSTED_ZONE, "No hosted zone found with ID: " + id);
        }
        return entry;
    }

    private ChangeInfo remember(Optional<String> comment) {
        if (changes.size() >= limits.rememberedChanges()) {
            changes.remove(changes.keySet().iterator().next());
        }
        changeNumber++;
        Instant now = clock.instant();
        ChangeInfo change = new ChangeInfo("C%013d".formatted(changeNumber), now, now.plus(changeDelay), comment);
        changes.put(change.id(), change);
        return change;
    }

    /** A zone with its states: the first is what DNS answers by, the last what the API lists. */
    private static final class Entry {
        private final HostedZone zone;
        private final Deque<State> states = new ArrayDeque<>();

        Entry(HostedZone zone, ZoneRecords records) {
            this.zone = zone;
            states.add(new State(records, Instant.MIN));
        }

        Summary summary() {
            return new Summary(zone, newest().size());
        }

        ZoneRecords newest() {
            return states.getLast().records();
        }

        ZoneRecords inSync(Instant now) {
            forgetOutdated(now);
            return states.getFirst().records();
        }

        int unfinished(Instant now) {
            forgetOutdated(now);
            return states.size() - 1;
        }

        void publish(ZoneRecords records, Instant inSync) {
            states.add(new State(records, inSync));
        }

        private void forgetOutdated(Instant now) {
            while (states.size() > 1) {
                State first = states.removeFirst();
                if (states.getFirst().inSync().isAfter(now)) {
                    states.addFirst(first);
                    return;
                }
            }
        }
    }

    private record State(ZoneRecords records, Instant inSync) {}
}
