package dev.flotilla.controller.local.route53;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** All record sets of a zone at one moment, in the order of listings. Immutable. */
final class ZoneRecords {
    private final NavigableMap<RecordSet.Key, RecordSet> sets;

    private ZoneRecords(NavigableMap<RecordSet.Key, RecordSet> sets) {
        this.sets = Collections.unmodifiableNavigableMap(sets);
    }

    static ZoneRecords of(Collection<RecordSet> sets) {
        TreeMap<RecordSet.Key, RecordSet> sorted = new TreeMap<>();
        sets.forEach(set -> sorted.put(set.key(), set));
        return new ZoneRecords(sorted);
    }

    ZoneRecords with(RecordSet set) {
        TreeMap<RecordSet.Key, RecordSet> changed = new TreeMap<>(sets);
        changed.put(set.key(), set);
        return new ZoneRecords(changed);
    }

    ZoneRecords without(RecordSet.Key key) {
        TreeMap<RecordSet.Key, RecordSet> changed = new TreeMap<>(sets);
        changed.remove(key);
        return new ZoneRecords(changed);
    }

    Optional<RecordSet> find(RecordSet.Key key) {
        return Optional.ofNullable(sets.get(key));
    }

    /** The record sets that share a name and a type, in the order of their identifiers. */
    List<RecordSet> group(DomainName name, RecordType type) {
        return sets.tailMap(new RecordSet.Key(name, type, ""), true).values().stream()
                .takeWhile(set -> set.name().equals(name) && set.type() == type)
                .toList();
    }

    /** The record sets of a name, whatever their type. */
    List<RecordSet> named(DomainName name) {
        return sets.tailMap(first(name), true).values().stream()
                .takeWhile(set -> set.name().equals(name))
                .toList();
    }

    /** True when the name has record sets, or a name below it has: it exists, although it may have no data. */
    boolean exists(DomainName name) {
        return sets.tailMap(first(name), true).values().stream()
                .findFirst()
                .filter(set -> set.name().isWithin(name))
                .isPresent();
    }

    /** The record sets from a place in the order on. */
    Collection<RecordSet> from(RecordSet.Key start) {
        return sets.tailMap(start, true).values();
    }

    Collection<RecordSet> all() {
        return sets.values();
    }

    int size() {
        return sets.size();
    }

    private static RecordSet.Key first(DomainName name) {
        return new RecordSet.Key(name, RecordType.A, "");
    }
}
