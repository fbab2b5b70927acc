package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.upstream.Deferral;
import java.time.Duration;
import java.time.Instant;

/** Why a page was not had lately. */
sealed interface Setback {
    /** When it was so for the first time in an unbroken row. */
    Instant since();

    /** When it was so last. */
    Instant latest();

    /** Until when it is believed. */
    Instant until();

    /** Upstream said that there is no such page. */
    record Gone(Instant since, Instant latest, Instant until) implements Setback {}

    /**
     * Nobody could say: upstream isn't asked again before {@code until}.
     *
     * @param again when upstream will be asked as far as can be told, not before {@code until}
     * @param cause why not before
     * @param nothingKept whether no page is kept that could be served in its place
     */
    record Failed(
            Instant since,
            Instant latest,
            Instant until,
            Instant again,
            Deferral.Cause cause,
            String reason,
            boolean nothingKept)
            implements Setback {
        /** What those are told who ask meanwhile. */
        Deferral deferral(Instant now) {
            return new Deferral(cause, Duration.between(now, again));
        }
    }
}
