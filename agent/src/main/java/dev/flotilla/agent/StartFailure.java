package dev.flotilla.agent;

/** The program can't do what it was asked to; the message says to people why and what to do. */
final class StartFailure extends Exception {
    private static final long serialVersionUID = 1;

    StartFailure(String message) {
        super(message);
    }
}
