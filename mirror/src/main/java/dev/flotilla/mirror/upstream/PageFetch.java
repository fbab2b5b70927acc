package dev.flotilla.mirror.upstream;

import dev.flotilla.mirror.simple.PageForm;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** How asking for a page ended. */
public sealed interface PageFetch {
    /**
     * The page came.
     *
     * @param body all of it, decoded, within the limit; nobody changes it
     * @param form what it is written in
     * @param location where it came from in the end, against which its relative links resolve
     * @param validators what to ask again with
     * @param lifetime how long upstream says that it stays fresh (RFC 9111, section 4.2.1); absent where it doesn't say
     * @param serial PyPI's serial of the page, where it came with one
     * @param upstream the name of the index that gave it
     * @param staleness where that is a mirror that has only a stale page: how long ago that page was right, at least; else zero
     */
    @SuppressWarnings("ArrayRecordComponent") // Megabytes that are parsed once: equality and copies would be a mistake.
    record Fetched(
            byte[] body,
            PageForm form,
            URI location,
            Validators validators,
            Optional<Duration> lifetime,
            OptionalLong serial,
            String upstream,
            Duration staleness)
            implements PageFetch {}

    /**
     * The page is as it was when the validators were given (304).
     *
     * @param validators what to ask again with: those of the answer, or those that were sent where it had none
     * @param lifetime how long upstream says that it stays fresh from now on
     * @param serial as in the answer, where it has one
     * @param staleness as of a page that {@linkplain Fetched came}
     */
    record NotModified(
            Validators validators,
            Optional<Duration> lifetime,
            OptionalLong serial,
            String upstream,
            Duration staleness)
            implements PageFetch {}

    /** The upstream that is responsible says that there is no such page (404 or 410). */
    record Absent(String upstream) implements PageFetch {}

    /**
     * Nobody could say.
     *
     * @param reason one line for people: what was tried, and why it failed
     * @param deferral where no upstream was asked at all: why, and when one will be
     */
    record Failed(String reason, Optional<Deferral> deferral) implements PageFetch {
        /** Somebody was asked and failed. */
        public Failed(String reason) {
            this(reason, Optional.empty());
        }
    }
}
