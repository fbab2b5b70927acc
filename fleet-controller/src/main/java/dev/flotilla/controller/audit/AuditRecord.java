package dev.flotilla.controller.audit;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One thing that was done, or not.
 *
 * @param number 1 for the first of the chain; 0 for one of before there was a chain
 * @param before the digest of the record with the number before; absent for the first
 * @param lock the generation of the fleet's lock that it was done under, 0 without
 * @param result what came of it: {@code done}, or why it wasn't
 * @param version the release or the like that it led to
 */
public record AuditRecord(
        long number,
        Optional<Sha256> before,
        FleetName fleet,
        Instant time,
        String actor,
        long lock,
        String action,
        String result,
        Optional<Long> version,
        List<String> changes) {
    static final String DONE = "done";

    /** Far above the changes of the largest fleet. */
    static final ByteSize LARGEST = ByteSize.ofMiB(4);

    private static final int OLD_FORMAT = 1;
    private static final int FORMAT = 2;

    public AuditRecord {
        changes = List.copyOf(changes);
        if (number < 0 || (before.isPresent() != number > 1)) {
            throw new IllegalArgumentException("no record: number " + number + ", before it " + before);
        }
    }

    static AuditRecord parse(byte[] document) {
        JsonObject object = new JsonReader(LARGEST).object(document);
        long format = object.whole("format");
        if (format != OLD_FORMAT && format != FORMAT) {
            throw new MalformedJsonException("a later version of flotilla wrote it");
        }
        boolean old = format == OLD_FORMAT;
        try {
            return new AuditRecord(
                    old ? 0 : object.whole("number"),
                    object.optionalParsed("before", Sha256::new),
                    object.parsed("fleet", FleetName::new),
                    object.instant("time"),
                    object.text("actor"),
                    object.optionalWhole("lock").orElse(0L),
                    object.text("action"),
                    old ? DONE : object.text("result"),
                    object.optionalWhole("version"),
                    object.sequence("changes").stream().map(AuditRecord::line).toList());
        } catch (MalformedJsonException wrong) {
            throw wrong;
        } catch (IllegalArgumentException wrong) {
            throw new MalformedJsonException(String.valueOf(wrong.getMessage()));
        }
    }

    private static String line(Json value) {
        if (value instanceof Json.Text text) {
            return text.value();
        }
        throw new MalformedJsonException("'changes' has to be a list of lines");
    }

    /** The object, and the form for programs. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("format", FORMAT)
                .with("number", number)
                .with("before", before, digest -> new Json.Text(digest.hex()))
                .with("fleet", fleet.value())
                .with("time", time)
                .with("actor", actor)
                .with("lock", lock)
                .with("action", action)
                .with("result", result)
                .with("version", version, Json.Whole::new)
                .with(
                        "changes",
                        new Json.Sequence(
                                changes.stream().<Json>map(Json.Text::new).toList()));
    }

    byte[] toBytes() {
        return JsonWriter.bytes(toJson());
    }
}
