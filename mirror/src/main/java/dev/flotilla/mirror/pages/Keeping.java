package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.PagePurge;
import dev.flotilla.mirror.store.StoredPage;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.PageFetch;
import dev.flotilla.vocabulary.ProjectName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes pages from upstream or from disk into memory and keeps them on disk. Every method blocks and takes its time: for
 * workers only. Pages that it returns are lent to the caller.
 */
final class Keeping {
    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

    private final PageSettings settings;
    private final InstantSource clock;
    private final Freshness freshness;
    private final PageMemory memory;
    private final KeptPages kept;
    private final KnownProjects projects;
    private final Preparation preparation;
    private final Remainders remainders;
    private final PurgeFence fence;
    private final LargePages large;
    private final Cache<PageKey, Instant> regressions;

    Keeping(
            PageSettings settings,
            InstantSource clock,
            PageMemory memory,
            KeptPages kept,
            KnownProjects projects,
            Preparation preparation,
            Remainders remainders,
            PurgeFence fence,
            LargePages large) {
        this.settings = settings;
        this.clock = clock;
        this.memory = memory;
        this.kept = kept;
        this.projects = projects;
        this.preparation = preparation;
        this.remainders = remainders;
        this.fence = fence;
        this.large = large;
        freshness = new Freshness(settings);
        regressions = Caffeine.newBuilder()
                .maximumSize(settings.absentEntries())
                .executor(Runnable::run)
                .build();
    }

    /** What came of asking upstream. */
    sealed interface Arrival {
        /** A page that replaces what was here. */
        record Renewed(Held held) implements Arrival {}

        /** What was here is still right. */
        record Confirmed(Held held) implements Arrival {}

        /** There is no such page, says upstream. */
        record Gone() implements Arrival {}

        /**
         * Nothing that could be used.
         *
         * @param deferral where nobody was asked: why, and when somebody will be
         */
        record Unusable(FetchOutcome outcome, String reason, Optional<Deferral> deferral) implements Arrival {
            Unusable(FetchOutcome outcome, String reason) {
                this(outcome, reason, Optional.empty());
            }
        }

        /** Something that a purge has made worthless meanwhile. */
        record Outdated() implements Arrival {}
    }

    /**
     * The page as it is kept, with at least the {@code wanted} representations; empty where none is. In memory, too, unless it
     * was purged since {@code since}.
     */
    Optional<Held> recall(PageKey key, Set<Variant> wanted, long since) {
        remainders.complete(key);
        return large.inTurn(kept.size(key), () -> recalled(key, wanted, since));
    }

    private Optional<Held> recalled(PageKey key, Set<Variant> wanted, long since) {
        Optional<Held> held = memory.get(key).filter(known -> known.page().lend());
        if (held.isEmpty()) {
            return kept.read(key).flatMap(stored -> prepared(key, stored, wanted, since));
        }
        if (isComplete(held.get(), key, wanted, clock.instant())) {
            return held;
        }
        Optional<Held> other =
                held.get().isOutgrown(clock.instant()) ? Optional.empty() : recoded(key, held.get(), wanted, since);
        Optional<Held> anew = other.or(() -> kept.read(key).flatMap(stored -> prepared(key, stored, wanted, since)));
        if (anew.isPresent()) {
            held.get().page().release();
            return anew;
        }
        return remade(key, held.get(), wanted, since);
    }

    /**
     * What is in memory of a page that the disk has lost, with the {@code wanted} representations: an outage must not make a
     * page vanish that is here in another coding or form. {@code held} is lent to this method.
     */
    private Optional<Held> remade(PageKey key, Held held, Set<Variant> wanted, long since) {
        if (held.page().variants().containsAll(representations(key, wanted))) {
            return Optional.of(held);
        }
        try {
            return key instanceof PageKey.RootList
                    ? preparation
                            .again(held.page(), atFirst(key, wanted))
                            .map(page -> settled(key, held.with(page), since))
                    : recoded(key, held, wanted, since);
        } finally {
            held.page().release();
        }
    }

    /** A project's page with those {@code wanted} that it lacks, made of what is in memory; empty where that doesn't do. */
    private Optional<Held> recoded(PageKey key, Held held, Set<Variant> wanted, long since) {
        return key instanceof PageKey.RootList
                ? Optional.empty()
                : preparation.recoded(held.page(), wanted).map(page -> settled(key, held.with(page), since));
    }

    private Held settled(PageKey key, Held held, long since) {
        fence.commit(key, since, () -> inMemory(key, held));
        return held;
    }

    private Optional<Held> prepared(PageKey key, StoredPage stored, Set<Variant> wanted, long since) {
        return switch (preparation.prepare(key, stored, atFirst(key, wanted), clock.instant())) {
            case Preparation.Outcome.Ready ready -> {
                var held = held(stored, ready);
                if (!fence.commit(key, since, () -> settle(key, held, stored, ready))) {
                    LOG.debug("The page {} was purged while it was read", KeptPages.shown(key));
                }
                yield Optional.of(held);
            }
            case Preparation.Outcome.Unreadable unreadable -> {
                LOG.warn("The page {} in the store is of no use: {}", KeptPages.shown(key), unreadable.reason());
                yield Optional.empty();
            }
        };
    }

