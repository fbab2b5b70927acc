package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * How project pages are kept.
 *
 * @param lifetimeLimit how long a page counts as fresh at most, whatever upstream says. 10 min: what PyPI says itself
 * @param lifetimeUnstated how long where upstream says nothing, as plain folders do. 1 min
 * @param lifetimeFloor how long at least. 5 s: an upstream that forbids caching isn't asked for every client
 * @param backgroundLimit how long after its lifetime a page is still served without waiting for a newer one. 1 h: what a job
 *     misses by it is younger than the job's image; older pages are renewed first, so that nobody gets last week's
 * @param patience how long clients of such an older page wait for upstream before they get it after all. 3 s: well below
 *     the 15 s after which pip gives up
 * @param staleLimit how long after its lifetime a page is served while upstream fails. 30 days: longer than any outage,
 *     shorter than the life of what was taken down
 * @param refreshAge how old a page has to be before a client's wish for a newer one ({@code no-cache}, {@code max-age=0}) counts. 60 s:
 *     older pips wish so with every request
 * @param refreshesPerSecond how many such wishes are granted in a second, over all pages; the others get what is here. 5:
 *     clients can't wear out upstream
 * @param absentLifetime how long upstream's word that a project doesn't exist is believed. 60 s: the first upload of a
 *     project should be seen soon
 * @param failurePause how long upstream isn't asked again for a page that it failed to give and of which nothing is kept.
 *     2 s: a client's own retries should reach upstream
 * @param stalePause the same where a page is kept that can be served meanwhile. 30 s
 * @param regressionLimit how long a page is kept against one of an older serial. 15 min: caches on the way lag by minutes;
 *     what upstream says for longer, it means
 * @param confirmationInterval how old the time of confirmation on disk may get. 1 h: noting it rewrites the page
 * @param memory how many bytes of prepared pages are held; others are prepared again from disk when asked for. 96 MiB: some
 *     three thousand pages of usual size
 * @param rootListMemory how many bytes of prepared root list are held beside them. 96 MiB: the public one has some 40 MiB
 *     in each form, and compressed a fifth of that
 * @param absentEntries how many absent or failed names are remembered. 20,000: invented names can't fill the memory
 * @param catalogueFiles how many files' descriptions are held parsed, for finding where a file comes from. 20,000: some 850 bytes
 *     of heap each
 * @param concurrentFetches how many pages are asked for upstream at once. 16: each may take several times its size in heap
 *     when it arrives
 * @param arrivalMemory how many bytes the bodies of pages above 2 MiB may take on the heap together while they come; others
 *     wait until there is room. 48 MiB: several of the largest that are usual. A page that alone is larger comes alone
 * @param waitingFetches how many more may wait for that; beyond it clients are told to come again. 2,000
 * @param waitingRecalls how many pages may be looked for on disk at once, or wait for that. 10,000: it takes less than a millisecond each,
 *     and what is here must not be refused for what isn't
 * @param waitersPerFetch how many clients may wait for one fetch, or for one view to be prepared. 5,000
 * @param viewMemory how many bytes of pages prepared in views are held beside the others; as much again may be on its way to
 *     slow clients. 16 MiB: some five thousand of usual size, since of each only what clients ask for is prepared
 * @param viewVerdicts how many verdicts on files in views are remembered. 20,000: some five megabytes
 * @param concurrentViews how many views are prepared, or files judged in them, at once. 2: half of the workers for long work,
 *     so that pages of the index as it is are never kept waiting
 * @param waitingViews how many more may wait for that; beyond it clients are told to come again. 500
 * @param waitingPurges how many purges may wait for the one that is carried out. 100: a script may ask for one project after
 *     the other without waiting
 */
