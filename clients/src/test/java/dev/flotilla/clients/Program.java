package dev.flotilla.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of this machine. */
final class Program {
    private Program() {}

    record Outcome(int code, String output) {}

    static Outcome run(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", "");
        var builder =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("PIP_") || name.startsWith("NODEPOOL_") || name.equals("AFS_SLUG"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        var process = builder.start();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    /** What a program says that goes well. */
    static String said(Path folder, String... command) throws IOException, InterruptedException {
        var outcome = run(folder, Map.of(), command);
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }
}
