package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.route53.model.RRType;

/** Asks the name server with {@code dig} (Debian: dnsutils), as the tour in the README does. */
@Tag("real")
@Timeout(60)
class DigTest {
    private Route53StandIn standIn;
    private StandInClient client;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback().withChangeDelay(Duration.ZERO));
        client = new StandInClient(standIn.endpoint());
        String zone = client.zone("flotilla.test");
        client.create(
                zone,
                StandInClient.weighted("nodes.east.flotilla.test", "east-1", 1, "127.0.1.1"),
                StandInClient.alias("mirror.flotilla.test", zone, "nodes.east.flotilla.test"),
                StandInClient.simple(
                        "many.flotilla.test",
                        RRType.A,
                        IntStream.range(1, 201)
                                .mapToObj(number -> "192.0.2." + number)
                                .toArray(String[]::new)));
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @Test
    void digShowsTheAddressBehindAnAlias() throws Exception {
        assertThat(dig("+short", "mirror.flotilla.test", "A")).isEqualTo("127.0.1.1\n");
        assertThat(dig("+short", "+tcp", "mirror.flotilla.test", "A")).isEqualTo("127.0.1.1\n");
        assertThat(dig("mirror.flotilla.test", "A"))
                .contains("status: NOERROR")
                .contains("flags: qr aa rd;")
                .contains("EDNS: version: 0")
                .doesNotContain(";; Warning")
                .doesNotContain("malformed");
    }

    @Test
    void digAsksAgainOverTcpWhereTheAnswerIsTooLarge() throws Exception {
        assertThat(dig("+short", "many.flotilla.test", "A").lines()).hasSize(200);
        assertThat(dig("+ignore", "+bufsize=512", "many.flotilla.test", "A")).contains("flags: qr aa tc rd;");
    }

    @Test
    void digShowsWhatIsDeniedAndRefused() throws Exception {
        assertThat(dig("nobody.flotilla.test", "A"))
                .contains("status: NXDOMAIN")
                .contains("\tSOA\t");
        assertThat(dig("mirror.flotilla.test", "AAAA"))
                .contains("status: NOERROR")
                .contains("ANSWER: 0");
        assertThat(dig("example.com", "A")).contains("status: REFUSED");
        assertThat(dig("+edns=1", "+noednsnegotiation", "mirror.flotilla.test", "A"))
                .contains("status: BADVERS");
    }

    private String dig(String... arguments) throws IOException, InterruptedException {
        InetSocketAddress server = standIn.dnsAddress();
        List<String> command = new ArrayList<>(List.of(
                "dig",
                "@" + server.getAddress().getHostAddress(),
                "-p",
                String.valueOf(server.getPort()),
                "+tries=1",
                "+time=5"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
