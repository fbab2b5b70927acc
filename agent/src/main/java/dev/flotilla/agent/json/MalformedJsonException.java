package dev.flotilla.agent.json;

/** Text is no JSON, breaks a limit of reading, or is not of the shape that its reader needs. The message says which. */
public final class MalformedJsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public MalformedJsonException(String message) {
        super(message);
    }
}
