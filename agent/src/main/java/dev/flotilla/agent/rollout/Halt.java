package dev.flotilla.agent.rollout;

/**
 * What an operator wants of a rollout that is under way.
 *
 * @param reason who and why, for people
 */
public record Halt(Kind kind, String reason) {
    /** How far the halt goes. */
    public enum Kind {
        /** No node goes until the rollout is resumed; nodes without any release start all the same. */
        PAUSED,
        /** No node goes for this release any more. */
        ABORTED
    }
}
