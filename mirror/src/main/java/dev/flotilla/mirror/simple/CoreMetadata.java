package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;

/** Whether an index has a file's core metadata beside the file, under its name with {@code .metadata} (PEP 658, 714). Immutable. */
public sealed interface CoreMetadata {
    /** The index says nothing of it. */
    record Absent() implements CoreMetadata {
        private static final Absent OF_MOST_FILES = new Absent();
    }

    /** It is there, with these digests; none where the index gives none. */
    record Present(Digests hashes) implements CoreMetadata {}

    static CoreMetadata absent() {
        return Absent.OF_MOST_FILES;
    }

    static CoreMetadata present(Digests hashes) {
        return new Present(hashes);
    }

    /** The digest that the metadata must have, where the index gives it. */
    default Optional<Sha256> sha256() {
        return switch (this) {
            case Absent ignored -> Optional.empty();
            case Present present -> present.hashes().sha256();
        };
    }
}
