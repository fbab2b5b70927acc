package dev.flotilla.mirror.policy;

import dev.flotilla.mirror.simple.ProjectFile;
import java.time.Instant;
import java.util.Optional;

/**
 * A file that isn't shown.
 *
 * @param rule why
 * @param until when that ends by itself, where it does
 */
public record Hidden(ProjectFile file, Rule rule, Optional<Instant> until) {
    /** Whether it still isn't shown. */
    public boolean holds(Instant now) {
        return until.isEmpty() || now.isBefore(until.get());
    }
}
