package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where wheels that were built for the fleet come from.
 *
 * @param path the folder in which {@code ‹platform›/index.json} of each platform lies, verified; absent for the one that this mirror's keeper
 *     fills
 * @param source where the wheels themselves are: {@code ‹platform›/‹project›/‹filename›} below its address
 * @param largestIndex what is larger isn't read. Ten thousand wheels take some 10 MiB
 * @param look time between two looks at the folder
 * @param lifetime how long clients may keep pages of wheels: an index changes once a day or so
 * @param prefetch which wheels are fetched before anybody asks; absent for none
 */
public record WheelSettings(
        Optional<Path> path,
        UpstreamIndex source,
        ByteSize largestIndex,
        Duration look,
        Duration lifetime,
        Optional<PrefetchSettings> prefetch) {
    public static final ByteSize LARGEST_INDEX = ByteSize.ofMiB(64);
    public static final Duration LOOK = Duration.ofSeconds(5);
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    public WheelSettings {
        if (path.isPresent() && !path.get().isAbsolute()) {
            throw new IllegalArgumentException("path has to be absolute, as in /var/lib/flotilla/wheels");
        }
    }
}
