package dev.flotilla.controller.command;

/** Ends a command with an exit code and a message for people, which says what was tried, why it failed and what to do. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final int FAILED = 1;

    /** Another controller holds the fleet's lock, or has taken it. */
    static final int LOCKED = 4;

    private final int exitCode;

    /** Exit code 1. */
    public CommandFailure(String message) {
        super(message);
        this.exitCode = FAILED;
    }

    /** Exit code 1. */
    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = FAILED;
    }

    private CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static CommandFailure locked(String message) {
        return new CommandFailure(LOCKED, message);
    }

    int exitCode() {
        return exitCode;
    }
}
