package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;
import java.util.Set;

/**
 * Has every node ask for some pages anew. Immutable.
 *
 * @param id one more than that of the purge before it
 * @param hard delete them, so that they are unavailable while upstream fails
 * @param by who wants it
 */
public record Purge(long id, PurgeScope scope, boolean hard, String by, Instant at) {
    private static final Set<String> MEMBERS = Set.of("id", "project", "prefix", "all", "hard", "by", "at");

    public Purge {
        if (id < 1) {
            throw new IllegalArgumentException("no purge is number " + id);
        }
        by = Shape.by(by);
        at = Shape.milliseconds(at);
    }

    static Purge parse(JsonObject written) {
        Shape.only("a purge", written, MEMBERS);
        return new Purge(
                written.whole("id"),
                PurgeScope.parse(written),
                written.truth("hard"),
                written.text("by"),
                written.instant("at"));
    }

    JsonObject toJson() {
        return scope.addTo(JsonObject.EMPTY.with("id", id))
                .with("hard", hard)
                .with("by", by)
                .with("at", at);
    }
}
