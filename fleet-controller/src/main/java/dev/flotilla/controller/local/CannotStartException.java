package dev.flotilla.controller.local;

/** The local fleet can't start, or can't go on starting; the message tells a person why and what to do. */
final class CannotStartException extends Exception {
    private static final long serialVersionUID = 1;

    CannotStartException(String message) {
        super(message);
    }

    CannotStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