    private static Set<Variant> representations(PageKey key, Set<Variant> wanted) {
        return switch (key) {
            case PageKey.Project ignored -> {
                var all = Variant.usual();
                all.addAll(wanted);
                yield all;
            }
            case PageKey.Provenance ignored -> Variant.ofJson();
            case PageKey.RootList ignored -> wanted;
        };
    }

    /**
     * What is prepared before anybody is answered. Of a project's page that isn't in memory that is what is wanted, and the
     * form of it without a coding, of which the others are made; the rest follows, unless that of too many pages does. What
     * is in memory is prepared again beside what is wanted; of the root list, as long as there is room for it.
     */
    private Set<Variant> atFirst(PageKey key, Set<Variant> wanted) {
        Optional<Held> present = memory.get(key);
        return switch (key) {
            case PageKey.Project ignored -> {
                if (present.isPresent() || wanted.isEmpty() || remainders.isFull()) {
                    var all = representations(key, wanted);
                    present.ifPresent(held -> all.addAll(held.page().variants()));
                    yield all;
                }
                yield Variant.withPlain(wanted);
            }
            case PageKey.Provenance ignored -> Variant.ofJson();
            case PageKey.RootList ignored -> {
                var alongside = new LinkedHashSet<>(wanted);
                present.filter(held ->
                                held.page().bytes() <= settings.rootListMemory().bytes() / 2)
                        .ifPresent(held -> alongside.addAll(held.page().variants()));
                yield alongside;
            }
        };
    }

    /** A page that was just prepared, lent to the caller. */
    private Held held(StoredPage stored, Preparation.Outcome.Ready ready) {
        Optional<Instant> changes =
                ready.model().flatMap(model -> model.judgement().changes());
        var held = new Held(
                ready.page(),
                stored.fetched(),
                freshness.freshUntil(stored.fetched(), stored.lifetime(), changes),
                stored.validators(),
                stored.upstream(),
                stored.serial(),
                changes,
                stored.fetched(),
                false);
        return stored.purged() ? held.afterPurge() : held;
    }

    /** Puts a page into memory; the caller keeps what is lent to it. */
    private void settle(PageKey key, Held held, StoredPage stored, Preparation.Outcome.Ready ready) {
        ready.model().ifPresent(model -> projects.learn(model, stored));
        ready.model()
                .filter(model -> !held.page().variants().containsAll(Variant.usual()))
                .ifPresent(model -> remainders.add(key, held.page(), model));
        inMemory(key, held);
    }

    private void inMemory(PageKey key, Held held) {
        if (!held.page().lend()) {
            throw new IllegalStateException("a page that was just prepared is gone");
        }
        memory.put(key, held);
    }

    /** Takes in what upstream answered to a question of {@code since}; {@code known} is what was asked with. */
    Arrival absorb(PageKey key, Optional<Held> known, PageFetch fetch, Set<Variant> wanted, long since) {
        return switch (fetch) {
            case PageFetch.Fetched fetched ->
                large.inTurn(fetched.body().length, () -> arrived(key, known, fetched, wanted, since));
            case PageFetch.NotModified confirmed -> confirmed(key, known, confirmed, wanted, since);
            case PageFetch.Absent ignored -> gone(key, since);
            case PageFetch.Failed(String reason, Optional<Deferral> deferral) ->
                new Arrival.Unusable(
                        deferral.isPresent() ? FetchOutcome.NOT_ASKED : FetchOutcome.FAILED, reason, deferral);
        };
    }

    private Arrival arrived(
            PageKey key, Optional<Held> known, PageFetch.Fetched fetched, Set<Variant> wanted, long since) {
        Instant now = clock.instant();
        if (known.isPresent() && goesBack(known.get(), fetched) && !isInsistent(key, now)) {
            return new Arrival.Unusable(
                    FetchOutcome.OLDER_SERIAL,
                    "upstream gave serial " + text(fetched.serial()) + " after "
                            + text(known.get().serial()));
        }
        Instant right = now.minus(fetched.staleness());
        if (known.isPresent() && isNoNewer(right, known.get(), now)) {
            return onlyStale(fetched.upstream());
        }
        var stored = new StoredPage(
                fetched.body(),
                fetched.form(),
                fetched.location(),
                fetched.validators(),
                fetched.lifetime(),
                fetched.serial(),
                fetched.upstream(),
                right);
        return switch (preparation.prepare(key, stored, atFirst(key, wanted), now)) {
            case Preparation.Outcome.Ready ready -> {
                var held = held(stored, ready);
                boolean settled = fence.commit(key, since, () -> {
                    regressions.invalidate(key);
                    kept.write(key, stored);
                    settle(key, held, stored, ready);
                });
                if (!settled) {
                    held.page().release();
                }
                yield settled ? new Arrival.Renewed(held) : new Arrival.Outdated();
            }
            case Preparation.Outcome.Unreadable unreadable ->
                new Arrival.Unusable(
                        FetchOutcome.UNREADABLE, fetched.upstream() + " gave no page: " + unreadable.reason());
        };
    }

