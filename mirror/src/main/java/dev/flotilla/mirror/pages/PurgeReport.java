package dev.flotilla.mirror.pages;

import java.time.Duration;

/**
 * What a purge has done.
 *
 * @param hard whether pages were deleted, and not only marked to be asked for again
 * @param inMemory how many prepared pages it met
 * @param onDisk how many pages are marked or deleted on disk
 * @param failedOnDisk how many the disk didn't let be: they count as purged until the program ends
 * @param remembered how many remembered absences and failures are forgotten
 * @param interrupted how many fetches under way will bring nothing
 * @param untold how many other mirrors with the same store may still have such pages in memory
 * @param took how long it took
 */
public record PurgeReport(
        PurgeScope scope,
        boolean hard,
        int inMemory,
        int onDisk,
        int failedOnDisk,
        int remembered,
        int interrupted,
        int untold,
        Duration took) {
    PurgeReport withUntold(int others) {
        return new PurgeReport(scope, hard, inMemory, onDisk, failedOnDisk, remembered, interrupted, others, took);
    }
}
