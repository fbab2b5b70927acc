package dev.flotilla.controller.command;

/** Ends a command with exit code 1 and a message for people, which says what was tried, why it failed and what to do. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CommandFailure(String message) {
        super(message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
