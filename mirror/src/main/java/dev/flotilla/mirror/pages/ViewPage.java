package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.store.PageKey;
import java.time.Instant;
import java.util.Optional;

/**
 * One representation of a page in a view.
 *
 * @param base what it was made of, as {@link ViewPreparation} tells it: where that is another now, so is the page
 * @param changes when the next file comes of age, and it shows too little
 */
record ViewPage(PreparedBody body, String base, Optional<Instant> changes) {
    /**
     * Which one.
     *
     * @param page of a project, or the list of all projects of the view
     */
    record Key(PageKey page, View view, Variant variant) {}

    /** Whether it is what comes of {@code sources} at {@code now}. */
    boolean isOf(String sources, Instant now) {
        return base.equals(sources) && changes.map(now::isBefore).orElse(true);
    }
}
