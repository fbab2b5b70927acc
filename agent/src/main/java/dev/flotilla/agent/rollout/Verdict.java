package dev.flotilla.agent.rollout;

import java.time.Instant;
import java.util.Optional;

/** Whether a node takes a release up now. */
public sealed interface Verdict {
    /** It does. */
    record Go() implements Verdict {}

    /**
     * Not yet.
     *
     * @param until when it will be looked at differently, where that is only a matter of time
     */
    record Hold(String reason, Optional<Instant> until) implements Verdict {}

    /** The rollout has stopped, by itself or by an operator. It goes on if what stopped it passes. */
    record Stopped(String reason) implements Verdict {}
}
