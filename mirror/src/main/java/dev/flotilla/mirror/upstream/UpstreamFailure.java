package dev.flotilla.mirror.upstream;

/** Why an exchange with an upstream came to nothing, in one line for people. Never leaves this package. */
final class UpstreamFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean worthRetrying;

    private UpstreamFailure(String reason, boolean worthRetrying) {
        super(reason, null, false, false);
        this.worthRetrying = worthRetrying;
    }

    /** Another attempt may fare better. */
    static UpstreamFailure passing(String reason) {
        return new UpstreamFailure(reason, true);
    }

    /** Another attempt would end the same way. */
    static UpstreamFailure lasting(String reason) {
        return new UpstreamFailure(reason, false);
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
        return worthRetrying;
    }
}
