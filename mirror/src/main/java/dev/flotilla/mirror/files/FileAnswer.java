package dev.flotilla.mirror.files;

import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.Deferral;
import java.util.Optional;

/** What a client gets that asks for a file. */
public sealed interface FileAnswer {
    /**
     * The whole file is here. Whoever takes this answer releases {@code file} once it was sent.
     *
     * @param delivery whether it had been here before
     */
    record Stored(StoredFile file, Delivery delivery) implements FileAnswer {
        /** A file that was here before. */
        public Stored(StoredFile file) {
            this(file, Delivery.HIT);
        }
    }

    /** The file is coming. Whoever takes this answer streams {@code file} or releases it. */
    record Growing(GrowingFile file) implements FileAnswer {}

    /** There is no such file: whoever is responsible says so. */
    record Unknown() implements FileAnswer {}

    /** Its project isn't served here; {@code reason} is one line for people. */
    record Forbidden(String reason) implements FileAnswer {}

    /**
     * Nobody could say, or the file couldn't be had whole and right.
     *
     * @param reason one line for people
     * @param deferral where nobody was asked: why, and when somebody will be
     */
    record Unavailable(String reason, Optional<Deferral> deferral) implements FileAnswer {
        /** It was tried for this answer. */
        public Unavailable(String reason) {
            this(reason, Optional.empty());
        }
    }

    /** For an answer that nobody takes any more: lets go of what it holds. */
    default void release() {
        switch (this) {
            case Stored(StoredFile file, Delivery delivery) -> file.release();
            case Growing(GrowingFile file) -> file.release();
            case Unknown ignored -> {}
            case Forbidden ignored -> {}
            case Unavailable ignored -> {}
        }
    }

    /** How a client came by a whole file. */
    enum Delivery {
        /** It had been here. */
        HIT,
        /** It came for this client. */
        MISS,
        /** It came for another client while this one waited, too. */
        COALESCED
    }
}
