package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * How project pages are kept.
 *
 * @param lifetimeLimit how long a page counts as fresh at most, whatever upstream says: ten minutes is what PyPI says
 *     itself, and nobody waits longer for a new version
 * @param lifetimeUnstated how long where upstream says nothing, as plain folders do
 * @param lifetimeFloor how long at least, so that an upstream that forbids caching isn't asked for every client
 * @param staleLimit how long after its last confirmation a page is served while upstream fails: longer than any outage,
 *     shorter than the life of what was taken down
 * @param absentLifetime how long upstream's word that a project doesn't exist is believed: short, since the first upload
 *     of a project should be seen
 * @param failurePause how long upstream isn't asked again for a page that it has just failed to give
 * @param fetchDeadline how long one fetch may take, retries included; below pip's own 15 s, so that a client hears of it
 * @param rootListDeadline the same for the list of all projects, which is tens of megabytes at PyPI
 * @param memory how many bytes of prepared pages are held; more are prepared again from disk when asked for
 * @param rootListMemory how many bytes of prepared root list are held beside them
 * @param absentEntries how many absent or failed names are remembered, so that invented names can't fill the memory
 * @param concurrentFetches how many different pages are fetched or prepared at once; each may take several times its
 *     size in heap while it is parsed and rendered
 * @param waitingFetches how many more may wait for that; beyond it clients are told to come again
 * @param waitersPerFetch how many clients may wait for one fetch
 */
public record PageSettings(
        Duration lifetimeLimit,
        Duration lifetimeUnstated,
        Duration lifetimeFloor,
        Duration staleLimit,
        Duration absentLifetime,
        Duration failurePause,
        Duration fetchDeadline,
        Duration rootListDeadline,
        ByteSize memory,
        ByteSize rootListMemory,
        int absentEntries,
        int concurrentFetches,
        int waitingFetches,
        int waitersPerFetch) {

    public PageSettings {
        if (lifetimeFloor.compareTo(lifetimeLimit) > 0 || lifetimeUnstated.compareTo(lifetimeLimit) > 0) {
            throw new IllegalArgumentException("lifetime-floor and lifetime-unstated can't be above lifetime-limit");
        }
    }

    static Setting<PageSettings> read(Settings settings) {
        var none = Duration.ZERO;
        var instant = Duration.ofMillis(1);
        var day = Duration.ofDays(1);
        var lifetimeLimit = settings.duration("lifetime-limit", Duration.ofMinutes(10), instant, day);
        var lifetimeUnstated = settings.duration("lifetime-unstated", Duration.ofMinutes(1), instant, day);
        var lifetimeFloor = settings.duration("lifetime-floor", Duration.ofSeconds(5), none, day);
        var staleLimit = settings.duration("stale-limit", Duration.ofDays(30), none, Duration.ofDays(3650));
        var absentLifetime = settings.duration("absent-lifetime", Duration.ofSeconds(60), none, day);
        var failurePause = settings.duration("failure-pause", Duration.ofSeconds(2), none, Duration.ofMinutes(10));
        var fetchDeadline = settings.duration("fetch-deadline", Duration.ofSeconds(12), Duration.ofMillis(100), day);
        var rootListDeadline =
                settings.duration("root-list-deadline", Duration.ofSeconds(60), Duration.ofMillis(100), day);
        var memory = settings.size("memory", ByteSize.ofMiB(96), ByteSize.ofMiB(1));
        var rootListMemory = settings.size("root-list-memory", ByteSize.ofMiB(96), ByteSize.ofMiB(1));
        var absentEntries = settings.integer("absent-entries", 20_000, 0, 10_000_000);
        var concurrentFetches = settings.integer("concurrent-fetches", 16, 1, 1_000);
        var waitingFetches = settings.integer("waiting-fetches", 2_000, 0, 1_000_000);
        var waitersPerFetch = settings.integer("waiters-per-fetch", 5_000, 1, 1_000_000);
        return settings.build(() -> new PageSettings(
                lifetimeLimit.get(),
                lifetimeUnstated.get(),
                lifetimeFloor.get(),
                staleLimit.get(),
                absentLifetime.get(),
                failurePause.get(),
                fetchDeadline.get(),
                rootListDeadline.get(),
                memory.get(),
                rootListMemory.get(),
                absentEntries.get(),
                concurrentFetches.get(),
                waitingFetches.get(),
                waitersPerFetch.get()));
    }
}
