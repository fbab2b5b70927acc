package dev.flotilla.mirror.files;

import dev.flotilla.mirror.upstream.FileSource;
import dev.flotilla.mirror.upstream.Turns;
import java.net.URI;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The turns of downloads, of each upstream its own: one that is slow doesn't hold up what others have. For any thread. */
final class DownloadTurns {
    private final FileSource source;
    private final FileLimits limits;
    private final ConcurrentMap<String, Turns> byUpstream = new ConcurrentHashMap<>();

    DownloadTurns(FileSource source, FileLimits limits) {
        this.source = source;
        this.limits = limits;
    }

    /** Those of the upstream that has {@code location}. */
    Turns of(URI location) {
        return byUpstream.computeIfAbsent(
                source.upstreamOf(location),
                unseen -> new Turns(limits.concurrentDownloads(), limits.waitingDownloads()));
    }
}
