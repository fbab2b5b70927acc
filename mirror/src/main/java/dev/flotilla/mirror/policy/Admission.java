package dev.flotilla.mirror.policy;

/** Whether a project of some name is served at all. */
public sealed interface Admission {
    /** It is. */
    record Open() implements Admission {}

    /** It exists, perhaps, and isn't served here; {@code reason} is one line for people. */
    record Blocked(String reason) implements Admission {}

    /** The name is private: upstream is never asked for it, and here it doesn't exist. */
    record Private(String reason) implements Admission {}
}
