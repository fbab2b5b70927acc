package dev.flotilla.controller.drill;

import java.time.Duration;

/**
 * What one request from a vantage point met.
 *
 * @param at when it began, since the drill's watching began
 * @param took until it was over, all its tries included
 * @param seen where it was led at first
 * @param tries what came of it
 * @param why for people, where it did not go well at once; else empty
 */
record Sample(Duration at, Duration took, Seen seen, Tries tries, String why) {
    /** Where a client is led. */
    enum Seen {
        /** To the region that the drill is about, among others or alone. */
        REGION,
        ELSEWHERE,
        /** Nobody knows: there was no answer, or it doesn't tell. */
        UNKNOWN
    }

    /** What came of a request, by what pip would make of it. */
    enum Tries {
        FIRST,
        /** It went well in the end, by as many tries as pip makes on its own. */
        RETRIED,
        FAILED
    }

    Duration end() {
        return at.plus(took);
    }
}
