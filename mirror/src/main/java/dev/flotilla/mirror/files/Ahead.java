package dev.flotilla.mirror.files;

/** What became of a file that was to be here before anybody asks. */
public sealed interface Ahead {
    /** It had been here. */
    record Here() implements Ahead {}

    /** It has come: so many bytes. */
    record Come(long bytes) implements Ahead {}

    /** What clients wait for goes first: to be tried again in a moment. */
    record Busy() implements Ahead {}

    /** The store is as full as it may be with what nobody has asked for. */
    record NoRoom() implements Ahead {}

    /** It couldn't be had, or isn't given out; {@code reason} is one line for people. */
    record Failed(String reason) implements Ahead {}
}
