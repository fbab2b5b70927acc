package dev.flotilla.mirror.pages;

import java.time.Instant;
import java.util.Optional;

/** What a project's page says about a file in a view. */
sealed interface Verdict {
    /** It is shown. */
    record Shown() implements Verdict {}

    /**
     * It isn't.
     *
     * @param rule the token of the rule that hides it
     * @param until when that ends by itself, where it does
     */
    record Withheld(String rule, Optional<Instant> until) implements Verdict {}

    /** The page doesn't offer it. */
    record Unnamed() implements Verdict {}

    /** The page wasn't served: {@code answer} says why. */
    record NoPage(PageAnswer answer) implements Verdict {}
}
