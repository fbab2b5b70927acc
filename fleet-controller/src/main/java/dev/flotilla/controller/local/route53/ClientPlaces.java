package dev.flotilla.controller.local.route53;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where clients are: what stands in for Route 53's own data on latencies. Of several networks that hold a client the
 * longest prefix counts. Immutable.
 */
public record ClientPlaces(List<Place> places) {
    /** Nothing is known of anybody. */
    public static final ClientPlaces UNKNOWN = new ClientPlaces(List.of());

    public ClientPlaces {
        places = List.copyOf(places);
    }

    /**
     * The clients of one network.
     *
     * @param prefixBits how many bits of the address tell the network
     * @param nearest AWS regions in the order of their latency to these clients, the lowest first
     */
    public record Place(InetAddress network, int prefixBits, List<String> nearest) {
        public Place {
            nearest = List.copyOf(nearest);
            if (prefixBits < 0 || prefixBits > network.getAddress().length * Byte.SIZE) {
                throw new IllegalArgumentException("no prefix of " + network + ": " + prefixBits);
            }
        }

        boolean holds(InetAddress client) {
            byte[] own = network.getAddress();
            byte[] other = client.getAddress();
            if (own.length != other.length) {
                return false;
            }
            for (int bit = 0; bit < prefixBits; bit++) {
                int mask = 0x80 >> (bit % Byte.SIZE);
                if (((own[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The place of a client; empty where nothing is known of it. */
    Optional<Place> of(InetAddress client) {
        Optional<Place> found = Optional.empty();
        for (Place place : places) {
            if (place.holds(client) && (found.isEmpty() || found.get().prefixBits() < place.prefixBits())) {
                found = Optional.of(place);
            }
        }
        return found;
    }
}
