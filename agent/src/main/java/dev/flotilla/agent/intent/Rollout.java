package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.JsonObject;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Holds one release back on the nodes that have not gone for it. Immutable.
 *
 * @param release the release's version; any other goes its way
 * @param reason for people; may be empty
 * @param by who wants it
 */
public record Rollout(long release, State state, String reason, String by, Instant at) {
    private static final Set<String> MEMBERS = Set.of("release", "state", "reason", "by", "at");

    /** What becomes of the release. */
    public enum State {
        /** It goes on later. */
        PAUSED,
        /** It goes no further, ever. */
        ABORTED;

        /** As it stands in the document. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static State of(String word) {
            return Arrays.stream(values())
                    .filter(state -> state.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'" + word + "' is neither paused nor aborted"));
        }
    }

    public Rollout {
        if (release < 1) {
            throw new IllegalArgumentException("there is no release " + release);
        }
        reason = Shape.reason(reason);
        by = Shape.by(by);
        at = Shape.milliseconds(at);
    }

    static Rollout parse(JsonObject written) {
        Shape.only("the rollout", written, MEMBERS);
        return new Rollout(
                written.whole("release"),
                written.parsed("state", State::of),
                written.text("reason"),
                written.text("by"),
                written.instant("at"));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("release", release)
                .with("state", state.word())
                .with("reason", reason)
                .with("by", by)
                .with("at", at);
    }
}
