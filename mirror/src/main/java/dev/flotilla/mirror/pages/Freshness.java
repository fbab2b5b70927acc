package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.configuration.PageSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The rules of how long a page may be served (RFC 9111, section 4.2; RFC 5861). Pure. */
final class Freshness {
    private final PageSettings settings;

    Freshness(PageSettings settings) {
        this.settings = settings;
    }

    /** How far a page is in its life. */
    enum Stage {
        /** Served without a question. */
        FRESH,
        /** Served at once, and fetched again in the background. */
        STALE,
        /** Fetched again first where upstream can be expected to answer, and served where it doesn't. */
        OVERDUE,
        /** Not served any more, whatever happens. */
        EXPIRED
    }

    /** Whether it may be served because nobody can be asked here and now. What somebody has purged may not: that says nothing of upstream. */
    boolean bearsABusyMirror(Held held, Instant now) {
        return stage(held, now) != Stage.EXPIRED && !held.purged();
    }

    Stage stage(Held held, Instant now) {
        Instant freshUntil = held.freshUntil();
        if (now.isBefore(freshUntil) && !held.purged()) {
            return Stage.FRESH;
        }
        if (!now.isBefore(freshUntil.plus(settings.staleLimit()))) {
            return Stage.EXPIRED;
        }
        if (held.purged()) {
            return Stage.OVERDUE;
        }
        return now.isBefore(freshUntil.plus(settings.backgroundLimit())) ? Stage.STALE : Stage.OVERDUE;
    }

    /** The same of a page of which more can be shown from {@code changes} on. */
    Instant freshUntil(Instant confirmed, Optional<Duration> stated, Optional<Instant> changes) {
        Instant freshUntil = freshUntil(confirmed, stated);
        return changes.filter(freshUntil::isAfter).orElse(freshUntil);
    }

    /** The end of the lifetime of a page that was confirmed at {@code confirmed}, by what upstream said and our bounds. */
    Instant freshUntil(Instant confirmed, Optional<Duration> stated) {
        Duration lifetime = stated.orElse(settings.lifetimeUnstated());
        if (lifetime.compareTo(settings.lifetimeLimit()) > 0) {
            lifetime = settings.lifetimeLimit();
        }
        if (lifetime.compareTo(settings.lifetimeFloor()) < 0) {
            lifetime = settings.lifetimeFloor();
        }
        return confirmed.plus(lifetime);
    }
}
