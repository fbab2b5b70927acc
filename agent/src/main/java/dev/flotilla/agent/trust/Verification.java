package dev.flotilla.agent.trust;

/** The outcome of judging metadata. */
public sealed interface Verification<T> {
    /** Every check passed. */
    record Trusted<T>(T value) implements Verification<T> {}

    /**
     * A check failed.
     *
     * @param detail what was compared with what, for people
     */
    record Refused<T>(Refusal reason, String detail) implements Verification<T> {
        /** The reason and its detail in one line. */
        public String text() {
            return reason.words() + ": " + detail;
        }
    }
}
