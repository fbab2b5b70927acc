package dev.flotilla.mirror.upstream;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of a host do their work. One that failed is ejected for a while: the others are asked in its place. When the
 * while is over one request tries it, and a further failure ejects it for twice as long. Where all of a host's addresses are
 * ejected all of them are tried, the one first whose failure is longest ago. Safe for use from any thread.
 */
final class AddressHealth {
    private final UpstreamCare care;
    private final InstantSource clock;
    private final CareMeters meters;
    private final Map<Place, Standing> standings = new LinkedHashMap<>();
    private long failures;

    private record Place(HostAndPort host, InetAddress address) {}

    /**
     * How an address that failed stands.
     *
     * @param inRow failures since it last worked
     * @param until when it may be tried again
     * @param last the number of its last failure among all failures
     */
    private record Standing(int inRow, Instant until, long last) {}

    AddressHealth(UpstreamCare care, InstantSource clock, CareMeters meters) {
        this.care = care;
        this.clock = clock;
        this.meters = meters;
        meters.watchEjected(this, AddressHealth::ejected);
    }

    /** One address as one request uses it. What it reports about the time before that request began counts no more. */
    final class Peer {
        private final Place place;
        private final long known;
        private final boolean alone;

        private Peer(Place place, long known, boolean alone) {
            this.place = place;
            this.known = known;
            this.alone = alone;
        }

        /** Whether it is its host's only address. */
        boolean isAlone() {
            return alone;
        }

        InetAddress address() {
            return place.address();
        }

        /** It did what it should. */
        void worked() {
            AddressHealth.this.worked(this);
        }

        /** It refused, broke off, was silent, or answered with an error or with nonsense. */
        void failed() {
            AddressHealth.this.failed(this, false);
        }

        /** It gave wrong bytes as if they were right. */
        void lied() {
            AddressHealth.this.failed(this, true);
        }
    }

    /** The address to ask now, of at least one. */
    synchronized Peer choose(HostAndPort host, List<InetAddress> addresses) {
        Instant now = clock.instant();
        boolean alone = addresses.size() == 1;
        @Nullable Place best = null;
        long bestLast = Long.MAX_VALUE;
        for (InetAddress address : addresses) {
            var place = new Place(host, address);
            Standing standing = standings.get(place);
            if (standing == null) {
                return new Peer(place, 0, alone);
            }
            if (!now.isBefore(standing.until())) {
                // While this request tries it, the others still go around it.
                standings.put(place, new Standing(standing.inRow(), now.plus(care.ejection()), standing.last()));
                return new Peer(place, standing.last(), alone);
            }
            if (standing.last() < bestLast) {
                bestLast = standing.last();
                best = place;
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no address of " + host);
        }
        return new Peer(best, bestLast, alone);
    }

    private synchronized void worked(Peer peer) {
        Standing standing = standings.get(peer.place);
        // What began before the last failure says nothing about the time after it.
        if (standing != null && standing.last() == peer.known) {
            standings.remove(peer.place);
        }
    }

    private void failed(Peer peer, boolean lied) {
        boolean ejected;
        synchronized (this) {
            Standing before = standings.remove(peer.place);
            int inRow = before == null ? 0 : before.inRow();
            // Many requests that were under way when it began to fail are one failure, not many.
            boolean alreadyCounted = before != null && before.last() > peer.known;
            ejected = !alreadyCounted || lied;
            int now = alreadyCounted ? inRow : inRow + 1;
            Instant until = clock.instant().plus(lied ? care.ejectionLimit() : ejection(now));
            if (before != null && before.until().isAfter(until)) {
                until = before.until();
            }
            standings.put(peer.place, new Standing(now, until, ++failures));
            if (standings.size() > care.addresses()) {
                standings.remove(standings.keySet().iterator().next());
            }
        }
        if (ejected) {
            meters.ejected(peer.place.host(), lied);
        }
    }

    private Duration ejection(int inRow) {
        Duration time = care.ejection();
        for (int i = 1; i < inRow && time.compareTo(care.ejectionLimit()) < 0; i++) {
            time = time.multipliedBy(2);
        }
        return time.compareTo(care.ejectionLimit()) < 0 ? time : care.ejectionLimit();
    }

    /** How many addresses are gone around just now. */
    synchronized int ejected() {
        Instant now = clock.instant();
        return (int) standings.values().stream()
                .filter(standing -> now.isBefore(standing.until()))
                .count();
    }
}
