package dev.flotilla.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A new virtual environment whose pip knows no index but the one that the test names. */
final class PythonEnvironment {
    private final Path folder;
    private final List<String> prefix;

    private PythonEnvironment(Path folder, List<String> prefix) {
        this.folder = folder;
        this.prefix = prefix;
    }

    static PythonEnvironment create(Path parent) {
        return create(parent, List.of());
    }

    /** Whose pip is run by what {@code prefix} runs. */
    static PythonEnvironment create(Path parent, List<String> prefix) {
        return create(parent, prefix, "python3");
    }

    /** Of this interpreter, a path or a name on the path. */
    static PythonEnvironment create(Path parent, List<String> prefix, String interpreter) {
        try {
            Path folder = Files.createTempDirectory(parent, "venv-");
            Command.run(List.of(interpreter, "-m", "venv", folder.toString())).succeeded();
            return new PythonEnvironment(folder, prefix);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@code pip install} through {@code index}, without pip's cache and without the machine's own configuration. */
    Command install(URI index, String... arguments) {
        var words =
                new ArrayList<>(List.of("install", "--no-cache-dir", "--no-input", "--index-url", index.toString()));
        words.addAll(List.of(arguments));
        return pip(words);
    }

    private Command pip(List<String> arguments) {
        var line = new ArrayList<>(prefix);
        line.add("/usr/bin/env");
        System.getenv().keySet().stream()
                .filter(name -> name.startsWith("PIP_"))
                .forEach(name -> line.addAll(List.of("-u", name)));
        line.add("PIP_CONFIG_FILE=/dev/null");
        line.addAll(List.of(folder.resolve("bin/python").toString(), "-m", "pip", "--disable-pip-version-check"));
        line.addAll(arguments);
        return Command.run(line);
    }

    /** Its pip, for those who run it themselves. */
    Path pip() {
        return folder.resolve("bin/pip");
    }

    /** {@code pip download} of wheels by name from wherever this machine's pip is told to look. */
    Command download(Path target, String... projects) {
        var line = new ArrayList<>(List.of(folder.resolve("bin/python").toString(), "-m", "pip", "download"));
        line.addAll(List.of("--quiet", "--retries", "1", "--only-binary", ":all:", "--dest", target.toString()));
        line.addAll(List.of(projects));
        return Command.run(line);
    }

    /** Runs a line of Python in the environment and gives what it printed. */
    String python(String code) {
        return Command.run(List.of(folder.resolve("bin/python").toString(), "-c", code))
                .succeeded()
                .output()
                .strip();
    }
}
