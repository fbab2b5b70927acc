package dev.flotilla.controller.local.route53;

import java.io.IOException;
import java.util.Optional;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** Turns the text form of a record's value into DNS records (Developer Guide, "Supported DNS record types"). */
final class RecordData {
    private RecordData() {}

    /** Says what is wrong with a value, if anything is. */
    static Optional<String> problem(RecordType type, String value) {
        try {
            read(Name.root, type, 0, value);
            return Optional.empty();
        } catch (IOException | IllegalArgumentException wrong) {
            return Optional.of("Invalid Resource Record: '" + value + "' is no value of the type " + type + ": "
                    + wrong.getMessage());
        }
    }

    /** Makes the record that a response carries; the value was accepted by {@link #problem} before. */
    static Record record(Name owner, RecordType type, long ttlSeconds, String value) {
        try {
            return read(owner, type, ttlSeconds, value);
        } catch (IOException impossible) {
            throw new IllegalStateException("the value " + value + " was accepted as " + type, impossible);
        }
    }

    private static Record read(Name owner, RecordType type, long ttlSeconds, String value) throws IOException {
        return Record.fromString(owner, type.code(), DClass.IN, ttlSeconds, value, Name.root);
    }
}
