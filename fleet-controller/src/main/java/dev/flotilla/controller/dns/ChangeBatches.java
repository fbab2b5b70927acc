package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Cuts a plan into batches within what Route53 takes at once: 1,000 records, of which one that is put in another's place
 * counts twice, and 32,000 characters of values. The order stays, so that after each batch nothing leads nowhere. What changes at one name goes in
 * one batch: at most 100 sets share a name and type, so that this always fits.
 */
final class ChangeBatches {
    /** Some are left for the marker that goes with every batch. */
    private static final int MOST_RECORDS = 990;

    private static final int MOST_CHARACTERS = 31_000;

    private ChangeBatches() {}

    static List<List<Change>> split(List<Change> changes) {
        List<List<Change>> batches = new ArrayList<>();
        List<Change> current = new ArrayList<>();
        for (List<Change> group : groups(changes)) {
            if (!current.isEmpty() && !fits(current, group)) {
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

    /** What stands in a row for one name and type: a part of it alone could leave the name without an answer. */
    private static List<List<Change>> groups(List<Change> changes) {
        List<List<Change>> groups = new ArrayList<>();
        for (Change change : changes) {
            RecordSet last = groups.isEmpty()
                    ? change.records()
                    : groups.getLast().getLast().records();
            boolean same = last.name().equals(change.records().name())
                    && last.type().equals(change.records().type());
            if (groups.isEmpty() || !same) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(change);
        }
        return groups;
    }

    private static boolean fits(List<Change> batch, List<Change> more) {
        int records = 0;
        int characters = 0;
        for (Change change : Stream.concat(batch.stream(), more.stream()).toList()) {
            int factor = change instanceof Change.Replace ? 2 : 1;
            records += factor;
            characters += factor * characters(change.records());
        }
        return records <= MOST_RECORDS && characters <= MOST_CHARACTERS;
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
