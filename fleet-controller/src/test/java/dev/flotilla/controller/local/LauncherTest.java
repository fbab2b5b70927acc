package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script of the root in a clone made of stand-in programs and, where a test needs it, a stand-in Maven. */
class LauncherTest {
    private static final List<String> PROGRAMS =
            List.of("mirror mirror mirror", "agent agent agent", "fleet-controller controller flotilla");

    @TempDir
    private Path folder;

    private Path clone;

    @BeforeEach
    void copyTheLauncher() throws IOException {
        clone = folder.resolve("a clone");
        Files.createDirectories(clone.resolve("packaging"));
        Files.copy(Path.of("../flotilla"), clone.resolve("flotilla"));
        Files.copy(Path.of("../packaging/find-java.sh"), clone.resolve("packaging/find-java.sh"));
        Files.writeString(clone.resolve("pom.xml"), "<project/>");
        executable(clone.resolve("flotilla"));
    }

    @Test
    void everyVerbButTwoIsTheControllers() throws Exception {
        build();
        assertThat(launch(Map.of(), "mirror", "check", "a file").output()).isEqualTo("mirror: [check] [a file]\n");
        assertThat(launch(Map.of(), "agent", "run", "--config", "x").output())
                .isEqualTo("agent: [run] [--config] [x]\n");
        assertThat(launch(Map.of(), "local", "--port", "0").output()).isEqualTo("flotilla: [local] [--port] [0]\n");
        assertThat(launch(Map.of()).output()).isEqualTo("flotilla:\n");
    }

    @Test
    void itRunsThroughLinksFromAnyFolder() throws Exception {
        build();
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("a clone/flotilla"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), first);
        var run = run(
                new ProcessBuilder(second.toString(), "status")
                        .directory(Path.of("/").toFile()),
                Map.of());
        assertThat(run.output()).isEqualTo("flotilla: [status]\n");
    }

    @Test
    void whereItMustNotBuildItSaysWhatIsMissing() throws Exception {
        var run = launch(Map.of("FLOTILLA_NO_BUILD", "1"), "status");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output())
                .contains("mirror is not built yet")
                .contains("FLOTILLA_NO_BUILD")
                .contains("mvn -DskipTests package");
    }

    @Test
    void itBuildsWhatIsOlderThanItsSourcesAndNothingElse() throws Exception {
        build();
        fakeMaven("echo '[INFO] Building Flotilla: mirror 0.1.0-SNAPSHOT  [4/6]'\n"
                + "touch */target/flotilla-*.tar.gz; echo built >> maven-was-here; sleep 1.2");
        assertThat(launch(Map.of(), "status").output()).isEqualTo("flotilla: [status]\n");
        assertThat(clone.resolve("maven-was-here")).doesNotExist();

        Path source = clone.resolve("mirror/src/main/java/New.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "class New {}");
        assertThat(launch(Map.of(), "status").output())
                .contains("mirror (4 of 6)")
                .contains("building")
                .contains("mirror/src/main")
                .endsWith("flotilla: [status]\n");
        assertThat(clone.resolve("maven-was-here")).hasContent("built");
    }

    @Test
    void aBuildThatFailsShowsWhyAndRunsNothing() throws Exception {
        fakeMaven("echo '[ERROR] New.java:[1,7] it does not compile'; exit 1");
        var run = launch(Map.of(), "status");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output())
                .contains("New.java:[1,7] it does not compile")
                .contains("the build failed")
                .contains("launcher-build.log");
    }

    @Test
    void aJavaThatIsTooOldIsNamedAndRefused() throws Exception {
        build();
        Path old = folder.resolve("jdk-17");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n");
        executable(old.resolve("bin/java"));
        var run = launch(Map.of("FLOTILLA_JAVA_HOME", old.toString()), "status");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).contains("needs Java 25 or later").contains("is version 17");
    }

    @Test
    void theProgramTakesTheLaunchersPlaceSoThatSignalsReachIt() throws Exception {
        build();
        Path program = program("fleet-controller controller flotilla");
        Files.writeString(program, "#!/bin/sh\necho $$\n");
        Process process = new ProcessBuilder(clone.resolve("flotilla").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output.strip()).isEqualTo(String.valueOf(process.pid()));
    }

    /** What a build leaves: archives newer than every source, and programs that say how they were called. */
    private void build() throws IOException {
        for (String words : PROGRAMS) {
            Path program = program(words);
            Files.createDirectories(program.getParent());
            Files.writeString(
                    program,
                    "#!/bin/sh\nprintf '" + program.getFileName() + ":'\n"
                            + "[ $# -eq 0 ] || printf ' [%s]' \"$@\"\necho\n");
            executable(program);
            String[] parts = words.split(" ", -1);
            Files.writeString(clone.resolve(parts[0] + "/target/flotilla-" + parts[1] + ".tar.gz"), "");
        }
    }

    private Path program(String words) {
        String[] parts = words.split(" ", -1);
        return clone.resolve(
                "%1$s/target/flotilla-%2$s/flotilla-%2$s/bin/%3$s".formatted(parts[0], parts[1], parts[2]));
    }

    private void fakeMaven(String script) throws IOException {
        Path maven = folder.resolve("tools/mvn");
        Files.createDirectories(maven.getParent());
        Files.writeString(maven, "#!/bin/sh\n" + script + "\n");
        executable(maven);
    }

    private Run launch(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(clone.resolve("flotilla").toString());
        command.addAll(List.of(arguments));
        return run(new ProcessBuilder(command), environment);
    }

    private Run run(ProcessBuilder builder, Map<String, String> environment) throws Exception {
        builder.environment().put("PATH", folder.resolve("tools") + ":" + System.getenv("PATH"));
        builder.environment().put("FLOTILLA_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Run(int exitCode, String output) {}
}
