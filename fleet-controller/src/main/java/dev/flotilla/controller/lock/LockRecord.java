package dev.flotilla.controller.lock;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Instant;

/**
 * What lies in the bucket as the lock. It is never deleted, so that generations only grow.
 *
 * @param generation 1 for the first holder, one more for each that follows, and one more for a break
 * @param state whether somebody holds it
 * @param id tells this holding from all others, whoever the owner is
 * @param owner who holds it, or held it last
 * @param reason what for
 * @param since when it was taken
 * @param expires when it is anybody's, unless it is renewed
 * @param beat grows with each renewal: no two versions of the object have the same bytes, and so the same entity tag
 */
public record LockRecord(
        long generation,
        State state,
        String id,
        String owner,
        String reason,
        Instant since,
        Instant expires,
        long beat) {
    static final ByteSize LARGEST = ByteSize.ofKiB(16);

    /** In what way the lock lies there. */
    public enum State {
        HELD,
        /** Given back, or broken. */
        FREE
    }

    public LockRecord {
        if (generation < 1 || beat < 0) {
            throw new IllegalArgumentException("no lock: generation " + generation + ", beat " + beat);
        }
    }

    /** Whether somebody holds it at that time. */
    public boolean isHeld(Instant now) {
        return state == State.HELD && now.isBefore(expires);
    }

    /** Whether it was never given back, and its time is over: its holder was killed, or sleeps. */
    public boolean isAbandoned(Instant now) {
        return state == State.HELD && !now.isBefore(expires);
    }

    LockRecord renewed(Instant until) {
        return new LockRecord(generation, state, id, owner, reason, since, until, beat + 1);
    }

    LockRecord freed(Instant now) {
        return new LockRecord(generation, State.FREE, id, owner, reason, since, now, beat + 1);
    }

    /** Taken from its holder, who finds another generation there. */
    LockRecord broken(Instant now) {
        return new LockRecord(generation + 1, State.FREE, id, owner, reason, since, now, beat + 1);
    }

    static LockRecord parse(byte[] document) {
        JsonObject object = new JsonReader(LARGEST).object(document);
        if (object.whole("format") != 1) {
            throw new MalformedJsonException("a later version of flotilla wrote it");
        }
        try {
            return new LockRecord(
                    object.whole("generation"),
                    object.truth("held") ? State.HELD : State.FREE,
                    object.text("id"),
                    object.text("owner"),
                    object.text("reason"),
                    object.instant("since"),
                    object.instant("expires"),
                    object.whole("beat"));
        } catch (MalformedJsonException wrong) {
            throw wrong;
        } catch (IllegalArgumentException wrong) {
            throw new MalformedJsonException(String.valueOf(wrong.getMessage()));
        }
    }

    /** The object, and the form for programs. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("format", 1)
                .with("generation", generation)
                .with("held", state == State.HELD)
                .with("id", id)
                .with("owner", owner)
                .with("reason", reason)
                .with("since", since)
                .with("expires", expires)
                .with("beat", beat);
    }

    byte[] toBytes() {
        return JsonWriter.bytes(toJson());
    }
}
