package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However the command ends, nothing of it stays. */
class EndingIT {
    @TempDir
    Path folder;

    @Test
    void interruptingTheCommandLeavesNoProcess() throws IOException {
        try (var fleet = Fleet.start(folder, "--sample")) {
            assertThat(fleet.processes()).hasSizeGreaterThanOrEqualTo(5);
            assertThat(fleet.interrupt()).isEqualTo(0);
            assertThat(fleet.processes()).isEmpty();
            assertThat(fleet.output()).doesNotContain("Exception");
        }
        assertThat(Fleet.temporary(folder)).isEmptyDirectory();
        try (var files = Files.walk(folder.resolve("state"))) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("lifeline"));
        }
    }

    @Test
    void terminatingTheCommandLeavesNoProcess() {
        try (var fleet = Fleet.start(folder, "--sample")) {
            assertThat(fleet.terminate()).isEqualTo(0);
            assertThat(fleet.processes()).isEmpty();
        }
    }

    @Test
    void killingTheCommandEndsEveryChild() {
        try (var fleet = Fleet.start(folder, "--sample")) {
            fleet.killed();
            await().atMost(Duration.ofSeconds(20)).until(() -> fleet.processes().isEmpty());
        }
    }

    @Test
    void aSecondStartServesWhatTheFirstHadCached() {
        var wheel = Wheel.of("flotilla-test-kept", "1.0", 1_000);
        var upstream = CountingIndex.of(wheel);
        try (upstream) {
            try (var fleet = Fleet.start(folder, "--upstream", upstream.uri().toString())) {
                PythonEnvironment.create(folder)
                        .install(fleet.index("west"), wheel.project())
                        .succeeded();
            }
            upstream.stop();
            try (var fleet = Fleet.start(folder, "--upstream", upstream.uri().toString())) {
                PythonEnvironment.create(folder)
                        .install(fleet.index("west"), wheel.project())
                        .succeeded();
            }
            upstream.resume();
        }
    }
}
