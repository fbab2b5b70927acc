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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The role {@code wheel_builder}: the real Ansible comes by SSH to a machine, lets a builder's user in there who can make sandboxes, and leaves the machine as it was when
 * it is told to.
 */
@Tag("real")
class WheelBuilderIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String HOST = "builder";
    private static final String PLAY = "wheel_builders.yml";
    private static final String BUILDS = "/var/tmp/flotilla-wheels";

    @TempDir
    Path folder;

    @Test
    void aMachineBecomesABuilderOnceLetsTheControllerInAndIsLeftAsItWas() throws Exception {
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
                String before = state(machine);
                doesAsPredicted(ansible, machine);
                assertThat(machine.file("/home/builder/.ssh/authorized_keys")).hasContent(key(builder));
                Command missing = ansible.play(PLAY, "-e", "{wheel_builder_pythons: ['3.1']}");
                Ansible.failed(missing, HOST);
                assertThat(missing.output()).contains("python3.1");
                comesIn(network, machine, "builder", builder, BUILDS);
                assertThat(machine.run(
                                        "setpriv",
                                        "--reuid=builder",
                                        "--clear-groups",
                                        "sh",
                                        "-c",
                                        "sleep 600 > /dev/null 2>&1 &")
                                .exitCode())
                        .isZero();
                doesAsPredicted(ansible, machine, "-e", "{wheel_builder_state: absent}");
                assertThat(state(machine)).isEqualTo(before);
                assertThat(machine.run("pgrep", "sleep").exitCode())
                        .as("a build")
                        .isEqualTo(1);

                if (distribution.equals(Distribution.OWN)) {
                    administratorsOwnStays(ansible, machine, network, builder);
                }
            }
        }
        await("nothing to be left")
                .atMost(PATIENCE)
                .until(() -> Processes.naming(folder.toString()).isEmpty());
    }

    /** A user and a folder that were there before. */
    private void administratorsOwnStays(Ansible ansible, BareMachine machine, MachineNetwork network, Path builder)
            throws IOException {
        machine.run("useradd", "--create-home", "--password", "*", "--shell", "/bin/bash", "ours")
                .succeeded();
        machine.run("install", "-d", "-o", "ours", "-m", "755", "/srv/builds").succeeded();
        machine.run("install", "-d", "-o", "ours", "-m", "700", "/home/ours/.ssh")
                .succeeded();
        machine.run("sh", "-c", "echo ssh-ed25519 AAAA another > /home/ours/.ssh/authorized_keys")
                .succeeded();
        machine.run("sh", "-c", "chown ours /home/ours/.ssh/*; chmod 600 /home/ours/.ssh/*; touch /srv/builds/kept")
                .succeeded();
        String before = state(machine);
        String own = "{wheel_builder_user: ours, wheel_builder_folder: /srv/builds}";
        doesAsPredicted(ansible, machine, "-e", own);
        assertThat(machine.file("/home/ours/.ssh/authorized_keys")).content().contains("another", key(builder));
        comesIn(network, machine, "ours", builder, "/srv/builds");
        doesAsPredicted(ansible, machine, "-e", own, "-e", "{wheel_builder_state: absent}");
        machine.run("rm", "/srv/builds/mine").succeeded();
        assertThat(state(machine)).isEqualTo(before);
    }

    /** Check mode changes nothing and counts what the run does, behind which there is nothing more to do. */
    private static void doesAsPredicted(Ansible ansible, BareMachine machine, String... options) {
        String before = state(machine);
        int predicted = Ansible.changes(
                ansible.play(
                        PLAY,
                        Stream.concat(Stream.of("--check", "--diff"), Stream.of(options))
                                .toArray(String[]::new)),
                HOST);
        assertThat(state(machine)).isEqualTo(before);
        assertThat(predicted)
                .as("what was predicted")
                .isEqualTo(Ansible.changes(ansible.play(PLAY, options), HOST))
                .isPositive();
        String after = state(machine);
        Command second = ansible.play(PLAY, options);
        assertThat(Ansible.changes(second, HOST)).as(second.output()).isZero();
        assertThat(state(machine)).isEqualTo(after);
    }

    /** All that the role may touch: users, groups, homes and folders, with owners and modes, and what keys are let in. */
    private static String state(BareMachine machine) {
        return machine.run(
                        "sh",
                        "-c",
                        "sort /etc/passwd /etc/group /etc/subuid; cut -d: -f1,2 /etc/shadow | sort;"
                                + " find /home /srv /var/tmp -printf '%p %m %U %l\\n' | sort; cat /home/*/.ssh/authorized_keys 2>/dev/null; true")
                .succeeded()
                .output();
    }

    private static String key(Path key) throws IOException {
        return Files.readString(Path.of(key + ".pub")).strip();
    }

    private void comesIn(MachineNetwork network, BareMachine machine, String user, Path key, String builds)
            throws IOException {
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
                        user + "@" + machine.address(),
                        "id -un && touch " + builds
                                + "/mine && bwrap --ro-bind / / --unshare-all --size 4096 --tmpfs /tmp touch /tmp/there && echo made"),
                Map.of());
        assertThat(ssh.succeeded().output()).endsWith(user + "\nmade\n");
    }
}
