package dev.flotilla.controller.dns;

import dev.flotilla.controller.dns.RecordSet.Content;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a plan into batches within what Route53 takes at once: 1,000 records, of which one that is put in another's place
 * counts twice, and 32,000 characters of values. The order stays, so that after each batch nothing leads nowhere.
 */
final class ChangeBatches {
    /** Some are left for the marker that goes with every batch. */
    private static final int MOST_RECORDS = 990;

    private static final int MOST_CHARACTERS = 31_000;

    private ChangeBatches() {}

    static List<List<Change>> split(List<Change> changes) {
        List<List<Change>> batches = new ArrayList<>();
        List<Change> current = new ArrayList<>();
        int records = 0;
        int characters = 0;
        for (Change change : changes) {
            int factor = change instanceof Change.Replace ? 2 : 1;
            int length = factor * characters(change.records());
            if (records + factor > MOST_RECORDS || characters + length > MOST_CHARACTERS) {
                batches.add(current);
                current = new ArrayList<>();
                records = 0;
                characters = 0;
            }
            current.add(change);
            records += factor;
            characters += length;
        }
        if (!current.isEmpty()) {
            batches.add(current);
        }
        return batches;
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
