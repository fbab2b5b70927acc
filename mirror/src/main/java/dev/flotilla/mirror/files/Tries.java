package dev.flotilla.mirror.files;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** Where a download asks next, and whether it does. For one context. */
final class Tries {
    private final List<URI> locations;
    private final int peers;
    private final int most;
    private int location;
    private int attempt;
    private int failures;
    private boolean doubtful;

    /**
     * @param locations at least one, best first: each may have what another one hasn't
     * @param substitutes asked instead of those that fail, but not of those that say that there is no such file
     * @param most how often one location is asked in vain
     */
    Tries(List<URI> locations, List<URI> substitutes, int most) {
        this.locations = Stream.concat(locations.stream(), substitutes.stream())
                .distinct()
                .toList();
        peers = locations.size();
        this.most = most;
    }

    /** Where to ask now. */
    URI here() {
        return locations.get(location);
    }

    /** How many attempts at this location went before: each further one goes to another of its addresses if it can. */
    int attempt() {
        return attempt;
    }

    /** Whether nothing more is tried at this location where the attempt that begins now is in vain. */
    boolean isLast() {
        return failures + 1 >= most;
    }

    /** The attempt brought enough not to count as one in vain: those before it no longer do. */
    void wasWorthwhile() {
        failures = 0;
    }

    /** An attempt failed; whether to ask again, here or elsewhere. */
    boolean again(boolean worthRetrying) {
        failures++;
        attempt++;
        if (worthRetrying && failures < most) {
            return true;
        }
        doubtful = true;
        return next();
    }

    /** A file has begun to come: whoever says from now on that there is none contradicts that. */
    void begun() {
        doubtful = true;
    }

    /** It isn't here; whether to ask elsewhere. */
    boolean elsewhere() {
        return location + 1 != peers && next();
    }

    private boolean next() {
        if (location + 1 == locations.size()) {
            return false;
        }
        location++;
        attempt = 0;
        failures = 0;
        return true;
    }

    /** Whether one of those that were asked couldn't say, or said otherwise: that there is no such file isn't known then. */
    boolean isDoubtful() {
        return doubtful;
    }
}