    /** An older serial, or none where there was one: a lagging cache on the way, probably. */
    private static boolean goesBack(Held known, PageFetch.Fetched fetched) {
        if (known.purged() || known.serial().isEmpty()) {
            return false; // What was purged may have been wrong in its serial, too.
        }
        return fetched.serial().isPresent()
                ? fetched.serial().getAsLong() < known.serial().getAsLong()
                : fetched.upstream().equals(known.upstream());
    }

    /** Whether upstream has been going back for so long that it must mean it. */
    private boolean isInsistent(PageKey key, Instant now) {
        Instant since = regressions.get(key, first -> now);
        return !now.isBefore(since.plus(settings.regressionLimit()));
    }

    private Arrival confirmed(
            PageKey key, Optional<Held> known, PageFetch.NotModified confirmation, Set<Variant> wanted, long since) {
        Instant now = clock.instant();
        if (known.flatMap(Held::conditions).isEmpty()) {
            return new Arrival.Unusable(FetchOutcome.FAILED, "upstream says 'not modified' to a plain question");
        }
        var before = known.orElseThrow();
        Instant right = now.minus(confirmation.staleness());
        if (isNoNewer(right, before, now)) {
            return onlyStale(confirmation.upstream());
        }
        Optional<Held> current =
                isComplete(before, key, wanted, now) && before.page().lend()
                        ? Optional.of(before)
                        : recall(key, wanted, since);
        if (current.isEmpty()) {
            return new Arrival.Unusable(FetchOutcome.FAILED, "the page was lost while it was asked for");
        }
        var page = current.get().page();
        if (!page.lend()) {
            throw new IllegalStateException("a page that is lent is gone");
        }
        Optional<Instant> changes = current.get().changes();
        var held = new Held(
                page,
                right,
                freshness.freshUntil(right, confirmation.lifetime(), changes),
                confirmation.validators(),
                confirmation.upstream(),
                confirmation.serial().isPresent() ? confirmation.serial() : before.serial(),
                changes,
                isNoted(before, confirmation, now) ? before.written() : right,
                false);
        boolean settled = fence.commit(key, since, () -> {
            if (!isNoted(before, confirmation, now)) {
                kept.confirm(key, confirmation, right);
            }
            memory.put(key, held);
            if (key instanceof PageKey.Project(ProjectName name)) {
                projects.confirm(name, held.freshUntil());
            }
        });
        if (!settled) {
            page.release();
            page.release();
        }
        return settled ? new Arrival.Confirmed(held) : new Arrival.Outdated();
    }

    private static boolean isComplete(Held held, PageKey key, Set<Variant> wanted, Instant now) {
        return held.page().variants().containsAll(representations(key, wanted)) && !held.isOutgrown(now);
    }

    /** Whether the disk knows well enough that a page is unchanged: to note that is a rewrite of all of it. */
    private boolean isNoted(Held before, PageFetch.NotModified confirmation, Instant now) {
        return before.validators().equals(confirmation.validators())
                && now.isBefore(before.written().plus(settings.confirmationInterval()));
    }

    /**
     * Whether a page that was right at {@code right} says nothing new of one that can be served: mirrors that ask each other in an
     * outage must not make each other's pages young.
     */
    private boolean isNoNewer(Instant right, Held known, Instant now) {
        return right.isBefore(now)
                && !right.isAfter(known.confirmed())
                && freshness.stage(known, now) != Freshness.Stage.EXPIRED;
    }

    static Arrival.Unusable onlyStale(String upstream) {
        return new Arrival.Unusable(FetchOutcome.FAILED, upstream + " is a mirror that has only a stale page itself");
    }

    private Arrival gone(PageKey key, long since) {
        return fence.commit(key, since, () -> remove(key)) ? new Arrival.Gone() : new Arrival.Outdated();
    }

    private void remove(PageKey key) {
        memory.remove(key);
        if (key instanceof PageKey.Project(ProjectName name)) {
            projects.remove(name);
        }
        kept.remove(key);
    }

    /** What is in memory from now on counts as purged, and so does what is on disk; the latter still has to be carried out. */
    Purged purge(PurgeScope scope, boolean hard) {
        int inMemory = purgeMemory(scope, hard);
        return new Purged(inMemory, kept.purge(scope, hard));
    }

    /** The part of it that is in memory; answers how many pages it met. */
    int purgeMemory(PurgeScope scope, boolean hard) {
        int met = memory.purge(scope, hard);
        projects.purge(scope);
        regressions.asMap().keySet().removeIf(scope::covers);
        return met;
    }

    /** How many pages a purge met in memory, and what is still to be done on disk. */
    record Purged(int inMemory, PagePurge onDisk) {}

    private static String text(OptionalLong serial) {
        return serial.isPresent() ? Long.toString(serial.getAsLong()) : "none";
    }
}
