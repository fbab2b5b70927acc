package dev.flotilla.mirror.store;

import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.upstream.Validators;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A page as it came from an upstream, kept so that a restart during an outage loses nothing.
 *
 * @param body as fetched, decoded; nobody changes it
 * @param form what it is written in
 * @param location where it came from in the end
 * @param validators what to ask again with
 * @param lifetime how long upstream said that it stays fresh
 * @param serial PyPI's serial, where it came with one
 * @param upstream the name of the index that gave it
 * @param fetched when it came or was last confirmed
 * @param purged whether it was purged since then: it may be served while upstream fails, and never confirmed
 */
@SuppressWarnings("ArrayRecordComponent") // Megabytes that are parsed once: equality and copies would be a mistake.
public record StoredPage(
        byte[] body,
        PageForm form,
        URI location,
        Validators validators,
        Optional<Duration> lifetime,
        OptionalLong serial,
        String upstream,
        Instant fetched,
        boolean purged) {
    /** A page that wasn't purged. */
    public StoredPage(
            byte[] body,
            PageForm form,
            URI location,
            Validators validators,
            Optional<Duration> lifetime,
            OptionalLong serial,
            String upstream,
            Instant fetched) {
        this(body, form, location, validators, lifetime, serial, upstream, fetched, false);
    }

    StoredPage afterPurge() {
        return new StoredPage(body, form, location, validators, lifetime, serial, upstream, fetched, true);
    }
}
