package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed archive of a node on a machine whose shell and whose programs are busybox's, all of them. */
@Tag("real")
class BusyboxIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SERVICE = "/opt/flotilla/current/node-service";

    @TempDir
    Path folder;

    private OwnSystem machine;

    @Test
    void busyboxAloneInstallsRunsMendsAndTakesAwayANode() throws Exception {
        Path tree = Path.of(System.getProperty("flotilla.root"), "node/target/flotilla-node");
        Path prepare = OwnSystem.script("busybox-node.sh", folder.resolve("prepare.sh"));
        Files.writeString(prepare, "tree='" + tree.toAbsolutePath() + "'\n" + Files.readString(prepare));
        Files.writeString(folder.resolve("root.json"), "{}");
        Files.writeString(folder.resolve("agent.conf"), """
                flotilla.agent {
                  fleet = acme, region = east, node = east-1
                  bucket { name = acme, endpoint = "http://127.0.0.1:1", path-style = true }
                  mirror { readiness = "http://127.0.0.1:1/readyz" }
                }
                """);
        try (var busybox = OwnSystem.start(folder, OwnSystem.Init.BUSYBOX, List.of())) {
            machine = busybox;
            assertThat(run(
                                    "/bin/sh",
                                    "-c",
                                    "for x in bash perl python3 systemctl flock useradd; do command -v $x; done")
                            .output())
                    .as("nothing but busybox is there")
                    .isEmpty();
            isInstalled();
            isMended();
            isTakenAway();
        }
    }

    private Command run(String... words) {
        List<String> line = new ArrayList<>(List.of("/bin/env", "-i", "PATH=/bin"));
        line.addAll(List.of(words));
        return machine.run(line.toArray(String[]::new));
    }

    private Command install(String... options) {
        List<String> line = new ArrayList<>(List.of(
                "/opt/flotilla-node/install.sh",
                "--agent-conf",
                "/opt/given/agent.conf",
                "--trust-root",
                "/opt/given/root.json"));
        line.addAll(List.of(options));
        return run(line.toArray(String[]::new));
    }

    private void isInstalled() {
        Command check = install("--check");
        assertThat(check.exitCode()).as(check.output()).isEqualTo(2);
        assertThat(machine.file("/opt/flotilla")).doesNotExist();
        assertThat(install().succeeded().output()).contains("start the agent", "done: ");
        agentRuns();
        assertThat(run("stat", "-c", "%U", "/var/lib/flotilla/agent/artifacts")
                        .succeeded()
                        .output())
                .isEqualTo("flotilla\n");
        assertThat(install().succeeded().output())
                .startsWith("nothing to change: ")
                .hasLineCount(1);
        assertThat(run(SERVICE, "status").succeeded().output()).startsWith("active (process ");
    }

    /** As the node's user, and once. */
    private void agentRuns() {
        await("the agent")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(processes().lines())
                        .as(run("cat", "/var/log/flotilla/agent.log").output())
                        .filteredOn(line -> line.contains("dev.flotilla.agent.Main run"))
                        .singleElement()
                        .asString()
                        .startsWith("flotilla "));
    }

    /** Each with its user; ps cuts lines. */
    private String processes() {
        return run(
                        "/bin/sh",
                        "-c",
                        "for p in /proc/[0-9]*; do echo \"$(stat -c %U $p) $(tr '\\0' ' ' <$p/cmdline)\"; done 2>/dev/null")
                .output();
    }

    private void isMended() throws Exception {
        Files.delete(machine.file("/opt/flotilla/current/agent/bin/agent-watch"));
        run(SERVICE, "stop").succeeded();
        assertThat(run(SERVICE, "status").exitCode()).isEqualTo(3);
        Command seen = install("--check");
        assertThat(seen.exitCode()).as(seen.output()).isEqualTo(2);
        assertThat(seen.output()).contains("would mend the programs", "agent/bin/agent-watch", "would start the agent");
        install().succeeded();
        assertThat(machine.file("/opt/flotilla/current/agent/bin/agent-watch")).isExecutable();
        agentRuns();
    }

    private void isTakenAway() {
        run("/opt/flotilla-node/install.sh", "--uninstall").succeeded();
        assertThat(processes()).doesNotContain("flotilla");
        for (String folder : List.of("/opt/flotilla", "/etc/flotilla", "/var/lib/flotilla/agent")) {
            assertThat(machine.file(folder)).doesNotExist();
        }
        assertThat(machine.file("/var/lib/flotilla/mirror")).isDirectory();
    }
}
