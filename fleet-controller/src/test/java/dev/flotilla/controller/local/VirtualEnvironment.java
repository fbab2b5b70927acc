package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Python of its own with real pip, which no configuration of this machine reaches. */
final class VirtualEnvironment {
    private final Path folder;

    private VirtualEnvironment(Path folder) {
        this.folder = folder;
    }

    static VirtualEnvironment create(Path parent) throws IOException, InterruptedException {
        Path folder = parent.resolve("venv");
        var environment = new VirtualEnvironment(folder);
        environment.execute(List.of("python3", "-m", "venv", folder.toString()));
        return environment;
    }

    /** Installs what {@code requirement} names and returns all that pip says. */
    String pipInstall(URI index, String requirement) throws IOException, InterruptedException {
        return run(
                "python",
                "-m",
                "pip",
                "install",
                "--no-cache-dir",
                "--disable-pip-version-check",
                "--index-url",
                index.toString(),
                requirement);
    }

    /** Runs a program of this environment and returns its output; any exit code but 0 fails the test. */
    String run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(folder.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return execute(command);
    }

    private String execute(List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PIP_") || name.startsWith("PYTHON"));
        builder.environment().put("PIP_CONFIG_FILE", "/dev/null");
        builder.environment().put("PIP_NO_INPUT", "1");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s%n%s", command, output).isZero();
        return output;
    }
}
