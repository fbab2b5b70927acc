package dev.flotilla.mirror.pages;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Makes answers of held pages. */
final class PageAnswers {
    private PageAnswers() {}

    /** The page in one representation, lent; empty where that isn't prepared or its memory is gone. */
    static Optional<PageAnswer> served(Held held, Variant variant, PageOutcome outcome, Instant now) {
        return held.page()
                .body(variant)
                .filter(PreparedBody::lend)
                .map(body -> new PageAnswer.Served(
                        body,
                        outcome,
                        atLeastZero(Duration.between(held.confirmed(), now)),
                        atLeastZero(Duration.between(now, held.freshUntil())),
                        held.serial()));
    }

    private static Duration atLeastZero(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
