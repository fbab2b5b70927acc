package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.S3Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flotilla provision} and machines with nothing but real OpenSSH servers, a bucket and an index. */
@Tag("real")
class ProvisionIT {
    private static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", S3Server.KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
    private static final Pattern GENERATION = Pattern.compile("generation (\\d+)");

    @TempDir
    Path folder;

    private S3Server bucket;
    private CountingIndex index;
    private final Map<String, BareMachine> machines = new LinkedHashMap<>();
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final Map<String, Integer> operations = new LinkedHashMap<>();

    @BeforeEach
    void start() throws Exception {
        bucket = S3Server.start(folder.resolve("objects"));
        index = CountingIndex.of(Wheel.of("provisioned", "1.0", 100_000));
        Path key = BareMachine.key(folder.resolve("id"));
        int number = 1;
        for (String node : List.of("east/east-1", "east/east-2", "west/west-1")) {
            String address = "127.0.77." + number++;
            machines.put(node, BareMachine.start(Files.createDirectories(folder.resolve(node)), address, key));
            ports.put(node, BareMachine.freePort(address));
            operations.put(node, BareMachine.freePort(address));
        }
        Command.run(Command.flotilla(
                        "init", "--name", "acme", folder.resolve("acme").toString()))
                .succeeded();
        Files.writeString(folder.resolve("acme/agent.env"), """
                AWS_ACCESS_KEY_ID=%s
                AWS_SECRET_ACCESS_KEY=%s
                """.formatted(S3Server.KEY, S3Server.SECRET));
        write();
        flotilla("publish").succeeded();
        flotilla("hostkey", "accept").succeeded();
    }

    @AfterEach
    void stop() {
        machines.values().forEach(BareMachine::close);
        machines.values()
                .forEach(machine ->
                        assertThat(Processes.naming(machine.root().toString())).isEmpty());
        index.close();
        bucket.close();
    }

