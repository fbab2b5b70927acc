package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that let in users who aren't root, with the real {@code sudo}. */
@Tag("real")
class SudoIT {
    private static final String BY_SUDO = ", ssh { user = pilot, sudo = true }";

    @TempDir
    Path folder;

    private MachineNetwork network;

    @BeforeEach
    void start() throws IOException {
        assertThat(Path.of("/usr/bin/sudo"))
                .as("sudo has to be installed for this test")
                .isExecutable();
        network = MachineNetwork.start(folder);
    }

    @AfterEach
    void stop() {
        network.close();
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    private static BareMachine machine(MachineFleet fleet, String node, int number) throws IOException {
        BareMachine machine =
                fleet.add(node, number, OwnSystem.Init.PLAIN, "1g", BY_SUDO).boot();
        machine.run("useradd", "--create-home", "--shell", "/bin/sh", "--password", "*", "pilot")
                .succeeded();
        return machine;
    }

    private static void rule(BareMachine machine, String text) throws IOException {
        Path rule = Files.writeString(machine.file("/etc/sudoers.d/pilot"), text + "\n");
        Files.setPosixFilePermissions(rule, PosixFilePermissions.fromString("r--r-----"));
        machine.run("visudo", "--check", "--quiet").succeeded();
    }

    @Test
    void aUserWhoMayDoAllWithoutAPasswordMakesANodeAndOthersAreTold() throws Exception {
        try (var fleet = MachineFleet.of(network, folder.resolve("acme"), "acme")) {
            rule(machine(fleet, "east/free", 1), "pilot ALL=(root) NOPASSWD: ALL");
            rule(machine(fleet, "east/asked", 2), "pilot ALL=(root) ALL");
            machine(fleet, "east/unknown", 3);
            fleet.write("");
            fleet.flotilla("hostkey", "accept").succeeded();

            Command apply = fleet.flotilla("apply", "--yes");
            assertThat(apply.exitCode()).as(apply.output()).isEqualTo(1);
            assertThat(apply.output())
                    .contains(
                            "east/free: serves",
                            "east/asked can't be looked at: sudo wants a password of pilot, and nobody is there to"
                                    + " type it. Allow it without one: pilot ALL=(root) NOPASSWD: ALL in"
                                    + " /etc/sudoers.d/flotilla; or log in as root",
                            "east/unknown can't be looked at: sudo ");
            fleet.pipInstallsThrough("east/free", fleet.pip());
        }
    }
}
