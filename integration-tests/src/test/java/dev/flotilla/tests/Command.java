package dev.flotilla.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs to its end: its exit code and all that it said on both outputs. */
record Command(List<String> line, int exitCode, String output) {
    private static final Duration LONGEST = Duration.ofMinutes(3);

    static Command run(List<String> line) {
        return run(line, Map.of());
    }

    static Command run(List<String> line, Map<String, String> environment) {
        try {
            Path output = Files.createTempFile("flotilla-command", ".log");
            try {
                var builder = new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(output.toFile());
                environment.forEach(builder.environment()::put);
                Process process = builder.start();
                if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(
                            line + " did not end within " + LONGEST + ":\n" + Files.readString(output));
                }
                return new Command(line, process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
            } finally {
                Files.delete(output);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** The controller's own start script with {@code arguments}. */
    static List<String> flotilla(String... arguments) {
        String home = System.getProperty("flotilla.controller.home");
        if (home == null || !Files.isExecutable(Path.of(home, "bin", "flotilla"))) {
            throw new IllegalStateException("the controller is not packed at " + home + ": run mvn verify, not test");
        }
        var line = new ArrayList<String>();
        line.add(Path.of(home).normalize().resolve("bin").resolve("flotilla").toString());
        line.addAll(List.of(arguments));
        return line;
    }

    Command succeeded() {
        if (exitCode != 0) {
            throw new AssertionError(line + " ended with " + exitCode + ":\n" + output);
        }
        return this;
    }
}
