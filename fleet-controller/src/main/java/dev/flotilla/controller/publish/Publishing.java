package dev.flotilla.controller.publish;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What came of publishing. */
public sealed interface Publishing {
    /**
     * There is a new release.
     *
     * @param expires when nodes stop to take it up
     * @param changes what differs from the release before, one line each; empty where it was only signed again
     */
    record Published(long version, Instant expires, List<String> changes) implements Publishing {
        public Published {
            changes = List.copyOf(changes);
        }
    }

    /** The release in the bucket says the same already. */
    record Unchanged(long version, Instant expires) implements Publishing {}

    /**
     * The release is ready but for signatures that can't be made here: those of a key that is kept offline.
     *
     * @param file what has to be signed
     */
    record Unsigned(Path file, String lacking) implements Publishing {}

    /** Nothing was published, on purpose; the reason says what to do. */
    record Refused(String reason) implements Publishing {}

    /** Another controller was faster; the release in the bucket is that one's. */
    record Overtaken(String reason) implements Publishing {}

    /** The fleet's lock isn't this controller's any more; the release in the bucket is whoever's has it now. */
    record Fenced(String reason) implements Publishing {}

    /** The bucket couldn't be read or written. */
    record Failed(String reason) implements Publishing {}

    /** Why the bucket doesn't have what it was to have, for people; empty where it does. */
    default Optional<String> problem() {
        return switch (this) {
            case Published ignored -> Optional.empty();
            case Unchanged ignored -> Optional.empty();
            case Unsigned unsigned -> Optional.of(unsigned.file() + " lacks signatures: " + unsigned.lacking());
            case Refused refused -> Optional.of(refused.reason());
            case Overtaken overtaken -> Optional.of(overtaken.reason());
            case Fenced fenced -> Optional.of(fenced.reason());
            case Failed failed -> Optional.of(failed.reason());
        };
    }
}
