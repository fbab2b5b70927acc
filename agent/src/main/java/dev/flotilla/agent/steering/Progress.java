package dev.flotilla.agent.steering;

import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;

/**
 * Which purges this node has carried out: all up to a number of a series. Immutable.
 *
 * @param begun names the series
 */
record Progress(Instant begun, long done) {
    static final Progress NONE = new Progress(Instant.EPOCH, 0);

    /** The same within the series that is current: another one has begun at 0. */
    Progress in(Intents intents) {
        return intents.begun().equals(begun) ? this : new Progress(intents.begun(), 0);
    }

    Progress to(long number) {
        return new Progress(begun, number);
    }

    static Progress parse(JsonObject written) {
        return new Progress(written.instant("begun"), written.whole("done"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY.with("begun", begun).with("done", done);
    }
}
