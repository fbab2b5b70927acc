package dev.flotilla.agent.steering;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A node whose mirror ended by itself, and that keeps away from clients. Outlives the agent. Immutable.
 *
 * @param since when the mirror was found gone, by the node's own clock, for people
 * @param why what became of the mirror
 * @param lastReturn what had been said then of coming back: something else has to be said
 * @param drained whether the node would be drained by the fleet's wish without it
 */
record Absence(Instant since, String why, Optional<Instant> lastReturn, boolean drained) {
    private static final int LONGEST_CHARACTERS = 400;

    Absence {
        since = since.truncatedTo(ChronoUnit.MILLIS);
        why = why.length() <= LONGEST_CHARACTERS ? why : why.substring(0, LONGEST_CHARACTERS);
    }

    static Absence parse(JsonObject written) {
        return new Absence(
                written.instant("since"),
                written.text("why"),
                written.optionalInstant("last-return"),
                written.member("drained").isPresent() && written.truth("drained"));
    }

    Absence with(boolean goes) {
        return new Absence(since, why, lastReturn, goes);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("since", since)
                .with("why", why)
                .with("last-return", lastReturn, time -> new Json.Text(time.toString()))
                .with("drained", drained);
    }
}
