package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Deferral;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What a client gets who asks for a page. */
public sealed interface PageAnswer {
    /**
     * The page.
     *
     * @param body its bytes, lent: whoever takes this answer calls {@link PreparedBody#release} once it was sent
     * @param age since upstream gave or confirmed it
     * @param remaining how long it stays fresh; zero where it is stale
     * @param serial PyPI's serial, where the page came with one
     */
    record Served(PreparedBody body, PageOutcome outcome, Duration age, Duration remaining, OptionalLong serial)
            implements PageAnswer {}

    /** Upstream said that there is no such page. */
    record Absent(Duration remaining) implements PageAnswer {}

    /** Projects of this name aren't served here; {@code reason} is one line for people. */
    record Blocked(String reason) implements PageAnswer {}

    /** The name is private: it doesn't exist here, and nobody else is asked. */
    record Private(String reason) implements PageAnswer {}

    /**
     * Nobody could say, and nothing is kept.
     *
     * @param reason one line for people
     * @param deferral where nobody was asked: why, and when somebody will be
     */
    record Unavailable(String reason, Optional<Deferral> deferral) implements PageAnswer {
        /** Somebody was asked for this answer and failed. */
        public Unavailable(String reason) {
            this(reason, Optional.empty());
        }
    }

    /** Too much is being fetched or waited for already. */
    record Overloaded() implements PageAnswer {}
}
