package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a fleet of machines: {@code plan}, {@code apply} and {@code provision} from the packed controller, machines that have an address,
 * a disk and processes of their own and nothing on them but a real OpenSSH server, a bucket and an index. Two of the machines are
 * run by a systemd, and one has nothing that starts anything.
 */
@Tag("real")
class ProvisionIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> NODES = List.of("east/east-1", "east/east-2", "west/west-1");

    @TempDir
    Path folder;

    private MachineFleet fleet;
    private PythonEnvironment pip;

    @Test
    void machinesBecomeNodesAreMendedStartedAnewReplacedAndTakenAway() throws Exception {
        try (var network = MachineNetwork.start(folder);
                var machines = MachineFleet.of(network, folder.resolve("acme"), "acme")) {
            fleet = machines;
            pip = fleet.pip();
            fleet.add("east/east-1", 1, OwnSystem.Init.SYSTEMD);
            fleet.add("east/east-2", 2, OwnSystem.Init.SYSTEMD);
            fleet.add("west/west-1", 3, OwnSystem.Init.PLAIN);
            fleet.write("");
            bareMachinesBecomeNodes();
            anotherFleetLeavesTheBucketAlone();
            whatIsBrokenByHandIsSeenAndRepaired();
            aNodeThatIsStartedAnewServesByItself();
            anEmptyMachineInANodesPlaceIsRefusedUntilItsKeyIsNamed();
            aJournalIsReadAndFollowed();
            doctorAndLogsTellOfThem();
            theFleetIsTakenAway();
        }
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    private void bareMachinesBecomeNodes() throws IOException {
        assertThat(fleet.flotilla("hostkey", "accept").succeeded().output())
                .contains("east/east-1: pinned " + fleet.machine("east/east-1").fingerprint());
        Command plan = fleet.flotilla("plan");
        assertThat(plan.exitCode()).as(plan.output()).isEqualTo(2);
        assertThat(plan.output()).containsPattern("\\+ .*east/east-1.*bring the archive");
        assertThat(plan.output()).containsPattern("\\+ .*west/west-1.*install Flotilla ");
        assertThat(objects()).as("planning writes nothing").isEmpty();
        NODES.forEach(node ->
                assertThat(fleet.machine(node).file("/opt/flotilla")).as(node).doesNotExist());

        assertThat(fleet.flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        NODES.forEach(node -> fleet.pipInstallsThrough(node, pip));
        assertThat(fleet.flotilla("audit").succeeded().output()).contains("apply", "west/west-1");
        assertThat(fleet.flotilla("plan").succeeded().output()).contains("Nothing to do");
    }

    private List<Path> objects() throws IOException {
        // What its server is about to write has the name of a UUID for a moment.
        try (Stream<Path> objects = Files.walk(fleet.bucket())) {
            return objects.filter(Files::isRegularFile)
                    .filter(object -> !object.toString().matches(".*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
                    .sorted()
                    .toList();
        }
    }

    private void anotherFleetLeavesTheBucketAlone() throws IOException {
        List<Path> before = objects();
        MachineFleet other = fleet.another("globex");
        for (List<String> verb :
                List.of(List.of("plan"), List.of("apply", "--yes"), List.of("publish"), List.of("drain", "east"))) {
            Command refused = other.flotilla(verb.toArray(String[]::new));
            assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
            assertThat(refused.output()).contains("acme");
        }
        assertThat(objects()).isEqualTo(before);
        assertThat(fleet.flotilla("plan").succeeded().output()).contains("Nothing to do");
    }

    /** The machine without a systemd is started anew, too: nothing there starts the agent. */
    private void whatIsBrokenByHandIsSeenAndRepaired() throws IOException {
        Files.delete(fleet.machine("east/east-1").file("/opt/flotilla/current/agent/bin/agent-watch"));
        fleet.machine("east/east-2")
                .run("/opt/flotilla/current/node-service", "stop")
                .succeeded();
        BareMachine west = fleet.machine("west/west-1");
        Files.write(
                west.file("/opt/flotilla/archives/flotilla-node.tar.gz"), new byte[] {1}, StandardOpenOption.APPEND);
        west.close();
        west.boot();
        Command seen = fleet.flotilla("plan");
        assertThat(seen.exitCode()).as(seen.output()).isEqualTo(2);
        assertThat(seen.output())
                .containsPattern("~ .*east/east-1.*mend what is missing or has other bytes: agent/bin/agent-watch")
                .containsPattern("~ .*east/east-2.*start the agent: it doesn't run")
                .containsPattern("~ .*west/west-1.*bring the archive")
                .containsPattern("~ .*west/west-1.*start the agent: it doesn't run");
        assertThat(fleet.flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        assertThat(fleet.flotilla("provision", "--check").succeeded().output())
                .contains("0 to change, 3 as they should be, 0 failed");
        fleet.pipInstallsThrough("west/west-1", pip);
    }

    private void aNodeThatIsStartedAnewServesByItself() {
        fleet.machine("east/east-1").close();
        fleet.machine("east/east-1").boot();
        await("the node to serve").atMost(PATIENCE).untilAsserted(() -> {
            Command plan = fleet.flotilla("plan");
            assertThat(plan.exitCode()).as(plan.output()).isZero();
        });
        fleet.pipInstallsThrough("east/east-1", pip);
    }

    private void anEmptyMachineInANodesPlaceIsRefusedUntilItsKeyIsNamed() throws IOException {
        BareMachine machine = fleet.machine("east/east-2");
        machine.empty("2g");
        machine.boot();
        Command refused = fleet.flotilla("apply", "--yes");
        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
        assertThat(refused.output())
                .contains("the host key of east/east-2 has CHANGED; it shows " + machine.fingerprint())
                .contains("flotilla hostkey rotate east/east-2");
        assertThat(machine.file("/root")).as("nothing was run there").isEmptyDirectory();

        fleet.flotilla("hostkey", "rotate", "east/east-2", machine.fingerprint())
                .succeeded();
        String done = fleet.flotilla("provision", "east").succeeded().output();
        assertThat(done).contains("east/east-2: serves with release 1", "1 changed, 1 as they should be, 0 failed");
        fleet.pipInstallsThrough("east/east-2", pip);
        assertThat(fleet.flotilla("audit").succeeded().output()).contains("provision", "east/east-2 provisioned");
        assertThat(fleet.flotilla("plan").succeeded().output()).contains("Nothing to do");
    }

    /** Of the journal that systemd keeps there: what was said, and what is said while somebody follows. */
    private void aJournalIsReadAndFollowed() throws Exception {
        assertThat(fleet.flotilla("logs", "east/east-1", "--lines", "1000")
                        .succeeded()
                        .output())
                .containsPattern("agent +\\| .* agent-launch\\[\\d+]: .*release 1")
                .containsPattern("mirror +\\| ");
        Path said = folder.resolve("followed");
        Process following = new ProcessBuilder(fleet.line("logs", "east/east-1", "--agent", "--follow"))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            String begins = " of node east-1 in region east";
            await("what was said before")
                    .atMost(PATIENCE)
                    .until(() -> Files.readString(said).contains(begins));
            assertThat(said).content().containsOnlyOnce(begins);
            fleet.machine("east/east-1")
                    .run("systemctl", "restart", "flotilla-agent")
                    .succeeded();
            await("what was said since")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(said)
                            .content()
                            .satisfies(text ->
                                    assertThat(text.split(begins, -1)).as(text).hasSize(3)));
        } finally {
            following.destroy();
            assertThat(following.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void doctorAndLogsTellOfThem() {
        assertThat(fleet.flotilla("doctor", "--limit", "west").output())
                .contains("west/west-1: lets us in as root; its clock is right; serves; reported ")
                .contains("  ok    releases: nodes that stand still miss nothing for 30 days");
        assertThat(fleet.flotilla("logs", "west/west-1", "--lines", "1000")
                        .succeeded()
                        .output())
                .containsPattern("agent +\\| .*release 1")
                .containsPattern("mirror +\\| ");
    }

    private void theFleetIsTakenAway() throws IOException {
        assertThat(fleet.flotilla("destroy", "--fleet-name", "acme").succeeded().output())
                .contains("  - west/west-1: uninstall /opt/flotilla")
                .contains("west/west-1: end the mirror", "The fleet acme is destroyed.");
        for (String node : NODES) {
            BareMachine machine = fleet.machine(node);
            assertThat(machine.run("pgrep", "java").exitCode()).as(node).isEqualTo(1);
            assertThat(machine.file("/opt/flotilla")).doesNotExist();
            assertThat(machine.file("/etc/flotilla")).doesNotExist();
            assertThat(machine.file("/var/lib/flotilla/mirror")).isDirectory();
        }
        assertThat(objects()).isEmpty();
        assertThat(fleet.flotilla("destroy", "--check").succeeded().output())
                .contains("Nothing is left of the fleet acme.");
    }
}
