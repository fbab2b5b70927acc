package dev.flotilla.agent.mirror;

import java.util.Optional;

/** Holds a mirror that is to take over to what the one before it does. For one thread. */
public interface Comparison {
    /** Readiness is all that is asked for, as on the way back. */
    Comparison NONE = new Comparison() {
        @Override
        public void remember() {}

        @Override
        public Optional<String> againstTheOneBefore() {
            return Optional.empty();
        }
    };

    /** Before anything is changed: what is served now has to be served afterwards. */
    void remember();

    /** Why the mirror that became ready is worse than the one before, where it is. */
    Optional<String> againstTheOneBefore() throws InterruptedException;
}
