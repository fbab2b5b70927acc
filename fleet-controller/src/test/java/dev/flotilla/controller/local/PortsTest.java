package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
    private static final InetAddress HOME = InetAddress.ofLiteral("127.0.0.1");
    private static final List<InetAddress> REGIONS = LocalRegion.addresses();

    @Test
    void zeroFindsOnePortThatIsFreeOnEveryAddress() throws Exception {
        int port;
        try (var ports = new Ports()) {
            port = ports.tcp(REGIONS, 0, "--port");
        }
        for (InetAddress address : REGIONS) {
            new ServerSocket(port, 1, address).close();
        }
    }

    @Test
    void aPortThatOnlyTheLastAddressLacksIsRefusedByName() throws Exception {
        try (var taken = new ServerSocket(0, 1, REGIONS.getLast());
                var ports = new Ports()) {
            assertThatThrownBy(() -> ports.tcp(REGIONS, taken.getLocalPort(), "--port"))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " on 127.0.2.1 is in use")
                    .hasMessageContaining("--port");
            new ServerSocket(taken.getLocalPort(), 1, REGIONS.getFirst()).close();
        }
    }

    @Test
    void aProgramThatListensEverywhereTakesThePortToo() throws Exception {
        try (var taken = new ServerSocket(0);
                var ports = new Ports()) {
            assertThatThrownBy(() -> ports.tcp(REGIONS, taken.getLocalPort(), "--port"))
                    .isInstanceOf(CannotStartException.class);
        }
    }

    @Test
    void theNameServerNeedsBothProtocols() throws Exception {
        try (var udp = new DatagramSocket(new InetSocketAddress(HOME, 0));
                var tcp = new ServerSocket(0, 1, HOME);
                var ports = new Ports()) {
            for (int port : new int[] {udp.getLocalPort(), tcp.getLocalPort()}) {
                assertThatThrownBy(() -> ports.udpAndTcp(HOME, port, "--dns-port"))
                        .isInstanceOf(CannotStartException.class)
                        .hasMessageContaining("port " + port + " on 127.0.0.1")
                        .hasMessageContaining("--dns-port");
            }
            assertThat(ports.udpAndTcp(HOME, 0, "--dns-port")).isPositive();
        }
    }

    @Test
    void twoChoicesNeverMeetAndClosingFreesThem() throws Exception {
        int first;
        int second;
        try (var ports = new Ports()) {
            first = ports.tcp(REGIONS, 0, "--port");
            second = ports.tcpFrom(REGIONS, first);
            assertThat(second).isNotEqualTo(first);
            assertThatThrownBy(() -> ports.tcp(REGIONS, second, "--port")).isInstanceOf(CannotStartException.class);
        }
        try (var ports = new Ports()) {
            assertThat(ports.tcp(REGIONS, first, "--port")).isEqualTo(first);
            assertThat(ports.tcp(REGIONS, second, "--port")).isEqualTo(second);
        }
    }
}
