package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet whose machines are folders of this computer: made, served by, looked after and taken away by the packed controller. All of it
 * is run by a user who may do nothing here but in a folder of his own; where the tests don't run as root, by who runs them.
 */
@Tag("real")
class LocalMachinesIT {
    private static final String USER = "nobody";
    private static final String USERS_GROUP = "nogroup";
    private static final Wheel WHEEL = Wheel.of("provisioned", "1.0", 100_000);

    @TempDir
    Path temporary;

    private Path folder;
    private List<String> asUser;
    private Path file;

    @BeforeEach
    void giveTheUserAHome() throws IOException {
        folder = Files.createDirectory(temporary.resolve("home"));
        asUser = List.of();
        if (System.getProperty("user.name").equals("root")) {
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
            Command.run(List.of("chown", USER, folder.toString())).succeeded();
            asUser = List.of(
                    "setpriv", "--reuid", USER, "--regid", USERS_GROUP, "--clear-groups", "env", "HOME=" + folder);
            String program = Command.flotilla().getFirst();
            Command.run(as(List.of("test", "-x", program, "-a", "-r", program))).succeeded();
        }
    }

    private List<String> as(List<String> line) {
        List<String> whole = new ArrayList<>(asUser);
        whole.addAll(line);
        return whole;
    }

    private Command flotilla(String... arguments) {
        List<String> line = new ArrayList<>(Command.flotilla(arguments));
        line.addAll(line.size() - arguments.length + 1, List.of("-C", file.toString()));
        return Command.run(as(line), MachineFleet.CREDENTIALS);
    }

    /** The same on a terminal, where somebody types an answer to what he is asked. */
    private Command typed(String answer, String question, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(Command.flotilla(arguments));
        words.addAll(words.size() - arguments.length + 1, List.of("-C", file.toString()));
        String line = words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        // What is typed before the question stands would be an answer to nothing.
        Path pipe = folder.resolve("typed-" + arguments[0]);
        Path seen = folder.resolve("seen-" + arguments[0]);
        Command.run(as(List.of("mkfifo", pipe.toString()))).succeeded();
        return Command.run(
                as(List.of(
                        "bash",
                        "-c",
                        "script -qefc \"$1\" \"$2\" <>\"$3\" & s=$!; until grep -q \"$4\" \"$2\" 2>/dev/null; do kill -0 $s || break;"
                                + " sleep 0.1; done; echo \"$5\" >\"$3\"; wait $s",
                        "bash",
                        line,
                        seen.toString(),
                        pipe.toString(),
                        question,
                        answer)),
                MachineFleet.CREDENTIALS);
    }

    private void write(S3Server bucket, CountingIndex index) throws IOException {
        Command.run(as(Command.flotilla(
                        "init", "--name", "acme", folder.resolve("fleet").toString())))
                .succeeded();
        file = folder.resolve("fleet/fleet.conf");
        Files.writeString(folder.resolve("fleet/agent.env"), """
                AWS_ACCESS_KEY_ID=%s
                AWS_SECRET_ACCESS_KEY=%s
                """.formatted(S3Server.KEY, S3Server.SECRET));
        Files.writeString(file, """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                  fabric = local
                  provision {
                    environment = "agent.env", serve-time-out = 90s
                    agent { poll-interval = 1s, report-interval = 1s, report-gap = 200ms, proof { soak = 1s } }
                  }
                  rollout { waves = [] }
                  mirror { upstreams = [ { name = index, index = "%s" } ], store { budget = 1 GiB } }
                  regions {
                    east { nodes { east-1 { address = "%s" } } }
                    west { nodes { west-1 { address = "%s" } } }
                  }
                }
                """.formatted(
                bucket.endpoint(), index.uri(), LoopbackAddress.ofThisProcess(1), LoopbackAddress.ofThisProcess(2)));
    }

    @Test
    void machinesOfThisComputerGoFromNothingToServingAndBackToNothing() throws Exception {
        Path objects = Files.createDirectories(temporary.resolve("objects/acme"));
        try (var bucket = S3Server.start(objects.getParent());
                var index = CountingIndex.at(InetAddress.getLoopbackAddress(), WHEEL)) {
            write(bucket, index);
            boolean done = false;
            try {
                nothingBecomesNodesThatServe();
                whatIsBrokenIsSeenAndMendedAndLookedInto();
                nothingIsLeft();
                assertThat(objects).isEmptyDirectory();
                done = true;
            } finally {
                if (!done) {
                    // What a test that failed has left runs on otherwise.
                    flotilla("destroy", "--fleet-name", "acme", "--with-stores");
                }
            }
        }
    }

