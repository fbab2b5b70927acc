package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.Sha256;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whether an index has a file's core metadata beside the file, under its name with {@code .metadata} (PEP 658, 714). Immutable. */
public sealed interface CoreMetadata {
    /** The index says nothing of it. */
    record Absent() implements CoreMetadata {}

    /** It is there, with these digests by algorithm; none where the index gives none. */
    record Present(SortedMap<String, String> hashes) implements CoreMetadata {
        public Present {
            hashes = Collections.unmodifiableSortedMap(new TreeMap<>(hashes));
            Digests.require(hashes);
        }
    }

    static CoreMetadata absent() {
        return new Absent();
    }

    static CoreMetadata present(Map<String, String> hashes) {
        return new Present(new TreeMap<>(hashes));
    }

    /** The digest that the metadata must have, where the index gives it. */
    default Optional<Sha256> sha256() {
        return switch (this) {
            case Absent ignored -> Optional.empty();
            case Present present -> Digests.sha256(present.hashes());
        };
    }
}
