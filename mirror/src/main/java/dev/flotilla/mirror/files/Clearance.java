package dev.flotilla.mirror.files;

/** Whether a file may be given out that may well be in the store, as far as the project pages are known. */
public sealed interface Clearance {
    /** It may. */
    Clearance CLEAR = new Clear();

    /** It may. */
    record Clear() implements Clearance {}

    /** It mustn't: for clients it doesn't exist. */
    record Withheld(String reason) implements Clearance {}

    /** It mustn't: its project isn't served here. */
    record Forbidden(String reason) implements Clearance {}

    /** The page isn't in memory: {@link FileCatalogue#settle} finds out. */
    record Unsettled() implements Clearance {}
}
