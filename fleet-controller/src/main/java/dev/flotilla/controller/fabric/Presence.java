package dev.flotilla.controller.fabric;

/** What a fabric says of a machine. */
public sealed interface Presence {
    /** It runs, as far as the fabric knows. */
    record Running() implements Presence {}

    /** It is on its way. */
    record Starting(String reason) implements Presence {}

    /**
     * There is none, or it doesn't run.
     *
     * @param step what {@link Fabric#provide} would do, in a line for people
     */
    record Missing(String step) implements Presence {}

    /** Nothing can be done with what is in its place; the reason says what to do. */
    record Unusable(String reason) implements Presence {}
}
