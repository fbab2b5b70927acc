package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.fleet.BuildLimits;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs in sandboxes of a machine, through {@code overseer.py} there. All that a job says and makes comes back over the way by which it
 * was begun, and nothing of it stays: when the way breaks, or we end, so does the job. Safe for many threads.
 */
final class Sandbox {
    /** Beyond a job's own time: to begin, to bring the wheel here. */
    private static final Duration AROUND = Duration.ofMinutes(5);

    private static final ByteSize LARGEST_END = ByteSize.ofMiB(2);
    private static final int MOST_NEEDS = 200;
    private static final int LONGEST_NEED = 1000;
    private static final int LONGEST_REASON = 300;

    private final Machine machine;
    private final String python;
    private final String folder;

    /**
     * @param python that runs the overseer, not the builds
     * @param folder of ours on the machine; the files of jobs are in it already
     */
    Sandbox(Machine machine, String python, String folder) {
        this.machine = machine;
        this.python = python;
        this.folder = folder;
    }

    /** What came of a job. */
    sealed interface Ran {
        /** It needs what these requirements say, and hasn't got it. */
        record Needs(List<String> requirements) implements Ran {}

        /** It has handed out bytes that it says are a wheel, under a name that it gives them. */
        record Made(String filename, Sha256 digest, long size, boolean repaired) implements Ran {}

        /** What a sandbox without sdist has to build with. */
        record Looked(JsonObject facts) implements Ran {}

        /** It ended without any of that, for a reason in a line. */
        record Failed(String reason) implements Ran {}
    }

    /**
     * Runs {@code job}; comes back within its time and five minutes more.
     *
     * @param wheel where the bytes of a wheel go; a file that nobody needs where none is made
     */
    Ran run(SandboxJob job, BuildLog log, Path wheel) throws IOException, InterruptedException {
        var lifeline = new Lifeline(JsonWriter.line(job.json(folder)).getBytes(StandardCharsets.UTF_8));
        try (var hearing = new Hearing(log, wheel)) {
            Outcome outcome = machine.run(
                    MachineCommand.of(python, "-I", "-B", BuilderFiles.path(folder, Script.OVERSEER.digest())),
                    lifeline,
                    hearing::line,
                    job.time().plus(AROUND));
            return switch (outcome) {
                case Outcome.Failed failed -> new Ran.Failed(failed.text());
                case Outcome.Ended ended -> hearing.ran(job, ended);
            };
        } finally {
            lifeline.release();
        }
    }

    /** Takes the overseer's lines. */
    private static final class Hearing implements AutoCloseable {
        private final BuildLog log;
        private final OutputStream wheel;
        private final MessageDigest digester = Sha256.digester();
        private long size;
        private @Nullable String last;
        private @Nullable IOException failed;

        Hearing(BuildLog log, Path wheel) throws IOException {
            this.log = log;
            this.wheel = Files.newOutputStream(wheel);
        }

        synchronized void line(String line) {
            try {
                if (line.startsWith("log ")) {
                    log.write(bytes(line, "log ".length()));
                } else if (line.startsWith("wheel ")) {
                    byte[] part = bytes(line, "wheel ".length());
                    wheel.write(part);
                    digester.update(part);
                    size += part.length;
                } else if (line.startsWith("end ")) {
                    last = line.substring("end ".length());
                } else {
                    log.say(line);
                }
            } catch (IOException | IllegalArgumentException unusable) {
                failed = unusable instanceof IOException disk
                        ? disk
                        : new IOException("the builder says what can't be read", unusable);
            }
        }

        private static byte[] bytes(String line, int from) {
            return Base64.getDecoder().decode(line.substring(from));
        }

        synchronized Ran ran(SandboxJob job, Outcome.Ended ended) throws IOException {
            if (failed != null) {
                throw failed;
            }
            if (last == null) {
                return new Ran.Failed("the builder ended without a word: "
                        + ended.errorText()
                                .strip()
                                .lines()
                                .reduce((first, second) -> second)
                                .orElse("exit code " + ended.exitCode()));
            }
            try {
                JsonObject end = new JsonReader(LARGEST_END).object(last.getBytes(StandardCharsets.UTF_8));
                Ran ran = read(end, job.limits());
                tell(end, ran, job.limits());
                return ran;
            } catch (MalformedJsonException liar) {
                return new Ran.Failed("what came out of the sandbox can't be read: " + liar.getMessage());
            }
        }

