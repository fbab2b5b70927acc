package dev.flotilla.mirror.pages;

import java.util.Map;

/**
 * What the page cache holds and has done since the start.
 *
 * @param prepared how many pages are prepared in memory
 * @param preparedBytes their bytes
 * @param directBytes all direct memory of pages, those included that left the cache and are still being sent
 * @param views how many pages are prepared in views
 * @param viewBytes all direct memory of those
 * @param waiting how many fetches run or wait
 * @param fetches by how they ended
 */
public record PageFigures(
        long prepared,
        long preparedBytes,
        long directBytes,
        long views,
        long viewBytes,
        int waiting,
        Map<FetchOutcome, Long> fetches) {
    public PageFigures {
        fetches = Map.copyOf(fetches);
    }
}
