package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role {@code wheel_builder}: the real Ansible comes by SSH to a machine, and lets a builder's user in there who can make sandboxes. */
@Tag("real")
class WheelBuilderIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String HOST = "builder";

    @TempDir
    Path folder;

    @Test
    void aMachineBecomesABuilderOnceAndLetsTheControllerIn() throws Exception {
        becomesABuilder(Distribution.OWN, "[bubblewrap, python3, python3-dev, gcc, libc6-dev]");
    }

    @Test
    @Tag("debian-13")
    void soDoesOneOfAnotherDistribution() throws Exception {
        becomesABuilder(Distribution.debian13(), "[bubblewrap, python3]");
    }

    private void becomesABuilder(Distribution distribution, String packages) throws Exception {
        try (var network = MachineNetwork.start(folder)) {
            Path root = BareMachine.key(folder.resolve("id"));
            Path builder = BareMachine.key(folder.resolve("builder"));
            Ansible ansible = Ansible.on(network, Files.createDirectory(folder.resolve("ansible")), root)
                    .of(distribution);
            try (var machine = BareMachine.of(network, folder.resolve("machine"), 1, OwnSystem.Init.PLAIN, "256m", root)
                    .running(distribution)
                    .boot()) {
                // The user's own keys count there, too.
                Files.writeString(
                        machine.file("/etc/ssh/machine_authorized_keys"),
                        Files.readString(Path.of(builder + ".pub")),
                        StandardOpenOption.APPEND);
                ansible.host(
                        "wheel_builders",
                        HOST,
                        machine,
                        Map.of(
                                "wheel_builder_packages",
                                packages,
                                "wheel_builder_keys",
                                "[\"" + key(builder) + "\"]",
                                "wheel_builder_pythons",
                                "[\"3\"]"));
                assertThat(Ansible.changes(ansible.play("wheel_builders.yml", "--check"), HOST))
                        .isPositive();
                assertThat(machine.file("/var/tmp/flotilla-wheels")).doesNotExist();
                assertThat(Ansible.changes(ansible.play("wheel_builders.yml"), HOST))
                        .isPositive();
                assertThat(Ansible.changes(ansible.play("wheel_builders.yml"), HOST))
                        .as("a second run")
                        .isZero();
                assertThat(machine.file("/home/builder/.ssh/authorized_keys")).hasContent(key(builder));
                Command missing = ansible.play("wheel_builders.yml", "-e", "{wheel_builder_pythons: ['3.1']}");
                Ansible.failed(missing, HOST);
                assertThat(missing.output()).contains("python3.1");
                comesIn(network, machine, builder);
            }
        }
        await("nothing to be left")
                .atMost(PATIENCE)
                .until(() -> Processes.naming(folder.toString()).isEmpty());
    }

    private static String key(Path key) throws IOException {
        return Files.readString(Path.of(key + ".pub")).strip();
    }

    private void comesIn(MachineNetwork network, BareMachine machine, Path key) throws IOException {
        Path known = Files.writeString(folder.resolve("known"), machine.address() + " " + machine.hostKey() + "\n");
        Command ssh = network.run(
                List.of(
                        "ssh",
                        "-i",
                        key.toString(),
                        "-o",
                        "UserKnownHostsFile=" + known,
                        "-o",
                        "StrictHostKeyChecking=yes",
                        "builder@" + machine.address(),
                        "id -un && touch /var/tmp/flotilla-wheels/mine && bwrap --ro-bind / / --unshare-all --size 4096 --tmpfs /tmp touch /tmp/there && echo made"),
                Map.of());
        assertThat(ssh.succeeded().output()).endsWith("builder\nmade\n");
    }
}
