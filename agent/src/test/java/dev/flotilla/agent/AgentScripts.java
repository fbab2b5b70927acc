package dev.flotilla.agent;

import dev.flotilla.agent.bucket.S3Server;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The scripts that start and watch agents, installed with an agent in a folder of the test. */
final class AgentScripts {
    /** Under Maven and in an IDE the tests run in the folder of their module. */
    private static final Path SCRIPTS =
            Path.of("src", "main", "distribution", "bin").toAbsolutePath();

    private final Path home;
    private final Path slots;

    private AgentScripts(Path home, Path slots) {
        this.home = home;
        this.slots = slots;
    }

    /** Installs the scripts beside an agent, which is a script too. */
    static AgentScripts install(Path folder, String agent) throws IOException {
        Path home = folder.resolve("installed");
        Path bin = Files.createDirectories(home.resolve("bin"));
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            for (Path script : scripts.toList()) {
                executable(bin.resolve(script.getFileName()), Files.readString(script));
            }
        }
        executable(bin.resolve("agent"), agent);
        return new AgentScripts(home, folder.resolve("slots"));
    }

    static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException(file + " can't be made executable");
        }
    }

    /** A script that runs the agent of this build. Another {@code variant} is another program. */
    static String realAgent(String variant) {
        return """
                #!/bin/sh
                # %s
                home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd -P)
                exec '%s' -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ErrorFile=/dev/null -XX:-CreateCoredumpOnCrash \\
                    -Dlogback.configurationFile=dev/flotilla/agent/logback.xml \\
                    -Dflotilla.home="$home" -cp '%s' dev.flotilla.agent.Main "$@"
                """.formatted(
                        variant,
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"));
    }

    /** The same, but a script comes before it where it is to run. */
    static String realAgentBehind(String script) {
        return realAgent("bad").replace("\nhome=", "\nif [ \"$1\" = run ]; then\n" + script + "\nfi\nhome=");
    }

    Path home() {
        return home;
    }

    Path slots() {
        return slots;
    }

    Process start(Path output, String script, String... arguments) {
        return start(output, Map.of(), script, arguments);
    }

    Process start(Path output, Map<String, String> environment, String script, String... arguments) {
        var command = Stream.concat(
                        Stream.of(home.resolve("bin").resolve(script).toString()), Stream.of(arguments))
                .toList();
        var builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().put("FLOTILLA_AGENT_SLOTS", slots.toString());
        builder.environment().put("AWS_ACCESS_KEY_ID", S3Server.KEY);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Runs a script to its end, which has to come soon; answers what it printed. */
    String run(String script, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile(home, "output", "");
        Process process = start(output, script, arguments);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(script + " does not end; it said:\n" + Files.readString(output));
        }
        return Files.readString(output);
    }

    /** Every process of this node's agents, scripts included. */
    List<Long> processes() {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9]+"))
                    .filter(this::isOurs)
                    .map(Long::parseLong)
                    .toList();
        } catch (IOException noProc) {
            throw new UncheckedIOException(noProc);
        }
    }

    private boolean isOurs(String pid) {
        try {
            String environment = Files.readString(Path.of("/proc", pid, "environ"), StandardCharsets.ISO_8859_1);
            return environment.contains("FLOTILLA_AGENT_SLOTS=" + slots + "\0")
                    && !environment.contains("FLOTILLA_AGENT_STATE=");
        } catch (IOException goneOrNotOurs) {
            return false;
        }
    }
}
