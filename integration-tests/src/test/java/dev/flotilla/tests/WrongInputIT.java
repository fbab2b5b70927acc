package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What careless people do: one clear message, an exit code other than 0, and nothing left behind. */
class WrongInputIT {
    @TempDir
    Path folder;

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.1.1"))) {
            String port = Integer.toString(taken.getLocalPort());
            Command local = local("--sample", "--port", port, "--dns-port", "0");
            assertRefusal(local);
            assertThat(local.output()).contains(port).contains("127.0.1.1").contains("--port");
        }
    }

    @Test
    void aDnsPortInUseIsNamed() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String port = Integer.toString(taken.getLocalPort());
            Command local = local("--sample", "--port", "0", "--dns-port", port);
            assertRefusal(local);
            assertThat(local.output()).contains(port).contains("--dns-port");
        }
    }

    @Test
    void anUnwritableStateFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        Command local = Command.run(Command.flotilla(
                "local",
                "--sample",
                "--port",
                "0",
                "--dns-port",
                "0",
                "--state",
                file.resolve("state").toString()));
        assertRefusal(local);
        assertThat(local.output()).contains(file.toString());
    }

    @Test
    void aFolderOfSomebodyElseIsNeitherUsedNorEmptied() throws IOException {
        Path foreign = Files.createDirectory(folder.resolve("thesis"));
        Path precious = Files.writeString(foreign.resolve("chapter-1.txt"), "years of work");
        for (List<String> options : List.of(List.of("--sample"), List.of("--sample", "--fresh"))) {
            var line = Command.flotilla("local", "--port", "0", "--dns-port", "0", "--state", foreign.toString());
            line.addAll(options);
            Command local = Command.run(line);
            assertRefusal(local);
            assertThat(precious).hasContent("years of work");
        }
    }

    @Test
    void aSecondCommandOnTheSameFolderIsRefused() {
        try (var fleet = Fleet.start(folder, "--sample")) {
            Command second = Command.run(Command.flotilla(
                    "local",
                    "--sample",
                    "--port",
                    "0",
                    "--dns-port",
                    "0",
                    "--state",
                    fleet.state().toString()));
            assertRefusal(second);
            assertThat(second.output()).contains(fleet.state().toString());
            assertThat(fleet.answer()).isNotEmpty();
        }
    }

    @Test
    void everyProblemOfABadFleetConfIsListedWithItsLine() throws IOException {
        Path configuration = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = "Not A Name"
                  bukket { name = "flotilla" }
                  regions { east { nodes { east-1 { address = "nowhere.example" } } } }
                }
                """);
        Command publish = Command.run(Command.flotilla("publish", "--config", configuration.toString()));
        assertRefusal(publish);
        assertThat(publish.output())
                .contains(configuration + ":2:")
                .contains(configuration + ":3:")
                .contains("did you mean bucket?")
                .contains(configuration + ":4:");
    }

    @Test
    void aFleetConfThatIsMissingIsNamed() {
        Path missing = folder.resolve("fleet.conf");
        Command publish = Command.run(Command.flotilla("publish", "--config", missing.toString()));
        assertRefusal(publish);
        assertThat(publish.output()).contains(missing.toString());
    }

    @Test
    void anUnknownOptionIsAUsageError() {
        Command local = Command.run(Command.flotilla("local", "--bananas"));
        assertThat(local.exitCode()).isEqualTo(2);
        assertThat(local.output()).contains("--bananas").doesNotContain("\tat ");
    }

    @Test
    void statusOfAFolderWithoutAFleetSaysWhatToDo() {
        Command status = Command.run(
                Command.flotilla("status", "--state", folder.resolve("none").toString()));
        assertRefusal(status);
        assertThat(status.output()).contains("flotilla local");
    }

    @Test
    void aJavaThatIsTooOldIsNamed() throws IOException {
        Path java = Files.createDirectories(folder.resolve("jdk-17/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> environment =
                Map.of("FLOTILLA_JAVA_HOME", folder.resolve("jdk-17").toString());
        Path launcher = Path.of(System.getProperty("flotilla.root"), "flotilla");
        for (List<String> line : List.of(Command.flotilla("--version"), List.of(launcher.toString(), "--version"))) {
            Command command = Command.run(line, environment);
            assertRefusal(command);
            assertThat(command.output()).contains("version 17").contains("Java 25");
        }
    }

    private Command local(String... options) {
        var line = Command.flotilla("local", "--state", folder.resolve("state").toString());
        line.addAll(List.of(options));
        return Command.run(line);
    }

    private void assertRefusal(Command command) {
        assertThat(command.exitCode()).as(command.output()).isEqualTo(1);
        assertThat(command.output()).doesNotContain("\tat ").doesNotContain("Exception");
        assertThat(command.output().lines().count()).isLessThan(12);
    }
}
