package dev.flotilla.controller.client;

import dev.flotilla.agent.disk.Disk;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real pip with its own defaults, without its cache and without this machine's configuration of it. For one thread at a time. */
public final class Pip {
    /** For a pip that is told to end. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);

    private static final String PIP_SAYS_AGAIN = "Retrying (Retry(";

    private final Path program;
    private final URI index;
    private final String project;
    private final Optional<URI> proxy;
    private final Duration limit;

    /** {@code proxy} is where its names are known, if not here; an installation that takes longer than {@code limit} has failed. */
    public Pip(Path program, URI index, String project, Optional<URI> proxy, Duration limit) {
        this.program = program;
        this.index = index;
        this.project = project;
        this.proxy = proxy;
        this.limit = limit;
    }

    /** What became of an installation. */
    public record Installed(boolean good, boolean retried, String why) {}

    /** The first pip on a path as the environment has it. */
    public static Optional<Path> find(String path) {
        return Stream.of(path.split(":", -1))
                .filter(folder -> !folder.isEmpty())
                .flatMap(folder -> Stream.of("pip3", "pip").map(Path.of(folder)::resolve))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Installs the project into a folder that is deleted afterwards. */
    public Installed install() throws InterruptedException {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("flotilla-pip-");
            return install(folder);
        } catch (IOException failed) {
            return new Installed(false, false, program + " can't be run: " + failed.getMessage());
        } finally {
            remove(folder);
        }
    }

    private Installed install(Path folder) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(program.toString(), "install", "--no-deps", "--ignore-installed"));
        line.addAll(List.of("--no-cache-dir", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"));
        line.addAll(List.of("--target", folder.resolve("site").toString(), "--index-url", index.toString()));
        line.addAll(List.of("--trusted-host", index.getHost()));
        proxy.ifPresent(address -> line.addAll(List.of("--proxy", address.toString())));
        line.add(project);
        Path output = folder.resolve("output");
        var builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PIP_") || name.endsWith("_proxy"));
        builder.environment().put("PIP_CONFIG_FILE", "/dev/null");
        Process process = builder.start();
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Installed(false, true, "pip took longer than " + limit.toSeconds() + " s");
            }
        } finally {
            end(process);
        }
        String said = Files.readString(output, StandardCharsets.ISO_8859_1);
        boolean good = process.exitValue() == 0;
        String why = said.lines()
                .filter(text -> good ? text.contains(PIP_SAYS_AGAIN) : text.startsWith("ERROR"))
                .findFirst()
                .orElseGet(() -> good ? "" : exit(process.exitValue(), said));
        return new Installed(good, said.contains(PIP_SAYS_AGAIN), why);
    }

    /** What stands before pip may have something to say itself. */
    private static String exit(int code, String said) {
        String last = said.lines().filter(text -> !text.isBlank()).reduce("", (before, text) -> text.strip());
        return "exit code " + code + (last.isEmpty() ? "" : ": " + last);
    }

    /** Asked first: what stands before pip, as version managers put it there, may have a lock to give back. */
    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static void remove(@Nullable Path folder) {
        if (folder != null) {
            try {
                Disk.remove(folder);
            } catch (IOException left) {
                // It lies in the folder for temporary files, and the next drill has one of its own.
            }
        }
    }
}
