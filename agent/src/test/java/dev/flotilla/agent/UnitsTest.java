package dev.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The units as systemd itself judges them. Needs systemd-analyze, but no systemd that runs. */
@Tag("real")
class UnitsTest {
    private static final Path UNITS = Path.of("src", "main", "distribution", "systemd");

    @TempDir
    Path folder;

    private Path units = Path.of("");

    /** The units with their programs where this test has installed them. */
    @BeforeEach
    void install() throws IOException {
        AgentScripts scripts = AgentScripts.install(folder, "#!/bin/sh\n");
        units = Files.createDirectories(folder.resolve("units"));
        try (Stream<Path> shipped = Files.list(UNITS)) {
            for (Path unit : shipped.toList()) {
                String text = Files.readString(unit);
                Files.writeString(
                        units.resolve(unit.getFileName()),
                        text.replace("/opt/flotilla-agent", scripts.home().toString()));
            }
        }
    }

    private String analyze(int status, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("systemd-analyze"));
        command.addAll(List.of(arguments));
        Path said = folder.resolve("said");
        var builder = new ProcessBuilder(command)
                .directory(units.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        // The machine's own units are none of this test's business.
        builder.environment().put("SYSTEMD_UNIT_PATH", units + ":");
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("systemd-analyze does not end");
        }
        assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(status);
        return Files.readString(said);
    }

    @Test
    void systemdFindsNothingToComplainAbout() throws Exception {
        assertThat(analyze(
                        0,
                        "verify",
                        "./flotilla-agent.service",
                        "./flotilla-agent-watcher.service",
                        "./flotilla-agent-watcher.timer"))
                .isEmpty();
    }

    @Test
    void systemdWouldComplain() throws Exception {
        Path unit = units.resolve("flotilla-agent.service");
        Files.writeString(unit, Files.readString(unit).replace("KillMode=", "KillMood="));
        assertThat(analyze(0, "verify", "./flotilla-agent.service")).contains("KillMood");
    }

    /** Exposure from 0 to 10, in tenths: what is lost here has to be given back with a reason. */
    @ParameterizedTest
    @CsvSource({"flotilla-agent.service, 20", "flotilla-agent-watcher.service, 12"})
    void aUnitMayDoNoMoreThanItHasTo(String unit, String exposure) throws Exception {
        analyze(0, "security", "--offline=true", "--no-pager", "--threshold=" + exposure, "./" + unit);
    }

    @Test
    void anAgentAndItsMirrorsHaveAUserOfTheirOwnAndOnlySoMuchOfTheMachine() throws IOException {
        assertThat(Files.readAllLines(UNITS.resolve("flotilla-agent.service")))
                .contains(
                        "User=flotilla",
                        "ProtectSystem=strict",
                        "NoNewPrivileges=yes",
                        "MemoryMax=3G",
                        "TasksMax=1024",
                        "LimitNOFILE=65536");
    }

    /** What lets the mirror live on when the agent ends: no judge but this one knows what it is for. */
    @Test
    void theMirrorOutlivesTheUnit() throws IOException {
        List<String> lines = Files.readAllLines(UNITS.resolve("flotilla-agent.service"));
        assertThat(lines)
                .contains("KillMode=process", "OOMPolicy=continue", "Restart=always", "SuccessExitStatus=10")
                .noneMatch(line -> line.startsWith("PrivateTmp=") || line.startsWith("RuntimeDirectory="));
    }
}
