package dev.flotilla.agent;

import dev.flotilla.agent.bucket.S3Server;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The agent as a process of its own, killed at the latest when it is closed. */
final class AgentProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    private AgentProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static AgentProcess start(String... arguments) {
        return start(Main.class, ProcessBuilder.Redirect.from(new File("/dev/null")), arguments);
    }

    /** With variables beside the usual ones. */
    static AgentProcess start(Map<String, String> environment, String... arguments) {
        return start(Main.class, ProcessBuilder.Redirect.from(new File("/dev/null")), environment, arguments);
    }

    static AgentProcess start(Class<?> main, ProcessBuilder.Redirect input, String... arguments) {
        return start(main, input, Map.of(), arguments);
    }

    private static AgentProcess start(
            Class<?> main, ProcessBuilder.Redirect input, Map<String, String> environment, String... arguments) {
        try {
            Path output = Files.createTempFile("agent", ".log");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=dev/flotilla/agent/logback.xml",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName()));
            command.addAll(List.of(arguments));
            var builder = new ProcessBuilder(command)
                    .redirectInput(input)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("AWS_ACCESS_KEY_ID", S3Server.KEY);
            builder.environment().put("AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
            builder.environment().putAll(environment);
            return new AgentProcess(builder.start(), output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    long pid() {
        return process.pid();
    }

    void kill() {
        TestNode.kill(process.pid());
    }

    void terminate() {
        process.destroy();
    }

    /** Its exit status, which has to come soon. */
    int ended() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the agent does not end; it said:\n" + said());
        }
        return process.exitValue();
    }

    String said() {
        try {
            return Files.readString(output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Files.deleteIfExists(output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
