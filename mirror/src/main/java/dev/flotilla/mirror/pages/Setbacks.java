package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.upstream.Deferral;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What spoke against asking upstream lately, for single pages and altogether. For any thread. */
final class Setbacks {
    private final PageSettings settings;
    private final PurgeFence fence;
    private final Cache<PageKey, Setback> known;
    private volatile Instant troubledUntil = Instant.MIN;

    Setbacks(PageSettings settings, PurgeFence fence) {
        this.settings = settings;
        this.fence = fence;
        known = Caffeine.newBuilder()
                .maximumSize(settings.absentEntries())
                .executor(Runnable::run)
                .build();
    }

    /** What speaks against asking for this page still. */
    Optional<Setback> now(PageKey key, Instant now) {
        return last(key).filter(setback -> now.isBefore(setback.until()));
    }

    /** Why the page wasn't had when upstream was asked last; empty where it was had, or that is forgotten. */
    Optional<Setback> last(PageKey key) {
        return Optional.ofNullable(known.getIfPresent(key));
    }

    /** Whether a page of any name wasn't had a moment ago, for a reason that others may meet, too. */
    boolean isUpstreamTroubled(Instant now) {
        return now.isBefore(troubledUntil);
    }

    /** The page was had: nothing speaks against asking any more. */
    void clear(PageKey key) {
        known.invalidate(key);
        troubledUntil = Instant.MIN;
    }

    /** Upstream says that there is no such page; it works, then. {@code since} is when it was asked, on the clock of purges. */
    void gone(PageKey key, long since, Instant now) {
        Instant first = last(key)
                .filter(Setback.Gone.class::isInstance)
                .map(Setback::since)
                .orElse(now);
        clear(key);
        remember(key, since, new Setback.Gone(first, now, now.plus(settings.absentLifetime())));
    }

    /** Only another mirror's stale page was had: that is better than none, and no reason to ask again at once. */
    void onlyStale(PageKey key, long since, Instant now, Keeping.Arrival.Unusable reason) {
        remember(key, since, setback(now, now, settings.stalePause(), reason, false));
    }

    /** The page wasn't had; {@code nothingKept} where there is none to be served in its place. */
    void failed(PageKey key, long since, Instant now, Keeping.Arrival.Unusable reason, boolean nothingKept) {
        if (reason.outcome() == FetchOutcome.FAILED || reason.outcome() == FetchOutcome.NOT_ASKED) {
            troubledUntil = now.plus(settings.stalePause());
        }
        Duration pause = nothingKept ? settings.failurePause() : settings.stalePause();
        Instant first = last(key)
                .filter(Setback.Failed.class::isInstance)
                .map(Setback::since)
                .orElse(now);
        remember(key, since, setback(first, now, pause, reason, nothingKept));
    }

    private static Setback setback(
            Instant first, Instant now, Duration pause, Keeping.Arrival.Unusable unusable, boolean nothingKept) {
        Instant until = now.plus(pause);
        Instant again = unusable.deferral()
                .map(deferral -> now.plus(deferral.again()))
                .filter(until::isBefore)
                .orElse(until);
        var cause = unusable.deferral().map(Deferral::cause).orElse(Deferral.Cause.FAILED_LATELY);
        return new Setback.Failed(first, now, until, again, cause, unusable.reason(), nothingKept);
    }

    /** Not what a purge has made worthless: it clears the memory after it has raised the fence. */
    private void remember(PageKey key, long since, Setback setback) {
        known.put(key, setback);
        if (fence.isOutdated(key, since)) {
            known.invalidate(key);
        }
    }

    /** Forgets; says how many. */
    int purge(PurgeScope scope) {
        int forgotten = 0;
        for (var key : known.asMap().keySet()) {
            forgotten += scope.covers(key) && known.asMap().remove(key) != null ? 1 : 0;
        }
        return forgotten;
    }
}
