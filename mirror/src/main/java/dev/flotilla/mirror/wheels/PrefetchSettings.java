package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.policy.NamePatterns;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import java.time.Duration;
import java.util.Set;

/**
 * Which wheels are fetched before anybody asks for them, and how.
 *
 * @param projects whose wheels
 * @param platforms of which platforms; empty for all that have an index
 * @param budget how many bytes they may have together, the newest first. 5 GiB: a tenth of a store's usual budget
 * @param percent how full the store may be with files for one more. 80: what clients ask for next finds room
 * @param parallel how many are fetched at once. 2: behind what clients wait for, and no matter of minutes
 * @param rate bytes in a second, on average over whole wheels: one that clients follow meanwhile isn't slowed. 10 MiB: a tenth of a link of
 *     1 Gbit/s
 * @param again time until what couldn't be had is tried again. 10 min
 */
public record PrefetchSettings(
        NamePatterns projects,
        Set<PlatformSlug> platforms,
        ByteSize budget,
        int percent,
        int parallel,
        ByteSize rate,
        Duration again) {
    public static final ByteSize BUDGET = ByteSize.ofGiB(5);
    public static final int PERCENT = 80;
    public static final int PARALLEL = 2;
    public static final ByteSize RATE = ByteSize.ofMiB(10);
    public static final Duration AGAIN = Duration.ofMinutes(10);

    public PrefetchSettings {
        platforms = Set.copyOf(platforms);
        if (projects.isEmpty()) {
            throw new IllegalArgumentException(
                    "prefetch needs projects, patterns of names as in [ \"numpy\", \"acme-*\" ], or [ \"*\" ] for all");
        }
    }
}
