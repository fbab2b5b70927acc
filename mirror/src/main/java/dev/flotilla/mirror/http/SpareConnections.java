package dev.flotilla.mirror.http;

import dev.flotilla.mirror.upstream.ClientNetwork;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;

/**
 * The connections that are let in for health checks where there are as many as may be. When too many come, one of the network leaves that
 * has most of them, its oldest: so neither whoever does nothing on his nor a flood from one network keeps others out. For any thread.
 */
final class SpareConnections {
    private final int most;
    private final Map<ClientNetwork, LinkedHashSet<ConnectionPlace>> byNetwork = new HashMap<>();
    private int count;

    SpareConnections(int most) {
        this.most = most;
    }

    int most() {
        return most;
    }

    /** Takes one in; the one that has to leave for it, if one has. */
    synchronized Optional<ConnectionPlace> add(ConnectionPlace place) {
        byNetwork
                .computeIfAbsent(place.network(), first -> new LinkedHashSet<>())
                .add(place);
        if (++count <= most) {
            return Optional.empty();
        }
        var leaving = byNetwork.values().stream()
                .max(Comparator.<LinkedHashSet<ConnectionPlace>>comparingInt(LinkedHashSet::size)
                        .thenComparingLong(places -> -places.getFirst().number()))
                .map(LinkedHashSet::getFirst);
        leaving.ifPresent(this::remove);
        return leaving;
    }

    /** Whether it was there. */
    synchronized boolean remove(ConnectionPlace place) {
        var same = byNetwork.get(place.network());
        if (same == null || !same.remove(place)) {
            return false;
        }
        if (same.isEmpty()) {
            byNetwork.remove(place.network());
        }
        count--;
        return true;
    }
}
