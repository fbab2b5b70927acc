package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drills and probes beside a whole fleet, with a real pip. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FailoverDrillIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** By the stand-in's checks, every 500 ms, twice, and a TTL of 1 s; the rest is for a machine that stands still for a while. */
    private static final String OBJECTIVE = "25s";

    /** So long that a drill doesn't end before it is killed. */
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    static Path folder;

    private static Fleet fleet;
    private static Path reports;
    private static Path pip;

    @BeforeAll
    static void comeUp() throws IOException {
        // One on the path may be a version manager's, which lets others wait for a lock of its own.
        pip = PythonEnvironment.create(folder).pip();
        fleet = Fleet.start(folder, "--sample");
        reports = Files.createDirectory(folder.resolve("reports"));
    }

    @AfterAll
    static void end() {
        fleet.close();
    }

    private static List<String> line(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--state", fleet.state().toString()));
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=TERM"));
        line.addAll(Command.flotilla(all.toArray(String[]::new)));
        return line;
    }

    private static List<String> drill(String mode, String objective, String... more) {
        return drill(mode, objective, Duration.ofSeconds(2), more);
    }

    private static List<String> drill(String mode, String objective, Duration hold, String... more) {
        List<String> words = new ArrayList<>(List.of("drill", "failover", "east", "--mode", mode, "--yes"));
        words.addAll(List.of("--objective", objective, "--baseline", "2s", "--every", "250ms"));
        words.addAll(List.of("--hold", hold.toMillis() + "ms"));
        words.addAll(List.of("--budget", "2m", "--report", reports.toString()));
        words.addAll(List.of(more));
        return line(words.toArray(String[]::new));
    }

    private static void awaitAtHome() {
        await().atMost(SOON)
                .until(() -> fleet.answer().equals(Set.of(fleet.address("east")))
                        && fleet.answer("east.mirror.flotilla.test").equals(Set.of(fleet.address("east"))));
    }

    private static Process begin(List<String> line, Path log) throws IOException {
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(log.toFile())
                .start();
    }

    private static void awaitMoved(Process drill, Path log) {
        await().atMost(SOON).until(() -> {
            assertThat(drill.isAlive()).as(Files.readString(log)).isTrue();
            return fleet.answer().equals(Set.of(fleet.address("west")));
        });
    }

    @Test
    void eachModeMovesClientsAndBringsThemBackWithoutAFailedInstall() throws IOException {
        awaitAtHome();
        long mirror = fleet.mirrorPid("east");
        for (String mode : List.of("health-fail", "drain", "kill")) {
            Command drill =
                    Command.run(drill(mode, OBJECTIVE, "--pip", pip.toString())).succeeded();
            assertThat(drill.output()).contains("The objective is met.", "nobody is led to east any more");
            JsonNode report = report(mode);
            assertThat(report.at("/failed").asLong()).isZero();
            assertThat(report.at("/requests").asLong()).isPositive();
            for (JsonNode point : report.at("/vantagePoints")) {
                String name = point.at("/name").asText();
                assertThat(point.at("/led").asBoolean()).as(name).isTrue();
                assertThat(point.at("/requests").asLong()).as(name).isPositive();
            }
            assertThat(report.at("/vantagePoints"))
                    .extracting(point -> point.at("/kind").asText())
                    .containsOnlyOnce("node", "pip")
                    .contains("authority", "resolver", "page", "file");
            if (!mode.equals("kill")) {
                assertThat(fleet.mirrorPid("east")).as(mode).isEqualTo(mirror);
                assertThat(report.at("/retried").asLong())
                        .as("retried under " + mode)
                        .isZero();
            }
        }
        assertThat(fleet.mirrorPid("east")).isNotEqualTo(mirror);
        assertThat(Command.run(line("drill", "history")).succeeded().output())
                .containsPattern("east +health-fail +met")
                .containsPattern("east +kill +met");
    }

    private static JsonNode report(String mode) throws IOException {
        try (Stream<Path> files = Files.list(reports)) {
            Path newest = files.filter(file -> file.toString().endsWith("-" + mode + ".json"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            assertThat(Files.readString(Path.of(newest.toString().replaceFirst("json$", "html"))))
                    .startsWith("<!doctype html>");
            return new ObjectMapper().readTree(newest.toFile());
        }
    }

    @Test
    void aKilledDrillIsUndoneByRestoreAndByTheNextDrill() throws Exception {
        awaitAtHome();
        killed("health-fail");
        assertThat(Command.run(line("drill", "restore")).succeeded().output())
                .contains("-east-health-fail of ", "is undone");
        awaitAtHome();
        assertThat(Command.run(line("drill", "restore")).succeeded().output()).contains("There is nothing to undo.");

        killed("drain");
        // Of a drain checks hear a second later at the soonest; a check that is forced down may lead clients away at
        // once.
        Command missed = Command.run(drill("drain", "1ms", "--no-pip"));
        assertThat(missed.exitCode()).as(missed.output()).isEqualTo(3);
        assertThat(missed.output())
                .contains("first: the drill ", "-east-drain of ")
                .contains("The objective is missed.", "and the objective is 0.0 s", "no pip was run, as was wished");
        awaitAtHome();
    }

    /** With SIGKILL while names lead elsewhere; its lock is broken, for nobody has to wait for its end. */
    private static void killed(String mode) throws Exception {
        Path log = folder.resolve("killed-" + mode + ".log");
        Process drill = begin(drill(mode, OBJECTIVE, LONG, "--no-pip"), log);
        try {
            awaitMoved(drill, log);
        } finally {
            drill.destroyForcibly();
            drill.waitFor();
        }
        JsonNode credentials = new ObjectMapper()
                .readTree(fleet.state().resolve("local.json").toFile())
                .get("credentials");
        Map<String, String> environment = Map.of(
                "AWS_ACCESS_KEY_ID", credentials.get("accessKeyId").asText(),
                "AWS_SECRET_ACCESS_KEY", credentials.get("secretAccessKey").asText());
        String file = fleet.state().resolve("fleet.conf").toString();
        JsonNode lock = new ObjectMapper()
                .readTree(Command.run(Command.flotilla("lock", "status", "--json", "-C", file), environment)
                        .output());
        Command.run(
                        Command.flotilla(
                                "lock", "break", lock.at("/lock/generation").asText(), "-C", file),
                        environment)
                .succeeded();
    }

    @Test
    void aDrillThatIsToldToEndBringsTheRegionBack() throws Exception {
        awaitAtHome();
        List<String> unasked = drill("health-fail", OBJECTIVE, "--no-pip");
        unasked.remove("--yes");
        Command nobody = Command.run(unasked);
        assertThat(nobody.exitCode()).as(nobody.output()).isEqualTo(1);
        assertThat(nobody.output()).contains("nothing was touched: nobody can be asked here");

        Path log = folder.resolve("ended.log");
        Process drill = begin(drill("health-fail", OBJECTIVE, LONG, "--no-pip"), log);
        try {
            awaitMoved(drill, log);
            drill.destroy();
            assertThat(drill.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            drill.destroyForcibly();
        }
        assertThat(drill.exitValue()).as(Files.readString(log)).isEqualTo(3);
        assertThat(Files.readString(log)).contains("it was broken off: it was told to end", "The objective is missed.");
        awaitAtHome();
        assertThat(Command.run(line("drill", "restore")).succeeded().output()).contains("There is nothing to undo.");
    }

    @Test
    void aSteadyProbeTellsWhenANodeDiesAndEndsInOrder() throws Exception {
        awaitAtHome();
        Command all = Command.run(line("probe")).succeeded();
        assertThat(all.output())
                .contains("mirror.flotilla.test  http://mirror.flotilla.test:")
                .contains("west.mirror.flotilla.test  http", "east/east-1  http", "west/west-1  http")
                .contains("  ok    metadata", "their digest is right", "  none  wheels")
                .doesNotContain("fail");
        Command unknown = Command.run(line("probe", "east", "--project", "no-such-project"));
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.output()).contains("answers 404: the index has no such project");

        Path metrics = folder.resolve("flotilla.prom");
        Path log = folder.resolve("probe.log");
        Process probe = begin(
                line("probe", "--steady", "--every", "200ms", "--timeout", "2s", "--metrics", metrics.toString()), log);
        try {
            awaitLine(metrics, "flotilla_probe_good{target=\"west/west-1\"} 1");
            Fleet.kill(fleet.mirrorPid("west"));
            awaitLine(metrics, "flotilla_probe_good{target=\"west/west-1\"} 0");
            awaitLine(metrics, "flotilla_probe_good{target=\"west.mirror.flotilla.test\"} 1");
            awaitLine(metrics, "flotilla_probe_good{target=\"west/west-1\"} 1");
            probe.destroy();
            assertThat(probe.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            probe.destroyForcibly();
        }
        assertThat(probe.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log))
                // Which check is the first that finds nobody is a matter of the moment.
                .containsPattern("does not serve as pip needs it(\n  .*)*\n  fail  .*no answer from")
                .doesNotContain("Exception");
        awaitAtHome();
    }

    private static void awaitLine(Path file, String line) {
        await().atMost(SOON)
                .until(() -> Files.exists(file) && Files.readString(file).contains(line + "\n"));
    }
}
