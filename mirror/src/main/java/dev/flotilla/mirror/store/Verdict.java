package dev.flotilla.mirror.store;

/** What became of a file whose bytes have all come. */
public sealed interface Verdict {
    /** It is right and in the store. Whoever takes this verdict releases {@code file}. */
    record Committed(StoredFile file) implements Verdict {}

    /** It isn't what was expected and is gone; {@code reason} is one line for people. */
    record Refused(String reason) implements Verdict {}
}
