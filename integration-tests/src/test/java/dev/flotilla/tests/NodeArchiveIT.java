package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that makes a bare machine a node, installed below a folder of the test's own. */
class NodeArchiveIT {
    private static final Path TREE = Path.of(System.getProperty("flotilla.root"), "node/target/flotilla-node");
    private static final int MACHINES_AT_A_TIME = 4;
    private static final String USER = System.getProperty("user.name");

    @TempDir
    Path folder;

    private Path root;

    @BeforeEach
    void write() throws IOException {
        root = folder.resolve("machine");
        Files.writeString(folder.resolve("root.json"), "{}");
        configuration("30s");
    }

    @AfterEach
    void uninstall() {
        install(TREE, "--uninstall", "--with-store").succeeded();
        assertThat(Processes.naming(root.toString())).isEmpty();
    }

    private void configuration(String poll) throws IOException {
        Files.writeString(folder.resolve("agent.conf"), """
                flotilla.agent {
                  fleet = acme, region = east, node = east-1
                  state = "%1$s/var/lib/flotilla/agent", trust-root = "%1$s/etc/flotilla/root.json", poll-interval = %2$s
                  bucket { name = acme, endpoint = "http://127.0.0.1:1", path-style = true }
                  mirror { readiness = "http://127.0.0.1:1/readyz" }
                }
                """.formatted(root, poll));
    }

    /** With nothing around it but the usual programs: no Java is named. */
    private List<String> line(Path tree, String... options) {
        return line(root, tree, options);
    }

    private static List<String> line(Path root, Path tree, String... options) {
        var line = new ArrayList<>(List.of(
                "env",
                "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                tree.resolve("install.sh").toString(),
                "--root",
                root.toString(),
                "--user",
                USER));
        line.addAll(Arrays.asList(options));
        return line;
    }

    private Command install(Path tree, String... options) {
        return Command.run(line(tree, options));
    }

    private Command install(String... more) {
        var options = new ArrayList<>(List.of(
                "--agent-conf",
                folder.resolve("agent.conf").toString(),
                "--trust-root",
                folder.resolve("root.json").toString()));
        options.addAll(Arrays.asList(more));
        return install(TREE, options.toArray(String[]::new));
    }

    private Path current() {
        return root.resolve("opt/flotilla/current");
    }

    private Command service(String verb) {
        return Command.run(List.of(current().resolve("node-service").toString(), verb));
    }

