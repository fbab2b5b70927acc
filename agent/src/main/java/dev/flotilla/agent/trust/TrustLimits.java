package dev.flotilla.agent.trust;

import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;

/**
 * How much is taken from a repository that is not trusted yet.
 *
 * @param root the longest root document: a few keys
 * @param timestamp the longest timestamp: one line about the snapshot
 * @param snapshot the longest snapshot, where the timestamp does not say how long it is
 * @param targets the longest targets document, likewise; some 200 bytes for every file
 * @param rotations how many next roots are fetched in one update; the rest waits for the next one
 * @param roles how many roles are visited in search of one target
 * @param longestLife a timestamp that ends further ahead was not made now: the clock is behind. {@link Duration#ZERO} asks
 *     not
 */
public record TrustLimits(
        ByteSize root,
        ByteSize timestamp,
        ByteSize snapshot,
        ByteSize targets,
        int rotations,
        int roles,
        Duration longestLife) {
    /** A controller signs for a year at most, so that a month more is room for what clocks differ in. */
    public static final TrustLimits USUAL = new TrustLimits(
            ByteSize.ofKiB(512),
            ByteSize.ofKiB(16),
            ByteSize.ofMiB(1),
            ByteSize.ofMiB(2),
            256,
            32,
            Duration.ofDays(396));
}
