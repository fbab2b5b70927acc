package dev.flotilla.controller.local.route53;

import java.util.List;

/** The changes of one ChangeResourceRecordSets request, in their order (API Reference, ChangeBatch). */
record ChangeBatch(List<Change> changes) {
    ChangeBatch {
        changes = List.copyOf(changes);
    }

    /** What is done with one record set. */
    record Change(Action action, RecordSet set) {}

    /** API Reference, Change, Action. */
    enum Action {
        CREATE,
        DELETE,
        UPSERT
    }

    /** What became of a batch: all of it happened, or nothing. */
    sealed interface Outcome {
        /** The records as they are after the batch. */
        record Applied(ZoneRecords records) implements Outcome {}

        /** Why not, one message per wrong change. */
        record Refused(List<String> messages) implements Outcome {}
    }
}
