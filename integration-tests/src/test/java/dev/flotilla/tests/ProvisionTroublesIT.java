package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flotilla apply} where machines make trouble, and where it is killed itself. */
@Tag("real")
class ProvisionTroublesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern NUMBERS = Pattern.compile("[0-9a-f]{16,}|[0-9]+");

    @TempDir
    Path folder;

    private MachineNetwork network;

    @BeforeEach
    void start() throws IOException {
        network = MachineNetwork.start(folder);
    }

    @AfterEach
    void stop() {
        network.close();
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    @Test
    void eachMachineThatMakesTroubleIsALineAndTheOthersFinish() throws Exception {
        try (var fleet = MachineFleet.of(network, folder.resolve("acme"), "acme")) {
            fleet.add("north/good", 1, OwnSystem.Init.PLAIN);
            BareMachine down = fleet.add("north/down", 2, OwnSystem.Init.PLAIN);
            BareMachine refusing = fleet.add("north/refusing", 3, OwnSystem.Init.PLAIN);
            BareMachine changed = fleet.add("north/changed", 4, OwnSystem.Init.PLAIN);
            BareMachine full =
                    fleet.add("south/full", 5, OwnSystem.Init.PLAIN, "90m", "").boot();
            BareMachine hanging = fleet.add("south/hanging", 6, OwnSystem.Init.PLAIN);
            BareMachine breaking = fleet.add("south/breaking", 7, OwnSystem.Init.PLAIN);
            fleet.write("ssh { connect-time-out = 8s, transfer-time-out = 40s }");
            fleet.flotilla("hostkey", "accept").succeeded();
            down.close();
            refusing.letsInOnly(BareMachine.key(folder.resolve("other")));
            changed.empty("2g");
            changed.boot();
            hanging.slow("60mbit");

            Process apply = start(fleet);
            await("a part of the archive")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> hasPartOfTheArchive(hanging));
            hanging.cable(false);
            await("the script to run")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> runs(breaking, "install.sh"));
            breaking.run("sh", "-c", "kill -9 $(pgrep -f '^sshd: root@')").succeeded();
            Command first = ended(apply);
            assertThat(first.exitCode()).as(first.output()).isEqualTo(1);
            assertThat(first.output())
                    .containsPattern("north/down can't be looked at: .* can't be reached")
                    .contains("north/refusing can't be looked at: ", "doesn't let in root with these keys")
                    .contains("the host key of north/changed has CHANGED; it shows " + changed.fingerprint())
                    .contains("south/full isn't as it should be: the archive can't be unpacked: the disk is too full: "
                            + "/opt/flotilla/unpacked has ")
                    .containsPattern(
                            "south/hanging isn't as it should be: .*flotilla-node.tar.gz can't be brought there: .*"
                                    + "took longer than ")
                    .containsPattern("south/breaking(: serves| isn't as it should be: the connection to .* broke)")
                    .contains("north/good: serves");
            assertThat(changed.file("/root")).as("nothing was run there").isEmptyDirectory();

            hanging.cable(true);
            full.resize("2g");
            Command second = fleet.flotilla("apply", "--yes");
            assertThat(second.exitCode()).as(second.output()).isEqualTo(1);
            assertThat(second.output())
                    .contains("south/full: serves", "south/hanging: serves")
                    .doesNotContain("isn't as it should be");
            PythonEnvironment pip = fleet.pip();
            for (String node : List.of("north/good", "south/full", "south/hanging", "south/breaking")) {
                fleet.pipInstallsThrough(node, pip);
            }
        }
    }

    private static boolean hasPartOfTheArchive(BareMachine machine) {
        return machine.run("sh", "-c", "ls /opt/flotilla/archives/.partial-* 2>/dev/null")
                        .exitCode()
                == 0;
    }

    private static boolean runs(BareMachine machine, String program) {
        return machine.run("pgrep", "-f", "^/bin/sh .*/" + program).exitCode() == 0;
    }

    private Process start(MachineFleet fleet) throws IOException {
        var builder = new ProcessBuilder(fleet.line("apply", "--yes", "--json")).redirectErrorStream(true);
        builder.environment().putAll(MachineFleet.CREDENTIALS);
        return builder.redirectOutput(folder.resolve("apply.log").toFile()).start();
    }

    private Command ended(Process apply) throws IOException, InterruptedException {
        boolean ended = apply.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        apply.destroyForcibly();
        assertThat(ended).as(Files.readString(folder.resolve("apply.log"))).isTrue();
        return new Command(List.of("apply"), apply.exitValue(), Files.readString(folder.resolve("apply.log")));
    }

    /**
     * Killed behind each kind of line that it says, and while the archive is brought, unpacked and installed. Each time another one
     * follows, which goes on where that one ended.
     */
    @Test
    void killedBehindEachOfItsStepsItIsFinishedByTheNext() throws Exception {
        try (var fleet = MachineFleet.of(network, folder.resolve("acme"), "acme")) {
            BareMachine machine = fleet.add("east/east-1", 1, OwnSystem.Init.PLAIN);
            fleet.write("");
            fleet.flotilla("hostkey", "accept").succeeded();
            machine.slow("200mbit");
            Set<String> said = new HashSet<>();
            boolean published = false;
            while (isKilledBehindALineThatIsNew(fleet, said)) {
                unlock(fleet);
                if (!published && said.contains("release is published")) {
                    published = true;
                    killedWhen(fleet, () -> hasPartOfTheArchive(machine));
                    killedWhen(fleet, () -> runs(machine, "install.sh"));
                }
            }
            assertThat(said)
                    .contains("change", "plan", "the bucket gets root", "uploading targets", "release is published")
                    .anyMatch(kind -> kind.startsWith("the archive"));

            assertThat(fleet.flotilla("plan").succeeded().output()).contains("Nothing to do");
            assertThat(fleet.flotilla("audit").succeeded().output()).contains("lock break", "is whole");
            assertThat(machine.run("sh", "-c", "cd /opt/flotilla && ls -A . archives nodes")
                            .succeeded()
                            .output())
                    .as("nothing is half done")
                    .doesNotContain("partial", "damaged", "pending");
            fleet.pipInstallsThrough("east/east-1", fleet.pip());
        }
    }

    private void killedWhen(MachineFleet fleet, BooleanSupplier moment) throws IOException, InterruptedException {
        Process apply = start(fleet);
        await("the moment").atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(moment::getAsBoolean);
        apply.destroyForcibly().waitFor();
        unlock(fleet);
    }

    /** Whether it was; else it ended by itself, well, and said nothing that hadn't been said. */
    private static boolean isKilledBehindALineThatIsNew(MachineFleet fleet, Set<String> said)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(fleet.line("apply", "--yes", "--json")).redirectErrorStream(true);
        builder.environment().putAll(MachineFleet.CREDENTIALS);
        Process apply = builder.start();
        try (var lines = new BufferedReader(new InputStreamReader(apply.getInputStream(), StandardCharsets.UTF_8))) {
            String last = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line;
                if (said.add(kind(line))) {
                    apply.destroyForcibly().waitFor();
                    return true;
                }
            }
            assertThat(apply.waitFor()).as(last).isZero();
            return false;
        }
    }

    /** A step up to the first place in it, without numbers; of other events their name. */
    private static String kind(String line) throws IOException {
        JsonNode event = new ObjectMapper().readTree(line);
        if (!event.path("event").asText().equals("step")) {
            return event.path("event").asText();
        }
        String text = event.path("text").asText().replaceFirst("^\\S+/\\S+: ", "");
        return NUMBERS.matcher(text.split("/", -1)[0])
                .replaceAll("")
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** What was killed holds the lock until its lease ends; somebody who knows that breaks it. */
    private static void unlock(MachineFleet fleet) throws IOException {
        Path lock = fleet.bucket().resolve("lock/acme.json");
        JsonNode record = Files.exists(lock) ? new ObjectMapper().readTree(lock.toFile()) : NullNode.getInstance();
        if (record.path("held").asBoolean()) {
            fleet.flotilla("lock", "break", record.path("generation").asText()).succeeded();
        }
    }
}
