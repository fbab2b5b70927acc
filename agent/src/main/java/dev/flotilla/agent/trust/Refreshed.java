package dev.flotilla.agent.trust;

import java.util.Optional;

/** What came of bringing metadata up to date. */
public sealed interface Refreshed {
    /**
     * Everything is trusted and has life left.
     *
     * @param tag the version of the timestamp's object, to ask whether there is another one
     */
    record Current(TrustedMetadata metadata, Optional<String> tag) implements Refreshed {}

    /**
     * A check failed. What was trusted before stays so.
     *
     * @param detail what was compared with what, for people
     */
    record Refused(Refusal reason, String detail) implements Refreshed {
        /** The reason and its detail in one line. */
        public String text() {
            return reason.words() + ": " + detail;
        }
    }

    /** Something could not be fetched, or isn't there. What was trusted before stays so. */
    record Unavailable(String reason) implements Refreshed {}
}
