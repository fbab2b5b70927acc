package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flotilla.testing.TestAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two regions whose nodes have addresses of IPv6 alone, on a network of their own, with health checks by HTTPS and a soak before a region comes back. */
@Tag("real")
class RegionsByIpv6IT {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Duration SOAK = Duration.ofSeconds(30);
    private static final String NETWORK = "fd77::";

    private static final String ASK = """
            import http.client, ssl, sys
            asked = http.client.HTTPSConnection(sys.argv[1], 8443, timeout=10, context=ssl._create_unverified_context())
            asked.request('GET', sys.argv[2])
            print(asked.getresponse().status)
            """;

    @TempDir
    Path folder;

    private MachineNetwork network;
    private NamedNetwork names;
    private MachineFleet fleet;
    private SteadyPips pips;

    @AfterEach
    void nothingIsLeft() {
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    @Test
    void aRegionThatDiesIsLeftAndComesBackWhenItsSoakIsOver() throws Exception {
        try (var itsNetwork = MachineNetwork.start(folder);
                var itsNames = NamedNetwork.start(itsNetwork, folder.resolve("names"));
                var itsFleet = MachineFleet.of(itsNetwork, folder.resolve("acme"), "acme")) {
            network = itsNetwork;
            names = itsNames;
            fleet = itsFleet;
            var environment =
                    CompletableFuture.supplyAsync(() -> PythonEnvironment.create(folder, itsNetwork.underneath()));
            comeUp();
            try (var itsPips = SteadyPips.begin(environment.join(), folder, 1)) {
                pips = itsPips;
                awaitInstall();
                pips.regionDies();
                fleet.machine("east/east-1").run("sh", "-c", "kill -9 -1");
                awaitLed(2);
                awaitInstall();
                long begun = System.nanoTime();
                start();
                await("east to serve whoever comes, and to ask clients to stay away")
                        .atMost(SOON)
                        .until(() -> status("/simple/provisioned/").equals("200")
                                && status("/readyz").equals("503"));
                awaitLed(1);
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(SOAK);
                awaitInstall();
            }
            assertThat(pips.failures()).isEmpty();
        }
    }

    private void comeUp() throws Exception {
        network.under("ip", "address", "add", NETWORK + "1/64", "dev", "switch", "nodad")
                .succeeded();
        var authority = TestAuthority.in(folder, "acme");
        add("east/east-1", 1, authority);
        add("west/west-1", 2, authority);
        fleet.write(names.settings() + """

                  dns { check-protocol = https, failback = after-soak, failback-soak = %ds }
                  mirror { tls { certificate = /etc/mirror.pem, key = /etc/mirror.key } }
                """.formatted(SOAK.toSeconds()));
        assertThat(fleet.flotilla("apply", "--yes", "--accept-host-key")
                        .succeeded()
                        .output())
                .contains("check https://[fd77:0:0:0:0:0:0:11]:8443/readyz as east.mirror.example.org every 10 s");
        awaitLed(1);
        assertThat(names.answer(NamedNetwork.NAME, "A")).as("there is no IPv4").isEmpty();
        assertThat(fleet.flotilla("plan").succeeded().output()).contains("Nothing to do");
    }

    private void add(String node, int number, TestAuthority authority) throws Exception {
        BareMachine machine = fleet.add(
                        node,
                        number,
                        OwnSystem.Init.PLAIN,
                        "2g",
                        ", address = \"" + address(number) + "\", ssh { host = 10.77.0." + (10 + number) + " }")
                .boot();
        machine.run("ip", "address", "add", address(number) + "/64", "dev", "eth0", "nodad")
                .succeeded();
        authority.writeServer(machine.file("/etc/mirror.pem"), machine.file("/etc/mirror.key"));
    }

    private static String address(int number) {
        return NETWORK + (10 + number);
    }

    private void start() {
        BareMachine machine = fleet.machine("east/east-1");
        machine.run("/usr/sbin/sshd", "-f", "/etc/ssh/machine.conf").succeeded();
        machine.run("/opt/flotilla/current/node-service", "start").succeeded();
    }

    private void awaitLed(int number) {
        await("clients to be led to " + address(number))
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> names.answer(NamedNetwork.NAME, "AAAA").equals(address(number)));
    }

    /** What east answers, asked by HTTPS as its clients ask. */
    private String status(String path) {
        return network.under("python3", "-c", ASK, address(1), path).output().strip();
    }

    private void awaitInstall() {
        int before = pips.installed();
        await("an install that began since then")
                .atMost(SOON)
                .until(() -> pips.installed() >= before + 2 || !pips.failures().isEmpty());
        assertThat(pips.failures()).isEmpty();
    }
}
