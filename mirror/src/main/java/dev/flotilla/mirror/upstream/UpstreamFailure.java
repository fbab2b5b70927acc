package dev.flotilla.mirror.upstream;

/** Why an exchange with an upstream came to nothing, in one line for people. Never leaves this package. */
final class UpstreamFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** What it says about the upstream. */
    enum Kind {
        /** It doesn't do its work just now. */
        PASSING,
        /** This answer made no sense; others may. */
        NONSENSE,
        /** It works, and what was asked for isn't to be had. */
        LASTING
    }

    private final Kind kind;

    private UpstreamFailure(String reason, Kind kind) {
        super(reason, null, false, false);
        this.kind = kind;
    }

    /** Another attempt may fare better. */
    static UpstreamFailure passing(String reason) {
        return new UpstreamFailure(reason, Kind.PASSING);
    }

    /** Another attempt, at another address, may fare better; the upstream as a whole works. */
    static UpstreamFailure nonsense(String reason) {
        return new UpstreamFailure(reason, Kind.NONSENSE);
    }

    /** Another attempt would end the same way. */
    static UpstreamFailure lasting(String reason) {
        return new UpstreamFailure(reason, Kind.LASTING);
    }

    /** What went wrong below: connections, time-outs, names. */
    static UpstreamFailure of(Throwable cause) {
        if (cause instanceof UpstreamFailure failure) {
            return failure;
        }
        String message = cause.getMessage();
        String text = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        return passing(text.lines().findFirst().orElse(text));
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    boolean isWorthRetrying() {
        return kind != Kind.LASTING;
    }

    Kind kind() {
        return kind;
    }
}
