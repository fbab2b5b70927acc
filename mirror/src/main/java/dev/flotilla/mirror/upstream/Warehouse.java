package dev.flotilla.mirror.upstream;

import java.net.URI;

/**
 * A place that files come from, and no pages.
 *
 * @param place its address, below which the files are
 * @param signatures for requests to it
 */
public record Warehouse(UpstreamIndex place, Signatures signatures) {
    /** Whether a file is there. An index may be at the same host. */
    boolean has(URI location) {
        return place.allows(location)
                && location.toString().startsWith(place.index().toString());
    }
}