    private void write() throws IOException {
        var regions = new StringBuilder();
        for (String region : List.of("east", "west")) {
            regions.append("    ").append(region).append(" { nodes {\n");
            machines.forEach((node, machine) -> {
                if (node.startsWith(region)) {
                    regions.append("""
                              %1$s { address = "%2$s", ssh { port = %3$d, root = "%4$s" }
                                mirror { listen { port = %5$d }, operations { port = %6$d }, store { path = "%4$s/var/lib/flotilla/mirror" } } }
                            """.formatted(
                                    node.substring(node.indexOf('/') + 1),
                                    machine.address(),
                                    machine.port(),
                                    machine.root(),
                                    ports.get(node),
                                    operations.get(node)));
                }
            });
            regions.append("    } }\n");
        }
        Files.writeString(folder.resolve("acme/fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = %s, endpoint = "%s", path-style = true }
                  ssh { user = %s, identities = [ "../id" ], transfer-time-out = 60s }
                  provision {
                    user = %s, environment = "agent.env", serve-time-out = 90s
                    agent { poll-interval = 1s, report-interval = 1s, report-gap = 200ms, proof { soak = 1s } }
                  }
                  rollout { waves = [] }
                  mirror { upstreams = [ { name = index, index = "%s" } ], store { budget = 1 GiB } }
                  regions {
                %s  }
                }
                """.formatted(
                        S3Server.NAME,
                        bucket.endpoint(),
                        System.getProperty("user.name"),
                        System.getProperty("user.name"),
                        index.uri(),
                        regions));
    }

    private List<String> line(String... arguments) {
        List<String> line = new ArrayList<>(Command.flotilla(arguments));
        line.addAll(
                arguments[0].equals("hostkey") ? 2 : line.size(),
                List.of("-C", folder.resolve("acme/fleet.conf").toString()));
        return line;
    }

    private Command flotilla(String... arguments) {
        return Command.run(line(arguments), CREDENTIALS);
    }

    private void pipInstallsThrough(String node) {
        var environment = PythonEnvironment.create(folder);
        String address = machines.get(node).address();
        environment
                .install(URI.create("http://" + address + ":" + ports.get(node) + "/simple/"), "provisioned")
                .succeeded();
        assertThat(environment.python("import provisioned; print(provisioned.VERSION)"))
                .isEqualTo("1.0");
    }

    @Test
    void applyMakesBareMachinesServingNodesASecondOneChangesNothingAndWhatIsBrokenIsRepaired() throws IOException {
        Command plan = flotilla("plan");
        assertThat(plan.exitCode()).as(plan.output()).isEqualTo(2);
        assertThat(plan.output()).containsPattern("\\+ .*east/east-1.*bring the archive");
        assertThat(plan.output()).containsPattern("\\+ .*west/west-1.*install Flotilla ");
        machines.values().forEach(machine -> assertThat(machine.root()).isEmptyDirectory());

        assertThat(flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        machines.keySet().forEach(this::pipInstallsThrough);
        assertThat(flotilla("audit").succeeded().output()).contains("apply", "west/west-1");
        assertThat(flotilla("plan").succeeded().output()).doesNotContain("east/east-1", "west/west-1");

        Files.delete(machines.get("east/east-1").installed().resolve("agent/bin/agent-watch"));
        Command.run(List.of(
                        machines.get("east/east-2")
                                .installed()
                                .resolve("node-service")
                                .toString(),
                        "stop"))
                .succeeded();
        Files.write(
                machines.get("west/west-1").root().resolve("opt/flotilla/archives/flotilla-node.tar.gz"),
                new byte[] {1},
                StandardOpenOption.APPEND);
        Command seen = flotilla("plan");
        assertThat(seen.exitCode()).as(seen.output()).isEqualTo(2);
        assertThat(seen.output())
                .containsPattern("~ .*east/east-1.*mend what is missing or has other bytes: agent/bin/agent-watch")
                .containsPattern("~ .*east/east-2.*start the agent: it doesn't run")
                .containsPattern("~ .*west/west-1.*bring the archive");
        assertThat(flotilla("apply", "--yes").succeeded().output()).contains("Done: ");
        assertThat(flotilla("provision", "--check").succeeded().output())
                .contains("0 to change, 3 as they should be, 0 failed");
        machines.keySet().forEach(this::pipInstallsThrough);
    }

    @Test
    void provisionNeedsNoPlanAndDestroyLeavesNothing() throws IOException {
        String done = flotilla("provision", "west").succeeded().output();
        assertThat(done).contains("west/west-1: serves with release 1", "1 changed, 0 as they should be, 0 failed");
        assertThat(flotilla("audit").succeeded().output()).contains("provision", "west/west-1 provisioned");
        assertThat(flotilla("provision", "west").succeeded().output())
                .contains("west/west-1: as it should be", "0 changed, 1 as they should be, 0 failed");
        Command doctor = flotilla("doctor", "--limit", "west");
        assertThat(doctor.output())
                .contains("west/west-1: lets us in as root; its clock is right; serves; reported ")
                .contains("  ok    releases: nodes that stand still miss nothing for 30 days");
        assertThat(flotilla("logs", "west/west-1", "--lines", "1000")
                        .succeeded()
                        .output())
                .containsPattern("agent +\\| .*release 1")
                .containsPattern("mirror +\\| ");
        assertThat(flotilla("destroy", "--fleet-name", "acme").succeeded().output())
                .contains("  - west/west-1: uninstall "
                        + machines.get("west/west-1").root() + "/opt/flotilla")
                .contains("west/west-1: end the mirror", "The fleet acme is destroyed.");
        Path root = machines.get("west/west-1").root();
        assertThat(Processes.naming(root.toString())).isEmpty();
        assertThat(root.resolve("opt/flotilla")).doesNotExist();
        assertThat(root.resolve("etc/flotilla")).doesNotExist();
        assertThat(root.resolve("var/lib/flotilla/mirror")).isDirectory();
        try (var objects = Files.walk(folder.resolve("objects").resolve(S3Server.NAME))) {
            assertThat(objects.filter(Files::isRegularFile)).isEmpty();
        }
        assertThat(flotilla("destroy", "--check").succeeded().output()).contains("Nothing is left of the fleet acme.");
    }

    @Test
    void aMachineThatIsDownAndOneWhoseDiskIsFullAreALineEachAndTheOtherFinishes() {
        assertThat(System.getProperty("user.name"))
                .as("only root mounts file systems: run the real tier as root")
                .isEqualTo("root");
        Path small = machines.get("east/east-1").root().resolve("opt");
        Command.run(List.of("mkdir", small.toString())).succeeded();
        Command.run(List.of("mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", small.toString()))
                .succeeded();
        try {
            machines.get("east/east-2").unplug();
            Command first = flotilla("provision");
            assertThat(first.exitCode()).as(first.output()).isEqualTo(1);
            assertThat(first.output())
                    .contains("east/east-1: FAILED, the archive can't be unpacked: the disk is too full: " + small)
                    .containsPattern("east/east-2: FAILED, .* can't be reached")
                    .contains("west/west-1: serves with release 1", "1 changed, 0 as they should be, 2 failed");
            machines.get("east/east-2").plugIn();
            Command.run(List.of("mount", "-o", "remount,size=900m", small.toString()))
                    .succeeded();
            assertThat(flotilla("provision").succeeded().output()).contains("2 changed, 1 as they should be, 0 failed");
            pipInstallsThrough("east/east-1");
        } finally {
            machines.get("east/east-1").close();
            Command.run(List.of("umount", small.toString())).succeeded();
        }
    }

    /** Killed behind each line that it says of a machine; what it began is finished by the next one. */
    @Test
    void aControllerThatIsKilledAnywhereIsFinishedByTheNextRun() throws Exception {
        List<String> said = List.of(
                "+ install Flotilla",
                "the archive was brought",
                "install the programs into",
                "the current one",
                "write " + machines.get("east/east-1").root() + "/etc/flotilla/agent.conf",
                "start the agent",
                "installed; waiting");
        for (String line : said) {
            killedBehind(line);
        }
        assertThat(flotilla("provision", "east/east-1").succeeded().output()).contains("0 failed");
        assertThat(flotilla("provision", "east/east-1", "--check").succeeded().output())
                .contains("0 to change, 1 as they should be");
        pipInstallsThrough("east/east-1");
    }

    private void killedBehind(String line) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(line("provision", "east/east-1")).redirectErrorStream(true);
        builder.environment().putAll(CREDENTIALS);
        Process controller = builder.start();
        try (var said =
                new BufferedReader(new InputStreamReader(controller.getInputStream(), StandardCharsets.UTF_8))) {
            String next = said.readLine();
            while (next != null && !next.contains(line)) {
                next = said.readLine();
            }
            controller.destroyForcibly().waitFor();
        }
        // Its lock would be waited for.
        var generation = GENERATION.matcher(flotilla("lock", "status").output());
        if (generation.find()) {
            flotilla("lock", "break", generation.group(1));
        }
    }
}
