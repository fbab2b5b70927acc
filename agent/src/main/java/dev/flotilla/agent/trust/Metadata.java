package dev.flotilla.agent.trust;

import java.time.Instant;
import java.util.Optional;

/** What the metadata of all roles have in common. */
public sealed interface Metadata permits RootMetadata, TimestampMetadata, SnapshotMetadata, TargetsMetadata {
    /** At least 1; grows. */
    long version();

    /** To the second; from then on nobody goes by it any more. */
    Instant expires();

    /** When it was signed, where it says so. */
    Optional<Instant> issued();
}
