package dev.flotilla.controller.local.route53;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.local.route53.ClientPlaces.Place;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientPlacesTest {
    private static final Place WIDE = place("10.0.0.0", 8, "us-east-1");
    private static final Place NARROW = place("10.1.128.0", 17, "eu-west-1");
    private static final Place SIX = place("2001:db8::", 33, "sa-east-1");

    private final ClientPlaces places = new ClientPlaces(List.of(WIDE, NARROW, SIX));

    @Test
    void theLongestPrefixThatHoldsAClientCounts() {
        assertThat(places.of(InetAddress.ofLiteral("10.1.127.255"))).contains(WIDE);
        assertThat(places.of(InetAddress.ofLiteral("10.1.128.0"))).contains(NARROW);
        assertThat(places.of(InetAddress.ofLiteral("10.1.255.255"))).contains(NARROW);
        assertThat(places.of(InetAddress.ofLiteral("11.0.0.0"))).isEmpty();
    }

    @Test
    void aClientIsInANetworkOfItsOwnFamilyOnly() {
        assertThat(places.of(InetAddress.ofLiteral("2001:db8:7fff::1"))).contains(SIX);
        assertThat(places.of(InetAddress.ofLiteral("2001:db8:8000::1"))).isEmpty();
        assertThat(new ClientPlaces(List.of(place("0.0.0.0", 0, "us-east-1"))).of(InetAddress.ofLiteral("::1")))
                .isEmpty();
    }

    private static Place place(String network, int bits, String region) {
        return new Place(InetAddress.ofLiteral(network), bits, List.of(region));
    }
}
