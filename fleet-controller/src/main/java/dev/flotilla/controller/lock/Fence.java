package dev.flotilla.controller.lock;

import java.util.Optional;

/** Stands before everything that others go by: a writer asks it just before each such write. Thread-safe. */
public interface Fence {
    /** For whoever is alone by other means, as the local fleet is with the bucket in its own process. */
    Fence ALONE = new Fence() {
        @Override
        public long generation() {
            return 0;
        }

        @Override
        public Optional<String> lost() {
            return Optional.empty();
        }
    };

    /** Grows by one with each holder of the lock; 0 without one. */
    long generation();

    /** Makes sure that the lock is still this controller's. Present is why it must not write. */
    Optional<String> lost();
}
