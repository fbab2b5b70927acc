package dev.flotilla.agent.trust;

/** Carries a refusal from the check that failed to the facade that makes an outcome of it. Never leaves this package. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final Refusal reason;
    private final String detail;

    RefusedException(Refusal reason, String detail) {
        super(reason.words() + ": " + detail);
        this.reason = reason;
        this.detail = detail;
    }

    Refreshed.Refused outcome() {
        return new Refreshed.Refused(reason, detail);
    }
}
