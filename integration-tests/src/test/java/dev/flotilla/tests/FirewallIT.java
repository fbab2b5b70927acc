package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rule set of {@code flotilla node-config}, in force on a machine: real packets of both families come and go, or don't. */
@Tag("real")
class FirewallIT {
    /** A packet that is let through is waited for so long; one that is dropped never comes. */
    private static final String PATIENCE = "60";

    private static final String SHORT = "1.5";
    private static final String NODE = "10.77.0.11";
    private static final String NODE6 = "fd00:77::11";
    private static final String OPERATIONS = "10.77.0.1";
    private static final String OPERATIONS6 = "fd00:77::1";
    private static final String CLIENT = "10.77.0.2";
    private static final String CLIENT6 = "fd00:77::2";
    private static final String STRANGER = "10.77.0.3";
    private static final String STRANGER6 = "fd00:77::3";
    private static final String CHECKER = "10.77.0.4";

    @TempDir
    Path folder;

    private MachineNetwork network;
    private MachineFleet fleet;
    private BareMachine node;
    private Path packets;
    private final List<Process> answering = new ArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        network = MachineNetwork.start(folder);
        fleet = MachineFleet.of(network, folder.resolve("acme"), "acme");
        node = fleet.add("east/east-1", 1, OwnSystem.Init.PLAIN);
        packets = OwnSystem.script("packets.py", folder.resolve("packets.py"));
        OwnSystem.script("packets.py", node.file("/opt/packets.py"));
        for (String more : List.of(CLIENT + "/24", STRANGER + "/24", CHECKER + "/24")) {
            network.under("ip", "address", "add", more, "dev", "switch").succeeded();
        }
        for (String more : List.of(OPERATIONS6, CLIENT6, STRANGER6)) {
            network.under("ip", "address", "add", more + "/64", "dev", "switch", "nodad")
                    .succeeded();
        }
        node.run("ip", "address", "add", NODE6 + "/64", "dev", "eth0", "nodad").succeeded();
    }

    @AfterEach
    void end() {
        answering.forEach(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
        fleet.close();
        network.close();
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    @Test
    void onlyWhatIsNamedComesInAndGoesOut() throws IOException {
        answer(List.of(), "/opt/packets.py", true, NODE, NODE6, "8080", "8081", "9999");
        answer(network.prefix(), packets.toString(), false, OPERATIONS, OPERATIONS6, "443", "9999");
        answer(network.prefix(), packets.toString(), false, STRANGER, STRANGER6, "443", "9999");
        List<String> allowedIn = List.of(
                "tcp," + CLIENT + "," + NODE + ",8080",
                "tcp," + CLIENT6 + "," + NODE6 + ",8080",
                "tcp," + CHECKER + "," + NODE + ",8080",
                "tcp," + OPERATIONS + "," + NODE + ",8081",
                "tcp," + OPERATIONS + "," + NODE + ",22",
                "tcp," + OPERATIONS6 + "," + NODE6 + ",22");
        List<String> droppedIn = List.of(
                "tcp," + STRANGER + "," + NODE + ",8080",
                "tcp," + STRANGER6 + "," + NODE6 + ",8080",
                "tcp," + CLIENT + "," + NODE + ",8081",
                "tcp," + CLIENT6 + "," + NODE6 + ",22",
                "tcp," + CHECKER + "," + NODE + ",8081",
                "tcp," + CHECKER + "," + NODE + ",22",
                "tcp," + OPERATIONS + "," + NODE + ",9999",
                "udp," + OPERATIONS6 + "," + NODE6 + ",9999");
        List<String> allowedOut = List.of(
                "tcp," + NODE + "," + OPERATIONS + ","
                        + network.bucketEndpoint().getPort(),
                "tcp," + NODE + "," + OPERATIONS + "," + network.index().getPort(),
                // A host with a name, where its addresses are said to be.
                "tcp," + NODE6 + "," + OPERATIONS6 + ",443",
                "udp," + NODE + "," + OPERATIONS + ",53",
                "udp," + NODE6 + "," + OPERATIONS6 + ",123");
        List<String> droppedOut = List.of(
                "tcp," + NODE + "," + OPERATIONS + ",9999",
                "tcp," + NODE + "," + STRANGER + ",443",
                "tcp," + NODE6 + "," + STRANGER6 + ",443",
                "udp," + NODE + "," + STRANGER + ",53",
                "udp," + NODE6 + "," + STRANGER6 + ",123",
                "udp," + NODE6 + "," + OPERATIONS6 + ",9999");
        assertAll(network.prefix(), "answered", PATIENCE, allowedIn, droppedIn);
        assertAll(List.of(), "answered", PATIENCE, allowedOut, droppedOut);

        isInForce();
        isInForce();
        assertAll(network.prefix(), "answered", PATIENCE, allowedIn);
        assertAll(network.prefix(), "silent", SHORT, droppedIn);
        assertAll(List.of(), "answered", PATIENCE, allowedOut);
        assertAll(List.of(), "silent", SHORT, droppedOut);
    }

    /** In place of what was there: a second time nothing is twice. */
    private void isInForce() throws IOException {
        fleet.write(
                """
                firewall {
                  operations = [ %s, "%s" ], clients = [ %s, "%s" ], health-checkers = [ %s ]
                  name-servers = [ %s ], time-servers = [ "%s" ], upstreams = [ "%s" ]
                }
                mirror.upstreams += { name = second, index = "https://index.example.org/simple/" }
                """.formatted(OPERATIONS, OPERATIONS6, CLIENT, CLIENT6, CHECKER, OPERATIONS, OPERATIONS6, OPERATIONS6));
        Files.writeString(
                node.file("/opt/flotilla.nft"),
                fleet.flotilla("node-config", "east/east-1", "firewall.nft")
                        .succeeded()
                        .output());
        node.run("nft", "--check", "--file", "/opt/flotilla.nft").succeeded();
        bySsh("nft --file /opt/flotilla.nft; echo put in force");
        assertThat(node.run("nft", "list", "ruleset").succeeded().output())
                .containsOnlyOnce("table inet flotilla")
                .containsOnlyOnce("comment \"health-checkers\"");
    }

    /** The connection stands before the rules, and doesn't break by them. */
    private void bySsh(String command) throws IOException {
        Path known = Files.writeString(folder.resolve("known"), NODE + " " + node.hostKey() + "\n");
        Command ssh = network.run(
                List.of(
                        "ssh",
                        "-i",
                        folder.resolve("acme/id").toString(),
                        "-o",
                        "UserKnownHostsFile=" + known,
                        "-o",
                        "ServerAliveInterval=0",
                        "root@" + NODE,
                        command),
                Map.of());
        assertThat(ssh.succeeded().output()).endsWith("put in force\n");
    }

    /** Answers at two addresses, by TCP at some ports and by UDP at 53, 123 and 9999. */
    private void answer(
            List<String> prefix, String script, boolean onNode, String address, String address6, String... ports)
            throws IOException {
        List<String> line = new ArrayList<>(onNode ? node.inside() : prefix);
        line.addAll(List.of("/usr/bin/python3", script, "answer"));
        for (String at : List.of(address, address6)) {
            for (String port : ports) {
                line.add("tcp," + at + "," + port);
            }
            for (String port : List.of("53", "123", "9999")) {
                line.add("udp," + at + "," + port);
            }
        }
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answering.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
    }

    @SafeVarargs
    private void assertAll(List<String> prefix, String outcome, String seconds, List<String>... tries) {
        List<String> words = new ArrayList<>();
        for (List<String> some : tries) {
            words.addAll(some);
        }
        String script = prefix.isEmpty() ? "/opt/packets.py" : packets.toString();
        List<String> line = new ArrayList<>(List.of("/usr/bin/python3", script, "ask", seconds));
        line.addAll(words);
        Command asked = prefix.isEmpty() ? node.run(line.toArray(String[]::new)) : network.run(line, Map.of());
        assertThat(asked.output().lines())
                .containsExactlyElementsOf(
                        words.stream().map(word -> word + " " + outcome).toList());
    }
}
