package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.vocabulary.ProjectName;
import java.time.Instant;
import java.util.Optional;

/**
 * One representation of a project's page in a view.
 *
 * @param base the entity tag of the page that it was made of, as that is offered in {@link Views#BASE}
 * @param changes when the next file comes of age, and it shows too little
 */
record ViewPage(PreparedBody body, String base, Optional<Instant> changes) {
    /** Which one. */
    record Key(ProjectName name, View view, Variant variant) {}

    /** Whether it is what the page with the tag {@code tag} comes to at {@code now}. */
    boolean isOf(String tag, Instant now) {
        return base.equals(tag) && changes.map(now::isBefore).orElse(true);
    }
}
