package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flotilla probe} beside a fleet, as an operator and as Prometheus have it. */
class ProbeIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    @Test
    void itLooksOnWhileARegionDiesAndEndsInOrder(@TempDir Path folder) throws Exception {
        try (var fleet = Fleet.start(folder, "--sample")) {
            allNamesAndNodesOfAFleetServe(fleet);
            Path metrics = folder.resolve("flotilla.prom");
            Path log = folder.resolve("probe.log");
            List<String> line = new ArrayList<>(List.of("env", "--default-signal=TERM"));
            line.addAll(Command.flotilla("probe", "--state", fleet.state().toString(), "--steady", "--every", "200ms"));
            line.addAll(List.of("--timeout", "2s", "--metrics", metrics.toString()));
            Process probe = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                await().atMost(SOON).until(() -> says(metrics, "flotilla_probe_good{target=\"east/east-1\"} 1"));
                Fleet.kill(fleet.mirrorPid("east"));
                await().atMost(SOON).until(() -> says(metrics, "flotilla_probe_good{target=\"east/east-1\"} 0"));
                await().atMost(SOON)
                        .until(() -> says(metrics, "flotilla_probe_good{target=\"east.mirror.flotilla.test\"} 1"));
                await().atMost(SOON).until(() -> says(metrics, "flotilla_probe_good{target=\"east/east-1\"} 1"));
                probe.destroy();
                assertThat(probe.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(probe.exitValue()).as(Files.readString(log)).isZero();
                assertThat(Files.readString(log))
                        .contains("east/east-1  http://east.mirror.flotilla.test:")
                        .contains("does not serve as pip needs it")
                        .contains("  fail  page")
                        .doesNotContain("Exception");
            } finally {
                probe.destroyForcibly();
            }
        }
    }

    private static void allNamesAndNodesOfAFleetServe(Fleet fleet) {
        Command probe = Command.run(
                        Command.flotilla("probe", "--state", fleet.state().toString()))
                .succeeded();
        assertThat(probe.output())
                .contains("mirror.flotilla.test  http://mirror.flotilla.test:")
                .contains("west.mirror.flotilla.test  http", "east/east-1  http", "west/west-1  http")
                .contains("  ok    metadata", "their digest is right", "  none  wheels")
                .doesNotContain("fail");
        Command unknown = Command.run(
                Command.flotilla("probe", "east", "--state", fleet.state().toString(), "--project", "no-such-project"));
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.output()).contains("answers 404: the index has no such project");
    }

    private static boolean says(Path file, String line) throws IOException {
        return Files.exists(file) && Files.readString(file).contains(line + "\n");
    }
}
