package dev.flotilla.agent.mirror;

import dev.flotilla.agent.program.ProgramStart;
import dev.flotilla.agent.program.Surroundings;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Has a mirror's program make what it starts faster from ({@code bin/make-start-cache}), once for each program and once that has
 * served undisturbed for a while: it takes a processor for some seconds, which is left to everything else first. It isn't waited for,
 * bounds itself in time, and says in the mirror's log what keeps it from being made. Not thread-safe.
 */
final class StartCache {
    private static final Duration UNDISTURBED = Duration.ofMinutes(1);

    /** It takes leave of what it has started at once. */
    private static final Duration LEAVE = Duration.ofSeconds(5);

    private final MirrorLog log;
    private Optional<Process> making = Optional.empty();
    private Optional<Sha256> asked = Optional.empty();

    StartCache(MirrorLog log) {
        this.log = log;
    }

    /**
     * Answers the process that makes it, where one is started now. A program that brings nothing for it is left alone.
     *
     * @param served for how long its mirror has been ready
     */
    Optional<Process> of(MirrorProgram program, Duration served) throws IOException {
        Path maker = program.folder().resolve("bin").resolve("make-start-cache");
        if (served.compareTo(UNDISTURBED) < 0 || asked.equals(Optional.of(program.program()))) {
            return Optional.empty();
        }
        asked = Optional.of(program.program());
        if (!Files.isExecutable(maker)) {
            return Optional.empty();
        }
        var builder = new ProcessBuilder("nice", "-n", "19", maker.toString())
                .redirectInput(Surroundings.NOTHING)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        Surroundings.hideCredentials(builder.environment());
        making = Optional.of(ProgramStart.of(builder));
        return making;
    }

    /** Ends what is being made, if anything is: nothing of it is left then. */
    void end() throws InterruptedException {
        if (making.isPresent()) {
            making.get().destroy();
            if (!making.get().waitFor(LEAVE.toMillis(), TimeUnit.MILLISECONDS)) {
                making.get().destroyForcibly();
            }
        }
    }
}
