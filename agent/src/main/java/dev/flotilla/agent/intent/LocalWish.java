package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Instant;
import java.util.Optional;

/**
 * What somebody wants who is on the node itself: a drain or a pause. Immutable.
 *
 * @param until when it ends by itself
 * @param reason for people; may be empty
 */
public record LocalWish(Optional<Instant> until, String reason, String by, Instant at) {
    private static final ByteSize LARGEST = ByteSize.ofKiB(16);

    public LocalWish {
        until = until.map(Shape::milliseconds);
        reason = Shape.reason(reason);
        by = Shape.by(by);
        at = Shape.milliseconds(at);
    }

    public boolean isOver(Instant now) {
        return until.filter(end -> !now.isBefore(end)).isPresent();
    }

    /** Since when, until when and why, for people. */
    public String text() {
        return "by " + by + " on the node, since " + at
                + until.map(end -> ", until " + end).orElse("") + (reason.isEmpty() ? "" : " (" + reason + ")");
    }

    /** Reads it; {@link MalformedJsonException} where it is none. */
    public static LocalWish parse(byte[] document) {
        JsonObject written = new JsonReader(LARGEST).object(document);
        try {
            return new LocalWish(
                    written.optionalInstant("until"),
                    written.text("reason"),
                    written.text("by"),
                    written.instant("at"));
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    public byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("until", until, end -> new Json.Text(end.toString()))
                .with("reason", reason)
                .with("by", by)
                .with("at", at));
    }
}