        /** What people find in the log beside what the build itself has said. */
        private void tell(JsonObject end, Ran ran, BuildLimits limits) throws IOException {
            long leftOut = end.optionalWhole("leftOut").orElse(0L);
            if (leftOut > 0) {
                log.say("it said " + new ByteSize(leftOut) + " more than the " + limits.output() + " that are kept");
            }
            if (end.optionalWhole("refusedProcesses").orElse(0L) > 0) {
                log.say("it wanted more than the " + limits.processes() + " processes that it may have at once");
            }
            if (end.optionalWhole("killedForMemory").orElse(0L) > 0) {
                log.say("it wanted more than the " + limits.memory() + " of memory that it may have");
            }
            if (end.member("memoryTogether").isPresent() && !end.truth("memoryTogether")) {
                log.say(
                        "memory was bounded for each process and not for all together: this user may make no control group there");
            }
            if (ran instanceof Ran.Failed(String reason)) {
                log.say("failed: " + reason);
            }
        }

        private Ran read(JsonObject end, BuildLimits limits) {
            String why = end.optionalText("why").orElse("");
            if (!why.isEmpty()) {
                return new Ran.Failed(
                        switch (why) {
                            case "time" ->
                                "it took longer than " + limits.time().toSeconds() + " s, and was ended";
                            case "left" -> "nobody waited for it any more, and it was ended";
                            case "result" -> "what it handed out was too large, or can't be read";
                            default ->
                                "the sandbox couldn't be begun: "
                                        + cut(end.optionalText("problem").orElse(why));
                        });
            }
            Optional<JsonObject> head = end.optionalObject("head");
            Optional<String> refused = head.flatMap(said -> said.optionalText("refused"));
            if (head.isEmpty() || refused.isPresent()) {
                return new Ran.Failed(reason(end, head, refused.map(Hearing::cut), limits));
            }
            if (head.get().member("needs").isPresent()) {
                return needs(head.get().sequence("needs"));
            }
            if (head.get().member("wheel").isPresent()) {
                return made(end, head.get());
            }
            return new Ran.Looked(head.get());
        }

        /** A limit that was reached says more than what the build made of it. */
        private static String reason(
                JsonObject end, Optional<JsonObject> head, Optional<String> refused, BuildLimits limits) {
            String said = refused.orElse("it ended with exit code " + end.whole("exit") + " and without a wheel");
            if (end.optionalWhole("killedForMemory").orElse(0L) > 0) {
                return "it wanted more than " + limits.memory() + " of memory: " + said;
            }
            if (head.isPresent()
                    && head.get().member("full").isPresent()
                    && head.get().truth("full")) {
                return "it wrote more than " + limits.disk() + ": " + said;
            }
            if (end.optionalWhole("refusedProcesses").orElse(0L) > 0) {
                return "it wanted more than " + limits.processes() + " processes: " + said;
            }
            return said;
        }

        private static Ran needs(List<Json> said) {
            List<String> requirements = said.stream()
                    .map(one -> one instanceof Json.Text(String text) && text.length() <= LONGEST_NEED ? text : "")
                    .toList();
            return requirements.isEmpty() || requirements.size() > MOST_NEEDS || requirements.contains("")
                    ? new Ran.Failed("what it says it needs can't be read")
                    : new Ran.Needs(requirements);
        }

        private Ran made(JsonObject end, JsonObject head) {
            Sha256 digest = Sha256.finish(digester);
            if (!digest.hex().equals(end.text("sha256")) || size != end.whole("size")) {
                return new Ran.Failed("the wheel didn't arrive whole");
            }
            return new Ran.Made(head.text("wheel"), digest, size, head.truth("repaired"));
        }

        private static String cut(String text) {
            String line = text.replaceAll("\\p{Cntrl}", " ").strip();
            return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
        }

        @Override
        public void close() throws IOException {
            wheel.close();
        }
    }
}
