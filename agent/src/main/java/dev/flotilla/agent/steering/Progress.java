package dev.flotilla.agent.steering;

import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/**
 * Which purges this node has carried out: all up to a number of a series, but for those that its mirror refused. Immutable.
 *
 * @param begun names the series
 * @param refused the last of those, and why; absent where none of the series was
 */
record Progress(Instant begun, long done, Optional<String> refused) {
    static final Progress NONE = new Progress(Instant.EPOCH, 0, Optional.empty());

    /** The same within the series that is current: another one has begun at 0. */
    Progress in(Intents intents) {
        return intents.begun().equals(begun) ? this : new Progress(intents.begun(), 0, Optional.empty());
    }

    Progress to(long number) {
        return new Progress(begun, number, refused);
    }

    Progress refusing(long number, String why) {
        return new Progress(begun, number, Optional.of(why));
    }

    static Progress parse(JsonObject written) {
        return new Progress(written.instant("begun"), written.whole("done"), written.optionalText("refused"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY.with("begun", begun).with("done", done).with("refused", refused, Json.Text::new);
    }
}
