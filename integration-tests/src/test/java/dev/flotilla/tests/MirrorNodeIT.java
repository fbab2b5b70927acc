package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The role {@code mirror_node}: the real Ansible comes by SSH to a machine with a systemd and nothing else, with the files that the packed controller writes, and it becomes a
 * node that serves behind its firewall. Five runs of Ansible and two starts of the machine are too long for every change.
 */
@Tag("real")
@Tag("campaign")
class MirrorNodeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String HOST = "east-1";
    private static final String NODE = "east/east-1";

    @TempDir
    Path folder;

    private MachineNetwork network;
    private MachineFleet fleet;
    private BareMachine machine;
    private Ansible ansible;

    @Test
    void aMachineBecomesANodeOnceServesBehindItsFirewallAndIsTakenBack() throws Exception {
        becomesANode(Distribution.OWN);
    }

    @Test
    @Tag("debian-13")
    void soDoesOneOfAnotherDistribution() throws Exception {
        becomesANode(Distribution.debian13());
    }

    private void becomesANode(Distribution distribution) throws Exception {
        try (var own = MachineNetwork.start(folder);
                var machines = MachineFleet.of(own, folder.resolve("acme"), "acme")) {
            network = own;
            fleet = machines;
            machine = fleet.add(NODE, 1, OwnSystem.Init.SYSTEMD, MachineFleet.DISK, "")
                    .running(distribution)
                    .boot();
            Path files = Files.createDirectory(folder.resolve("files"));
            configuration(files, "1s");
            fleet.flotilla("publish").succeeded();
            ansible = Ansible.on(network, Files.createDirectory(folder.resolve("ansible")), folder.resolve("acme/id"))
                    .of(distribution);
            ansible.host(
                    "mirror_nodes",
                    HOST,
                    machine,
                    Map.of(
                            "mirror_node_archive",
                                    Path.of(System.getProperty("flotilla.root"), "node/target/flotilla-node.tar.gz")
                                            .toAbsolutePath()
                                            .normalize()
                                            .toString(),
                            "mirror_node_agent_conf",
                                    files.resolve("agent.conf").toString(),
                            "mirror_node_firewall",
                                    files.resolve("firewall.nft").toString(),
                            "mirror_node_trust_root",
                                    folder.resolve("acme/fleet/trust/root.json").toString(),
                            "mirror_node_environment",
                                    folder.resolve("acme/fleet/agent.env").toString(),
                            "mirror_node_time_servers", "[10.77.0.1]",
                            "mirror_node_readiness", "\"http://" + machine.address() + ":8080/readyz\""));
            aBareMachineBecomesANode();
            rulesAreInForceAfterAStart();
            whatIsDifferentIsPredictedAndDone(files);
            itIsTakenBack();
        }
        await("nothing to be left")
                .atMost(PATIENCE)
                .until(() -> Processes.naming(folder.toString()).isEmpty());
    }

    /** What the controller writes for the node, where others make nodes of machines. */
    private void configuration(Path files, String poll) throws IOException {
        fleet.write("""
                provision { managed = false, agent { poll-interval = %s } }
                firewall { operations = [ "10.77.0.1" ], clients = [ "10.77.0.0/25" ] }
                """.formatted(poll));
        for (String file : new String[] {"agent.conf", "firewall.nft"}) {
            Files.writeString(
                    files.resolve(file),
                    fleet.flotilla("node-config", NODE, file).succeeded().output());
        }
    }

    private int play(String... options) {
        Command run = ansible.play("mirror_nodes.yml", options);
        assertThat(run.output()).as("keys to the bucket are on nobody's screen").doesNotContain("AWS_SECRET");
        return Ansible.changes(run, HOST);
    }

    private boolean rulesAreInForce() {
        return machine.run("nft", "list", "table", "inet", "flotilla").exitCode() == 0;
    }

    private void aBareMachineBecomesANode() {
        assertThat(play("--check", "--diff")).isPositive();
        for (String file : new String[] {"/opt/flotilla", "/etc/flotilla", "/var/cache/flotilla-node"}) {
            assertThat(machine.file(file)).as("check mode only predicts").doesNotExist();
        }
        assertThat(rulesAreInForce()).isFalse();

        assertThat(play()).isPositive();
        assertThat(rulesAreInForce()).isTrue();
        fleet.pipInstallsThrough(NODE, fleet.pip());
        assertThat(machine.file("/etc/systemd/timesyncd.conf.d/flotilla.conf")).hasContent("[Time]\nNTP=10.77.0.1\n");
        assertThat(play()).as("a second run").isZero();
    }

    private void rulesAreInForceAfterAStart() {
        machine.close();
        machine.boot();
        assertThat(rulesAreInForce()).isTrue();
        network.under("ip", "address", "add", "10.77.0.200/24", "dev", "switch").succeeded();
        await("the mirror").atMost(PATIENCE).until(() -> served("10.77.0.1"));
        assertThat(served("10.77.0.200")).as("no client").isFalse();
    }

    private boolean served(String client) {
        return network.under(
                                "curl",
                                "-fsS",
                                "--max-time",
                                "2",
                                "--interface",
                                client,
                                "http://" + machine.address() + ":8080/readyz")
                        .exitCode()
                == 0;
    }

    private void whatIsDifferentIsPredictedAndDone(Path files) throws IOException {
        configuration(files, "2s");
        assertThat(play("--check")).isPositive();
        assertThat(machine.file("/etc/flotilla/agent.conf")).content().contains("poll-interval=\"1s\"");
        machine.run("systemctl", "stop", "flotilla-agent").succeeded();
        machine.run("nft", "delete", "table", "inet", "flotilla").succeeded();
        assertThat(play()).isPositive();
        assertThat(machine.file("/etc/flotilla/agent.conf")).content().contains("poll-interval=\"2s\"");
        assertThat(machine.run("systemctl", "is-active", "flotilla-agent").output())
                .isEqualTo("active\n");
        assertThat(rulesAreInForce()).isTrue();
    }

    private void itIsTakenBack() {
        assertThat(play("-e", "mirror_node_state=absent")).isPositive();
        assertThat(rulesAreInForce()).isFalse();
        assertThat(machine.run("pgrep", "java").exitCode()).isEqualTo(1);
        for (String gone : new String[] {
            "/opt/flotilla",
            "/etc/flotilla",
            "/etc/flotilla-firewall.nft",
            "/var/cache/flotilla-node",
            "/etc/systemd/system/flotilla-firewall.service",
            "/etc/systemd/system/sysinit.target.wants/flotilla-firewall.service"
        }) {
            assertThat(machine.file(gone)).doesNotExist();
        }
        assertThat(machine.file("/var/lib/flotilla/mirror")).isDirectory();
    }
}
