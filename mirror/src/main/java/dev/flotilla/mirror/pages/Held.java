package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Conditions;
import dev.flotilla.mirror.upstream.Validators;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A page in memory.
 *
 * @param confirmed when upstream gave it or last said that it is unchanged
 * @param freshUntil when its lifetime ends
 * @param upstream the name of the index that gave it
 * @param changes when something comes of age that isn't shown yet, and the page has to be prepared anew
 * @param written the time of confirmation that the store knows
 * @param purged whether it was purged since it was confirmed: only to be served while upstream fails
 */
record Held(
        PreparedPage page,
        Instant confirmed,
        Instant freshUntil,
        Validators validators,
        String upstream,
        OptionalLong serial,
        Optional<Instant> changes,
        Instant written,
        boolean purged) {

    /** Whether what may be shown has changed since it was prepared. */
    boolean isOutgrown(Instant now) {
        return changes.isPresent() && !now.isBefore(changes.get());
    }

    /** The same with other representations. */
    Held with(PreparedPage other) {
        return new Held(other, confirmed, freshUntil, validators, upstream, serial, changes, written, purged);
    }

    /** The same page, purged. */
    Held afterPurge() {
        return new Held(page, confirmed, confirmed, validators, upstream, serial, changes, written, true);
    }

    /** What to ask upstream with; nothing where it gave no validators, nor after a purge: it must not be confirmed. */
    Optional<Conditions> conditions() {
        return purged || validators.isEmpty() ? Optional.empty() : Optional.of(new Conditions(validators, upstream));
    }
}