    private void nothingBecomesNodesThatServe() throws IOException {
        Command plan = flotilla("plan");
        assertThat(plan.exitCode()).as(plan.output()).isEqualTo(2);
        assertThat(plan.output())
                .containsPattern("\\+ .*east/east-1.*make the machine " + folder.resolve("fleet/machines/east-1"))
                .containsPattern("\\+ .*west/west-1.*install Flotilla ");
        assertThat(folder.resolve("fleet/machines"))
                .as("planning makes nothing")
                .doesNotExist();

        assertThat(typed("yes", "Only 'yes' counts: ", "apply").succeeded().output())
                .contains("Do this? Only 'yes' counts: yes", "Done: ");
        PythonEnvironment pip = PythonEnvironment.create(folder);
        for (int number : new int[] {1, 2}) {
            pip.install(
                            URI.create("http://" + LoopbackAddress.ofThisProcess(number) + ":8080/simple/"),
                            "--force-reinstall",
                            "provisioned")
                    .succeeded();
            assertThat(pip.python("import provisioned; print(provisioned.VERSION)"))
                    .isEqualTo("1.0");
        }
        assertThat(flotilla("plan").succeeded().output()).contains("Nothing to do");
        if (!asUser.isEmpty()) {
            assertThat(Files.getOwner(
                            machine("east-1").resolve("opt/flotilla/current").toRealPath()))
                    .hasToString(USER);
            assertThat(Command.run(List.of("pgrep", "-f", "-u", "root", folder.toString()))
                            .exitCode())
                    .as("nothing of it runs as root")
                    .isEqualTo(1);
        }
    }

    private void whatIsBrokenIsSeenAndMendedAndLookedInto() throws IOException {
        Files.delete(machine("east-1").resolve("opt/flotilla/current/agent/bin/agent-watch"));
        assertThat(flotilla("run", "--on", "west", "--", "opt/flotilla/current/node-service", "stop")
                        .succeeded()
                        .output())
                .contains("west/west-1: exit code 0");
        Command seen = flotilla("provision", "--check");
        assertThat(seen.exitCode()).as(seen.output()).isEqualTo(2);
        assertThat(seen.output())
                .containsPattern("east/east-1: ~ mend what is missing or has other bytes: agent/bin/agent-watch")
                .containsPattern("west/west-1: ~ start the agent: it doesn't run");
        assertThat(flotilla("provision").succeeded().output()).contains("2 changed, 0 as they should be, 0 failed");
        assertThat(flotilla("logs", "west/west-1", "--lines", "1000")
                        .succeeded()
                        .output())
                .containsPattern("agent +\\| .*release 1")
                .containsPattern("mirror +\\| ");
        assertThat(flotilla("status").output()).contains("east-1", "west-1");
        assertThat(flotilla("doctor").output())
                .contains("east/east-1", "its clock is right; serves")
                .contains("R is " + machine("east-1") + " for east/east-1; " + machine("west-1") + " for west/west-1");
        Command hostKeys = flotilla("hostkey", "show");
        assertThat(hostKeys.exitCode()).isEqualTo(1);
        assertThat(hostKeys.output()).contains("is come to by SSH");
    }

    private Path machine(String node) {
        return folder.resolve("fleet/machines").resolve(node);
    }

    private void nothingIsLeft() throws IOException {
        assertThat(typed("acme", "if all of this is to go: ", "destroy")
                        .succeeded()
                        .output())
                .contains("The fleet's name, if all of this is to go: acme")
                .contains("end the mirror", "The fleet acme is destroyed.");
        assertThat(Processes.naming(folder.toString())).isEmpty();
        assertThat(machine("east-1").resolve("opt")).doesNotExist();
        assertThat(machine("east-1").resolve("var/lib/flotilla/mirror"))
                .as("the store stays unless it is named")
                .isDirectory();
        assertThat(flotilla("destroy", "--fleet-name", "acme", "--with-stores")
                        .succeeded()
                        .output())
                .contains("remove the machine", "The fleet acme is destroyed.");
        assertThat(folder.resolve("fleet/machines")).doesNotExist();
    }
}
