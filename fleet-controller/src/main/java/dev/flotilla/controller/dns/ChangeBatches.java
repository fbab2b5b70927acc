package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import dev.flotilla.controller.fleet.DnsName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Cuts a plan into batches within what a zone takes at once. The order stays, so that after each batch nothing leads nowhere.
 * What changes at one name goes in one batch with the rest of its chain: cut in two, a region that moves from the name itself
 * into the chain, or out of it, would be in neither for a while. At most 100 sets share a name and type and a chain has two for
 * each region, so that this always fits; where it doesn't, it goes as a batch of its own.
 */
final class ChangeBatches {
    private ChangeBatches() {}

    static List<List<Change>> split(List<Change> changes, BatchLimits limits) {
        List<List<Change>> batches = new ArrayList<>();
        List<Change> current = new ArrayList<>();
        for (List<Change> group : groups(changes)) {
            if (!current.isEmpty() && !fits(current, group, limits)) {
                batches.add(current);
                current = new ArrayList<>();
            }
            current.addAll(group);
        }
        if (!current.isEmpty()) {
            batches.add(current);
        }
        return batches;
    }

    /** What stands in a row for one name with its chain, and for one type. */
    private static List<List<Change>> groups(List<Change> changes) {
        List<List<Change>> groups = new ArrayList<>();
        Optional<Chain> last = Optional.empty();
        for (Change change : changes) {
            Optional<Chain> chain = Optional.of(Chain.of(change.records()));
            if (!chain.equals(last)) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(change);
            last = chain;
        }
        return groups;
    }

    /** The name that all of them belong to, and their type. */
    private record Chain(DnsName name, String type) {
        static Chain of(RecordSet records) {
            return new Chain(RecordTree.chainOf(records.name()), records.type());
        }
    }

    private static boolean fits(List<Change> batch, List<Change> more, BatchLimits limits) {
        int records = 0;
        int characters = 0;
        for (Change change : Stream.concat(batch.stream(), more.stream()).toList()) {
            int factor = change instanceof Change.Replace ? 2 : 1;
            records += factor;
            characters += factor * characters(change.records());
        }
        return records <= limits.records() && characters <= limits.characters();
    }

    private static int characters(RecordSet records) {
        return switch (records.content()) {
            case Content.Values values ->
                values.values().stream().mapToInt(String::length).sum();
            case Content.Alias alias -> alias.target().value().length();
            case Content.Other other -> other.description().length();
        };
    }
}
