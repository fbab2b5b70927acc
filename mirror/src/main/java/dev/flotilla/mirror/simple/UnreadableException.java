package dev.flotilla.mirror.simple;

/** Ends the parsing of a page from within; never leaves the package. The message is for people. */
final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String reason) {
        // a verdict, not a bug: nobody reads its stack
        super(reason, null, false, false);
    }
}
