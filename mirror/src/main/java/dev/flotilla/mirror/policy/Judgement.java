package dev.flotilla.mirror.policy;

import dev.flotilla.mirror.simple.ProjectPage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a page may show at some time.
 *
 * @param shown the page without what is hidden
 * @param hidden what isn't shown, in the page's order
 * @param changes when the next file comes of age and this judgement is out of date; never, where none will
 */
public record Judgement(ProjectPage shown, List<Hidden> hidden, Optional<Instant> changes) {
    public Judgement {
        hidden = List.copyOf(hidden);
    }
}