public record PageSettings(
        Duration lifetimeLimit,
        Duration lifetimeUnstated,
        Duration lifetimeFloor,
        Duration backgroundLimit,
        Duration patience,
        Duration staleLimit,
        Duration refreshAge,
        int refreshesPerSecond,
        Duration absentLifetime,
        Duration failurePause,
        Duration stalePause,
        Duration regressionLimit,
        Duration confirmationInterval,
        ByteSize memory,
        ByteSize rootListMemory,
        int absentEntries,
        int catalogueFiles,
        int concurrentFetches,
        ByteSize arrivalMemory,
        int waitingFetches,
        int waitingRecalls,
        int waitersPerFetch,
        ByteSize viewMemory,
        int viewVerdicts,
        int concurrentViews,
        int waitingViews,
        int waitingPurges) {

    private static final Duration NONE = Duration.ZERO;
    private static final Duration DAY = Duration.ofDays(1);

    public PageSettings {
        if (lifetimeFloor.compareTo(lifetimeLimit) > 0 || lifetimeUnstated.compareTo(lifetimeLimit) > 0) {
            throw new IllegalArgumentException("lifetime-floor and lifetime-unstated can't be above lifetime-limit");
        }
        if (backgroundLimit.compareTo(staleLimit) > 0) {
            throw new IllegalArgumentException("background-limit can't be above stale-limit");
        }
    }

    static Setting<PageSettings> read(Settings settings) {
        var lifetimeLimit = settings.duration("lifetime-limit", Duration.ofMinutes(10), NONE, DAY);
        var lifetimeUnstated = settings.duration("lifetime-unstated", Duration.ofMinutes(1), NONE, DAY);
        var lifetimeFloor = settings.duration("lifetime-floor", Duration.ofSeconds(5), NONE, DAY);
        var backgroundLimit = settings.duration("background-limit", Duration.ofHours(1), NONE, Duration.ofDays(30));
        var patience = settings.duration("patience", Duration.ofSeconds(3), NONE, Duration.ofMinutes(5));
        var staleLimit = settings.duration("stale-limit", Duration.ofDays(30), NONE, Duration.ofDays(3650));
        var refreshAge = settings.duration("refresh-age", Duration.ofSeconds(60), Duration.ofSeconds(1), DAY);
        var refreshesPerSecond = settings.integer("refreshes-per-second", 5, 0, 10_000);
        var absentLifetime = settings.duration("absent-lifetime", Duration.ofSeconds(60), NONE, DAY);
        var failurePause = settings.duration("failure-pause", Duration.ofSeconds(2), NONE, DAY);
        var stalePause = settings.duration("stale-pause", Duration.ofSeconds(30), NONE, DAY);
        var regressionLimit = settings.duration("regression-limit", Duration.ofMinutes(15), NONE, DAY);
        var confirmationInterval = settings.duration("confirmation-interval", Duration.ofHours(1), NONE, DAY);
        var memory = settings.size("memory", ByteSize.ofMiB(96), ByteSize.ofMiB(1));
        var rootListMemory = settings.size("root-list-memory", ByteSize.ofMiB(96), ByteSize.ofMiB(1));
        var absentEntries = settings.integer("absent-entries", 20_000, 1, 10_000_000);
        var catalogueFiles = settings.integer("catalogue-files", 20_000, 1, 10_000_000);
        var concurrentFetches = settings.integer("concurrent-fetches", 16, 1, 1_000);
        var arrivalMemory = settings.size("arrival-memory", ByteSize.ofMiB(48), ByteSize.ofMiB(1));
        var waitingFetches = settings.integer("waiting-fetches", 2_000, 0, 1_000_000);
        var waitingRecalls = settings.integer("waiting-recalls", 10_000, 1, 1_000_000);
        var waitersPerFetch = settings.integer("waiters-per-fetch", 5_000, 1, 1_000_000);
        var viewMemory = settings.size("view-memory", ByteSize.ofMiB(16), ByteSize.ofKiB(64));
        var viewVerdicts = settings.integer("view-verdicts", 20_000, 1, 10_000_000);
        var concurrentViews = settings.integer("concurrent-views", 2, 1, 1_000);
        var waitingViews = settings.integer("waiting-views", 500, 0, 1_000_000);
        var waitingPurges = settings.integer("waiting-purges", 100, 0, 10_000);
        return settings.build(() -> new PageSettings(
                lifetimeLimit.get(),
                lifetimeUnstated.get(),
                lifetimeFloor.get(),
                backgroundLimit.get(),
                patience.get(),
                staleLimit.get(),
                refreshAge.get(),
                refreshesPerSecond.get(),
                absentLifetime.get(),
                failurePause.get(),
                stalePause.get(),
                regressionLimit.get(),
                confirmationInterval.get(),
                memory.get(),
                rootListMemory.get(),
                absentEntries.get(),
                catalogueFiles.get(),
                concurrentFetches.get(),
                arrivalMemory.get(),
                waitingFetches.get(),
                waitingRecalls.get(),
                waitersPerFetch.get(),
                viewMemory.get(),
                viewVerdicts.get(),
                concurrentViews.get(),
                waitingViews.get(),
                waitingPurges.get()));
    }
}
