package dev.flotilla.mirror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The pip of this machine's python3, without the machine's own settings. */
final class MachinePip {
    private MachinePip() {}

    record Outcome(int code, String output) {}

    /** What pip says with these arguments. Its home is {@code folder}; no two at a time may have the same. */
    static Outcome run(Path folder, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(MachinePython.executable().toString(), "-m", "pip"));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("PIP_") || name.endsWith("_proxy") || name.endsWith("_CA_BUNDLE"));
        builder.environment().put("PIP_CONFIG_FILE", "/dev/null");
        builder.environment().put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        builder.environment().put("HOME", folder.toString());
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
