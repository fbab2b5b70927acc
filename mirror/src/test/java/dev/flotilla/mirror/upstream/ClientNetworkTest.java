package dev.flotilla.mirror.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientNetworkTest {
    private static ClientNetwork network(String address, int prefix4, int prefix6) {
        return ClientNetwork.of(
                InetAddress.ofLiteral(address), new MissLimits(Duration.ofSeconds(1), 1, prefix4, prefix6));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.254, 24, 64, true",
        "192.0.2.1, 192.0.3.1, 24, 64, false",
        "192.0.2.1, 192.0.3.1, 23, 64, true",
        "192.0.2.1, 192.0.2.2, 32, 64, false",
        "192.0.2.1, 10.0.0.1, 1, 64, false",
        "2001:db8::1, 2001:db8::ffff:1, 24, 64, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, 24, 64, false",
        "2001:db8:0:1::1, 2001:db8:0:2::1, 24, 56, true",
        "2001:db8::1, 2001:db8::2, 24, 128, false",
        "2001:db8::1, 2001:db8::1:1, 24, 96, true",
        "::c000:201, 192.0.2.1, 24, 64, false",
        "::ffff:192.0.2.1, 192.0.2.9, 24, 64, true"
    })
    void addressesWithTheSameFirstBitsAreOneNetwork(String one, String other, int prefix4, int prefix6, boolean same) {
        assertThat(network(one, prefix4, prefix6).equals(network(other, prefix4, prefix6)))
                .isEqualTo(same);
    }
}
