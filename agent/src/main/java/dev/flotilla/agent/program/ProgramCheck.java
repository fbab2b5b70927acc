package dev.flotilla.agent.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Has a staged program judge a configuration with its {@code check}. Bounded in time and in what it may print. */
public final class ProgramCheck {
    private static final int LARGEST_OUTPUT_BYTES = 16 << 10;
    private static final int MOST_LINES = 10;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final String name;
    private final Duration timeOut;

    /** @param name what the program is called in messages */
    public ProgramCheck(String name, Duration timeOut) {
        this.name = name;
        this.timeOut = timeOut;
    }

    /** The program's judgement. */
    public sealed interface Judgement {
        record Right() implements Judgement {}

        /** The program refuses the configuration, or can't run at all. */
        record Wrong(String reason) implements Judgement {}

        /** It took too long, which may be the machine's fault. */
        record Undecided(String reason) implements Judgement {}
    }

    /** Runs the command, which judges by its status and says why on standard error. */
    public Judgement judge(List<String> command) throws InterruptedException {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Surroundings.NOTHING))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Surroundings.hideCredentials(builder.environment());
        Process process;
        try {
            process = ProgramStart.of(builder);
        } catch (IOException cannotStart) {
            return new Judgement.Wrong("the " + name + " can't be started: " + cannotStart.getMessage());
        }
        var output = new AtomicReference<>("");
        Thread reader = Thread.ofPlatform().name("check-output").daemon().start(() -> output.set(read(process)));
        try {
            if (!process.waitFor(timeOut.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Judgement.Undecided(
                        "the " + name + " did not judge its configuration within " + timeOut.toSeconds() + " s");
            }
            reader.join(LAST_WORDS);
            return process.exitValue() == 0
                    ? new Judgement.Right()
                    : new Judgement.Wrong(described(process.exitValue(), output.get()));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String described(int status, String output) {
        String lines = String.join(
                "; ",
                output.lines().filter(line -> !line.isBlank()).limit(MOST_LINES).toList());
        return lines.isEmpty() ? "the " + name + "'s check ended with status " + status : lines;
    }

    /** Keeps the beginning and drains the rest, so that the process never waits for its reader. */
    private static String read(Process process) {
        try (InputStream errors = process.getErrorStream()) {
            byte[] first = errors.readNBytes(LARGEST_OUTPUT_BYTES);
            byte[] block = new byte[LARGEST_OUTPUT_BYTES];
            int read = 0;
            while (read >= 0) {
                read = errors.read(block);
            }
            return new String(first, StandardCharsets.UTF_8);
        } catch (IOException endedByForce) {
            throw new UncheckedIOException(endedByForce);
        }
    }
}