    private void runsWithItsOwnJava() {
        String java = current().resolve("java/bin/java") + " ";
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Processes.naming(java))
                        .filteredOn(line -> line.contains("dev.flotilla.agent.Main run"))
                        .hasSize(1));
    }

    /** Whoever has taken over the mirror is not to become root by the next update. */
    @Test
    @Tag("real")
    void linksThatTheNodesUserMakesLeadRootNowhere() throws Exception {
        assertThat(USER)
                .as("only root installs for another user: run the real tier as root")
                .isEqualTo("root");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Path victim = Files.createDirectory(folder.resolve("victim"));
        Path agent = root.resolve("var/lib/flotilla/agent");
        asNobody("--image").succeeded();
        assertThat(Files.getOwner(agent.resolve("artifacts"))).hasToString("nobody");

        Command.run(List.of("rm", "-r", agent.toString())).succeeded();
        link(agent, victim);
        Command redirected = asNobody("--image");
        assertThat(redirected.exitCode()).isEqualTo(1);
        assertThat(redirected.output()).contains(agent + " is a link that somebody else than root has made");
        assertThat(Files.getOwner(victim)).hasToString("root");

        Files.delete(agent);
        Files.createDirectory(agent);
        Command.run(List.of("chown", "nobody", agent.toString())).succeeded();
        link(agent.resolve("artifacts"), victim);
        assertThat(asNobody("--image").output()).contains("can't unpack the mirror");
        assertThat(victim).isEmptyDirectory();
    }

    private static void link(Path link, Path target) throws IOException {
        Files.createSymbolicLink(link, target);
        Command.run(List.of("chown", "-h", "nobody", link.toString())).succeeded();
    }

    private Command asNobody(String option) {
        List<String> line = line(TREE, option);
        line.set(line.indexOf("--user") + 1, "nobody");
        return Command.run(line);
    }

    @Test
    void theImageHasEveryModuleThatTheProgramsNeedAndNotTheDesktop() throws IOException {
        Set<String> needed = new TreeSet<>();
        for (String program : List.of("agent", "mirror")) {
            needed.addAll(modules(Path.of(System.getProperty("flotilla." + program + ".home"), "lib")));
        }
        String release = Files.readString(TREE.resolve("java/release"));
        List<String> linked = Arrays.asList(release.lines()
                .filter(line -> line.startsWith("MODULES="))
                .findFirst()
                .orElseThrow()
                .replaceAll("MODULES=|\"", "")
                .split(" ", -1));
        assertThat(needed).contains("java.compiler", "java.desktop");
        needed.removeAll(List.of("java.compiler", "java.desktop"));
        assertThat(linked).containsAll(needed).doesNotContain("java.compiler", "java.desktop", "jdk.compiler");
    }

    private static Set<String> modules(Path libraries) throws IOException {
        List<String> jars;
        try (Stream<Path> files = Files.list(libraries)) {
            jars = files.map(Path::toString).sorted().toList();
        }
        var out = new StringWriter();
        var arguments = new ArrayList<>(List.of(
                "--multi-release",
                "25",
                "--ignore-missing-deps",
                "--print-module-deps",
                "-cp",
                String.join(":", jars)));
        arguments.addAll(jars);
        int status = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(new PrintWriter(out), new PrintWriter(out), arguments.toArray(String[]::new));
        assertThat(status).as(out.toString()).isZero();
        String last =
                out.toString().strip().lines().reduce((before, after) -> after).orElseThrow();
        return new TreeSet<>(Arrays.asList(last.split(",", -1)));
    }

    @Test
    void everyFileOfTheArchiveStandsInItsSums() throws IOException {
        Path unpacked = Files.createDirectories(folder.resolve("unpacked"));
        Command.run(List.of("tar", "-xzf", TREE + ".tar.gz", "-C", unpacked.toString()))
                .succeeded();
        Path tree = unpacked.resolve("flotilla-node");
        List<String> files;
        try (Stream<Path> entries = Files.walk(tree)) {
            files = entries.filter(entry -> Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS))
                    .map(entry -> tree.relativize(entry).toString())
                    .filter(name -> !name.equals("SHA256SUMS"))
                    .toList();
        }
        assertThat(Files.readAllLines(tree.resolve("SHA256SUMS")))
                .extracting(line -> line.substring(66))
                .containsExactlyInAnyOrderElementsOf(files);
        assertThat(tree.resolve("install.sh")).isExecutable();
        install(tree, "--image", "--check");
    }

    @Test
    void aBareMachineRunsTheAgentWithItsOwnJavaAndASecondRunChangesNothing() {
        Command check = install("--check");
        assertThat(check.exitCode()).as(check.output()).isEqualTo(2);
        assertThat(check.output()).contains("would install the programs into", "would start the agent");
        assertThat(root).as("a check changes nothing").doesNotExist();

        assertThat(install().succeeded().output())
                .contains("install the programs into " + root + "/opt/flotilla/nodes/", "start the agent", "done: ");
        runsWithItsOwnJava();
        assertThat(root.resolve("var/lib/flotilla/agent/artifacts"))
                .as("the mirror is there before the first release")
                .isDirectoryContaining(entry -> Files.isExecutable(entry.resolve("bin/mirror")));

        assertThat(install().succeeded().output())
                .startsWith("nothing to change: ")
                .hasLineCount(1);
        assertThat(install("--check").succeeded().output()).startsWith("nothing to change: ");
    }

    @Test
    void aSecondInstallationWaitsForTheFirstAndWhatWasBroughtForItGoesWithIt() throws Exception {
        install().succeeded();
        runsWithItsOwnJava();
        Path brought = Files.createDirectories(root.resolve("opt/flotilla/incoming"));
        Files.copy(folder.resolve("agent.conf"), brought.resolve("agent.conf"));
        Files.writeString(brought.resolve("agent.env"), "KEY=secret\n");
        // Nobody has the lock: the agent that was started doesn't hold it.
        Process first = new ProcessBuilder("flock", "-n", root.toString(), "sh", "-c", "echo held; cat").start();
        assertThat(first.inputReader().readLine()).isEqualTo("held");
        Process second = new ProcessBuilder(line(
                        TREE,
                        "--agent-conf",
                        brought.resolve("agent.conf").toString(),
                        "--trust-root",
                        folder.resolve("root.json").toString()))
                .redirectErrorStream(true)
                .start();
        assertThat(second.inputReader().readLine()).isEqualTo("waiting for another install.sh on this machine");
        assertThat(second.isAlive()).isTrue();
        assertThat(brought).isDirectory();
        first.getOutputStream().close();
        assertThat(second.inputReader().readLine()).startsWith("nothing to change: ");
        assertThat(second.waitFor()).isZero();
        assertThat(brought).doesNotExist();
    }

    @Test
    void aDamagedArchiveIsRefusedBeforeAnythingChanges() throws IOException {
        Path damaged = folder.resolve("damaged");
        Command.run(List.of("cp", "-Rp", TREE.toString(), damaged.toString())).succeeded();
        Files.writeString(damaged.resolve("agent/bin/agent-launch"), "#!/bin/sh\n");
        Command refused = install(damaged, "--image");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.output())
                .contains("this archive is damaged, nothing was changed", "agent/bin/agent-launch")
                .doesNotContain("make");
        assertThat(root).doesNotExist();
    }

    @Test
    void whatIsBrokenOnAnInstalledNodeIsSeenAndRepaired() throws IOException {
        install().succeeded();
        runsWithItsOwnJava();
        // A file is gone, another has other bytes.
        Path node = current().toRealPath();
        Files.delete(node.resolve("agent/bin/agent-watch"));
        Files.write(node.resolve("java/lib/modules"), new byte[] {1}, StandardOpenOption.APPEND);
        Command seen = install("--check");
        assertThat(seen.exitCode()).isEqualTo(2);
        assertThat(seen.output()).contains("would mend the programs", "agent/bin/agent-watch", "java/lib/modules");
        install().succeeded();
        assertThat(node.resolve("agent/bin/agent-watch")).isExecutable();
        runsWithItsOwnJava();

        // The service is stopped.
        service("stop").succeeded();
        assertThat(service("status").exitCode()).isEqualTo(3);
        assertThat(Processes.naming(root.toString())).isEmpty();
        Command stopped = install("--check");
        assertThat(stopped.exitCode()).isEqualTo(2);
        assertThat(stopped.output()).isEqualTo("would start the agent with what is installed\n");
        install().succeeded();
        runsWithItsOwnJava();

        // An agent that ends again and again doesn't run, whatever its supervisor does.
        String before = service("status").succeeded().output();
        Files.writeString(root.resolve("etc/flotilla/agent.conf"), "nothing that an agent understands");
        ProcessHandle.of(Long.parseLong(before.replaceAll("\\D", "")))
                .orElseThrow()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .forEach(ProcessHandle::destroyForcibly);
        await().atMost(Duration.ofSeconds(60)).until(() -> service("status").exitCode() == 3);
        assertThat(service("status").output()).matches("failing \\(status \\d+\\): started again and again\n");

        // Another configuration is written, and the agent runs with it.
        configuration("40s");
        assertThat(install().succeeded().output()).contains("write " + root + "/etc/flotilla/agent.conf");
        assertThat(root.resolve("etc/flotilla/agent.conf")).content().contains("poll-interval = 40s");
        assertThat(service("status").succeeded().output()).isNotEqualTo(before);

        // The supervisor is killed and leaves its agent: there is one again, and not two.
        long supervisor = Long.parseLong(service("status").succeeded().output().replaceAll("\\D", ""));
        ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
        await().until(() -> service("status").exitCode() == 3);
        install().succeeded();
        runsWithItsOwnJava();
        assertThat(install("--check").succeeded().output()).startsWith("nothing to change");
    }

    /** The Java of the node, and no other, refuses to run without it. */
    private void mirrorStartsFromItsCache() throws IOException {
        try (Stream<Path> artifacts = Files.list(root.resolve("var/lib/flotilla/agent/artifacts"))) {
            Path mirror = artifacts.findFirst().orElseThrow().resolve("bin/mirror");
            Command.run(
                            List.of(mirror.toString(), "--version"),
                            Map.of(
                                    "FLOTILLA_JAVA_HOME",
                                    current().resolve("java").toString(),
                                    "FLOTILLA_JAVA_OPTIONS",
                                    "-XX:AOTMode=on"))
                    .succeeded();
        }
    }

    @Test
    void anImageHasNoIdentityAndIsGivenOneLater() throws IOException {
        install(TREE, "--image").succeeded();
        assertThat(root.resolve("etc/flotilla/agent.conf")).doesNotExist();
        assertThat(Processes.naming(root.toString())).isEmpty();
        mirrorStartsFromItsCache();
        assertThat(root.resolve("etc/systemd/system/flotilla-agent.service"))
                .content()
                .contains("ExecStart=" + current() + "/agent/bin/agent-launch run --config " + root
                        + "/etc/flotilla/agent.conf")
                .doesNotContain("=/var/lib/flotilla", "/opt/flotilla-agent/bin");
        assertThat(install(TREE, "--image", "--check").succeeded().output()).startsWith("nothing to change");
        Command nobody = install(TREE);
        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.output()).contains("has no identity yet: give it --agent-conf and --trust-root");
        install().succeeded();
        runsWithItsOwnJava();
    }

    @Test
    void theStoreOutlivesTheNode() throws IOException {
        install().succeeded();
        runsWithItsOwnJava();
        Path blob = Files.writeString(root.resolve("var/lib/flotilla/mirror/blob"), "kept");
        Command check = install(TREE, "--uninstall", "--check");
        assertThat(check.exitCode()).isEqualTo(2);
        runsWithItsOwnJava();
        install(TREE, "--uninstall").succeeded();
        assertThat(Processes.naming(root.toString())).isEmpty();
        assertThat(blob).exists();
        assertThat(root.resolve("opt/flotilla")).doesNotExist();
        assertThat(root.resolve("etc/flotilla")).doesNotExist();
    }

    /** Killed where it has said what it does next: for each line that it says. */
    @Test
    @Tag("real")
    void killedAnywhereItIsFinishedByTheNextRun() throws Exception {
        int lines = (int) install("--image", "--check").output().lines().count();
        assertThat(lines).isGreaterThan(10);
        try (var together = Executors.newFixedThreadPool(MACHINES_AT_A_TIME)) {
            List<Future<Path>> machines = new ArrayList<>();
            for (int line = 1; line <= lines; line++) {
                int killed = line;
                machines.add(together.submit(() -> killedAndFinished(killed)));
            }
            for (Future<Path> machine : machines) {
                assertThat(Processes.naming(machine.get().toString())).isEmpty();
            }
        }
    }

    private Path killedAndFinished(int lines) throws IOException, InterruptedException {
        Path machine = folder.resolve("machine-" + lines + "-");
        killedAfter(machine, lines);
        Command next = Command.run(line(machine, TREE, "--image"));
        assertThat(next.exitCode()).as("line " + lines + ": " + next.output()).isZero();
        assertThat(Command.run(line(machine, TREE, "--image", "--check"))
                        .succeeded()
                        .output())
                .startsWith("nothing to change");
        Command.run(List.of(
                        "sh",
                        "-c",
                        "cd \"$1\" && sha256sum --quiet -c SHA256SUMS",
                        "sh",
                        machine.resolve("opt/flotilla/current").toString()))
                .succeeded();
        Command.run(line(machine, TREE, "--uninstall", "--with-store")).succeeded();
        return machine;
    }

    private static void killedAfter(Path machine, int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line(machine, TREE, "--image"))
                .redirectErrorStream(true)
                .start();
        try (var said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < lines; i++) {
                said.readLine();
            }
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
